import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../../../sandbox/clouds/aws.ts";
import { createStsEmulator, type StsEmulator } from "../../../sandbox/clouds/sts.ts";
import { createIdentities } from "../../identity/identities.ts";
import type { Pool } from "../../policy/schema/pools.ts";
import type { NodePools } from "../node-pools.ts";
import { createPools } from "../pools.ts";

// A node group in another account is reached as a role there; what that role is, shared/identity has.

const ARN = "arn:aws:iam::444455556666:role/vramp-nodes";
const OWN = { accessKeyId: "AKIAOWN", secretAccessKey: "own" };
const never = new AbortController().signal;
let now = 0;
let aws: Aws;
let sts: StsEmulator;
let pools: NodePools;

const poolOf = (nodegroup: string, externalId?: string): Pool => ({
  name: nodegroup,
  capacity: "spot",
  control: "desired",
  eks: { region: "eu-central-1", cluster: "gpu", nodegroup, ...(externalId && { roleArn: ARN, externalId }) },
});

beforeEach(async () => {
  now = Math.floor(Date.now() / 1000);
  sts = createStsEmulator({ now: () => now });
  sts.createRole({ arn: ARN, externalId: "fleet-1" });
  aws = await startAws({ now: () => now, services: { sts: sts.service } });
  const scaling = { minSize: 0, maxSize: 4, desiredSize: 2 };
  for (const name of ["ours", "theirs", "also-theirs"])
    aws.eks.createNodegroup({ region: "eu-central-1", cluster: "gpu", name, scaling });
  const identities = createIdentities({ now: () => now, sts: { endpoint: aws.url, credentials: OWN } });
  pools = createPools({ identities, eks: { endpoint: aws.url, credentials: OWN, limits: { attempts: 1 } } });
});
afterEach(() => aws.stop());

describe("EKS pools in another account", () => {
  it("are read and changed as the role, and others as vramp itself", async () => {
    await pools.observe(poolOf("ours"), never);
    await pools.resize(poolOf("theirs", "fleet-1"), 3, "intent-1", never);

    const session = sts.sessions[0]?.accessKeyId;
    expect(aws.calls.map((call) => [call.operation, call.accessKeyId])).toEqual([
      ["DescribeNodegroup", "AKIAOWN"],
      ["DescribeAutoScalingGroups", "AKIAOWN"],
      ["AssumeRole", "AKIAOWN"],
      ["DescribeNodegroup", session],
      ["UpdateNodegroupConfig", session],
    ]);
  });

  it("share one session between them, and between their clients", async () => {
    await Promise.all([
      pools.observe(poolOf("theirs", "fleet-1"), never),
      pools.observe(poolOf("also-theirs", "fleet-1"), never),
    ]);

    expect(sts.sessions).toHaveLength(1);
  });

  it("are Forbidden when the role is denied, which is named and was asked for nothing else [F84]", async () => {
    await expect(pools.observe(poolOf("theirs", "fleet-2"), never)).rejects.toMatchObject({
      kind: "Forbidden",
      message: expect.stringMatching(/gpu\/theirs.*The role vramp-nodes was denied.*trust policy/),
    });
    expect(aws.calls.map((call) => call.operation)).toEqual(["AssumeRole"]);
  });

  it("are Unavailable while STS fails, and come back", async () => {
    aws.fault({ operation: "AssumeRole", kind: "5xx", times: 2 });

    await expect(pools.observe(poolOf("theirs", "fleet-1"), never)).rejects.toMatchObject({ kind: "Unavailable" });
    expect(await pools.observe(poolOf("theirs", "fleet-1"), never)).toMatchObject({ desired: 2 });
  });
});
