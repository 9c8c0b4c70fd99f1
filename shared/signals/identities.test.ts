import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { createCloudWatchEmulator } from "../../sandbox/clouds/cloudwatch.ts";
import { type Entra, startEntra } from "../../sandbox/clouds/entra.ts";
import { type GoogleTokens, startGoogleTokens } from "../../sandbox/clouds/google-token.ts";
import { createStsEmulator, type StsEmulator } from "../../sandbox/clouds/sts.ts";
import {
  matrix,
  type ScriptedPrometheus,
  series,
  startScriptedPrometheus,
} from "../../test/support/scripted-prometheus.ts";
import { createIdentities } from "../identity/identities.ts";
import type { SourceAuth } from "../policy/schema/signals.ts";
import { signal } from "../policy/schema/signals.ts";
import { createStaticSecrets } from "../secrets/static.ts";
import { createSources, type SignalSources } from "./sources.ts";

const ARN = "arn:aws:iam::444455556666:role/vramp-metrics";
const OWN = { accessKeyId: "AKIAOWN", secretAccessKey: "canary-own" };
const AUDIENCE = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/vramp/providers/aws";
const FEDERATION = {
  tenantId: "11111111-1111-4111-8111-111111111111",
  clientId: "22222222-2222-4222-8222-222222222222",
};
const ROLE = "arn:aws:iam::111122223333:role/vramp-reconcile";
const never = new AbortController().signal;
const QUEUE = signal.parse({ source: "prom", query: "q", maxAge: "90s" });

let now = 0;
let aws: Aws;
let sts: StsEmulator;
let google: GoogleTokens;
let entra: Entra;
let prometheus: ScriptedPrometheus;
let sources: SignalSources;

beforeEach(async () => {
  now = Math.floor(Date.now() / 1000);
  sts = createStsEmulator({ now: () => now, caller: ROLE });
  sts.createRole({ arn: ARN, externalId: "fleet-1" });
  const monitoring = createCloudWatchEmulator(() => now).service;
  aws = await startAws({ now: () => now, services: { sts: sts.service, monitoring } });
  google = await startGoogleTokens({ now: () => now, audience: AUDIENCE });
  const { issuer, publicKey } = sts;
  const trusted = { issuer, publicKey, subject: ROLE, audience: "api://AzureADTokenExchange" };
  const { tenantId: tenant, clientId } = FEDERATION;
  entra = await startEntra({ now: () => now, tenant, applications: { [clientId]: trusted } });
  prometheus = await startScriptedPrometheus(now, [matrix([series(now)])]);
  const identities = createIdentities({
    now: () => now,
    sts: { endpoint: aws.url, credentials: OWN, region: "eu-central-1" },
    google: { tokenUrl: `${google.url}/v1/token` },
    azure: { authorityHost: entra.url, ca: entra.ca },
  });
  sources = createSources({ secrets: createStaticSecrets({}), identities });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([aws.stop(), google.stop(), entra.stop(), prometheus.stop()]);
});

const read = async (auth: SourceAuth) => {
  const source = await sources.open({ prometheus: { url: prometheus.url, auth } });
  return source.fetch({ name: "queue", signal: QUEUE, window: 90, now }, never);
};
const bearer = () => prometheus.seen[0]?.headers.authorization?.replace("Bearer ", "") ?? "";

describe("a Prometheus elsewhere", () => {
  it("at Google gets a token of the workload identity's", async () => {
    expect((await read({ google: { audience: AUDIENCE } })).kind).toBe("series");
    expect(google.whoIs(bearer())).toBe("federated");
  });

  it("at Azure gets a token of the application's, made out to Azure Monitor", async () => {
    expect((await read({ azure: FEDERATION })).kind).toBe("series");
    expect(entra.scopeOf(bearer())).toBe("https://prometheus.monitor.azure.com/.default");
  });

  it("in another AWS account gets requests that the role signs", async () => {
    const auth = { sigv4: { region: "eu-central-1", roleArn: ARN, externalId: "fleet-1" } };

    expect((await read(auth)).kind).toBe("series");
    expect(prometheus.seen[0]?.headers.authorization).toContain(`Credential=${sts.sessions[0]?.accessKeyId}/`);
    expect(prometheus.seen[0]?.headers["x-amz-security-token"]).toBe(sts.secrets[1]);
  });

  it.each<[string, SourceAuth, RegExp]>([
    ["Google", { google: { audience: `${AUDIENCE}-2` } }, /Google's workload identity was denied/],
    ["Azure", { azure: { ...FEDERATION, clientId: FEDERATION.tenantId } }, /application 11111111.*AADSTS700016/],
    ["an AWS role", { sigv4: { region: "eu-central-1", roleArn: ARN } }, /The role vramp-metrics was denied/],
  ])("is unknown as denied when %s does not give the identity, and is not asked", async (_, auth, detail) => {
    const observation = await read(auth);

    expect(observation).toMatchObject({ kind: "unknown", why: "denied", detail: expect.stringMatching(detail) });
    expect(JSON.stringify(observation)).not.toMatch(/canary|arn:/);
    expect(prometheus.seen).toEqual([]);
  });

  it("is unknown for want of credentials while the identity cannot be had", async () => {
    google.fault({ operation: "exchange", kind: "reset", times: 9 });

    expect(await read({ google: { audience: AUDIENCE } })).toMatchObject({ kind: "unknown", why: "noCredentials" });
  });
});

it("is unknown for want of credentials where the machine has no identity at Google", async () => {
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json");

  expect(await read("google")).toMatchObject({
    kind: "unknown",
    why: "noCredentials",
    detail: expect.stringContaining("no identity at Google"),
  });
});

describe("CloudWatch in another account", () => {
  const METRIC = { namespace: "AWS/SQS", name: "n", statistic: "Sum", period: "60s" };
  const metric = signal.parse({ source: "cw", metric: METRIC, maxAge: "5m" });
  const readMetric = async (externalId: string) => {
    vi.stubEnv("AWS_ENDPOINT_URL", aws.url);
    const source = await sources.open({ cloudwatch: { region: "eu-north-1", roleArn: ARN, externalId } });
    return source.fetch({ name: "n", signal: metric, window: 300, now }, never);
  };

  it("is read as the role", async () => {
    expect(await readMetric("fleet-1")).toEqual({ kind: "empty" });
    expect(aws.calls).toMatchObject([
      { operation: "AssumeRole", region: "eu-north-1", accessKeyId: "AKIAOWN" },
      { operation: "GetMetricData", region: "eu-north-1", accessKeyId: sts.sessions[0]?.accessKeyId },
    ]);
  });

  it("is unknown as denied when the role is", async () => {
    expect(await readMetric("fleet-2")).toMatchObject({
      kind: "unknown",
      why: "denied",
      detail: expect.stringMatching(/The role vramp-metrics was denied/),
    });
  });
});
