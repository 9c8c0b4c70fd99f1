import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { startGke } from "../../sandbox/clouds/gke.ts";
import type { Pool } from "../policy/schema/pools.ts";
import { createPools } from "./pools.ts";

const never = new AbortController().signal;
const BASE = { name: "llm", capacity: "spot", control: "desired" } as const;
const EKS: Pool = { ...BASE, eks: { region: "eu-central-1", cluster: "gpu", nodegroup: "llm" } };
const GKE: Pool = { ...BASE, gke: { project: "p", location: "europe-west4", cluster: "gpu", nodePool: "llm" } };

let aws: Aws;
beforeAll(async () => {
  aws = await startAws({ now: () => 1_800_000_000 });
  const scaling = { minSize: 0, maxSize: 4, desiredSize: 2 };
  aws.eks.createNodegroup({ region: "eu-central-1", cluster: "gpu", name: "llm", scaling });
});
afterAll(() => aws.stop());
afterEach(() => vi.unstubAllEnvs());

it("asks a pool's own cloud", async () => {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const pools = createPools({ eks: { endpoint: aws.url, credentials } });

  expect(await pools.observe(EKS, never)).toMatchObject({ desired: 2 });
});

it("finds AWS and its credentials in the environment, as any AWS tool does", async () => {
  vi.stubEnv("AWS_ENDPOINT_URL", aws.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");

  expect(await createPools().observe(EKS, never)).toMatchObject({ desired: 2 });
});

it("asks Google for a pool on GKE", async () => {
  const gke = await startGke({ now: () => 1_800_000_000 });
  gke.createNodePool({ project: "p", location: "europe-west4", cluster: "gpu", name: "llm", size: 1 });
  const pools = createPools({ gke: { endpoint: gke.url, computeEndpoint: gke.url } });

  expect(await pools.observe(GKE, never)).toMatchObject({ desired: 3 });
  await gke.stop();
});
