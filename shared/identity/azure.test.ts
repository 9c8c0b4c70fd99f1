import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { selfSigned } from "../../sandbox/clouds/certificate.ts";
import { type Entra, type FederatedCredential, startEntra } from "../../sandbox/clouds/entra.ts";
import { createStsEmulator, type StsEmulator } from "../../sandbox/clouds/sts.ts";
import { everythingIn } from "../../test/support/secrets-in.ts";
import { IdentityError } from "./errors.ts";
import { createIdentities } from "./identities.ts";
import { RENEW_BEFORE } from "./limits.ts";

// Azure's libraries read this once, when they are loaded; everything that they log is searched for secrets after each test.
vi.hoisted(() => vi.stubEnv("AZURE_LOG_LEVEL", "verbose"));
afterAll(() => vi.unstubAllEnvs());

const TENANT = "11111111-1111-4111-8111-111111111111";
const APP = "22222222-2222-4222-8222-222222222222";
const FEDERATION = { tenantId: TENANT, clientId: APP };
const ROLE = "arn:aws:iam::111122223333:role/vramp-reconcile";
const ARM = "https://management.azure.com/.default";
const OWN = { accessKeyId: "AKIAOWN", secretAccessKey: "canary-own" };

let now = 0;
let aws: Aws;
let sts: StsEmulator;
let entra: Entra;
let printed: string[];

/** Entra, trusting vramp's role but for what is said otherwise. */
async function trusting(otherwise: Partial<FederatedCredential> = {}) {
  const { issuer, publicKey } = sts;
  const trusted = { issuer, publicKey, subject: ROLE, audience: "api://AzureADTokenExchange", ...otherwise };
  entra = await startEntra({ now: () => now, tenant: TENANT, applications: { [APP]: trusted } });
}

const identities = (deadline = 3, ca = entra.ca) =>
  createIdentities({
    now: () => now,
    sts: { endpoint: aws.url, credentials: OWN, region: "eu-central-1" },
    azure: { authorityHost: entra.url, ca, deadline },
  });
const tokenOf = async (from = identities(), scope = ARM) =>
  (await (await from.azure(FEDERATION)).getToken(scope))?.token ?? "";
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("expected a refusal"),
    (error: unknown) => error,
  );

beforeEach(async () => {
  // Near the real time, which the library counts `expires_in` from.
  now = Math.floor(Date.now() / 1000);
  sts = createStsEmulator({ now: () => now, caller: ROLE });
  aws = await startAws({ now: () => now, services: { sts: sts.service } });
  printed = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => printed.push(String(text)) > 0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all([aws.stop(), entra.stop()]);
  for (const secret of secrets()) expect(printed.join("")).not.toContain(secret);
});

const secrets = () => [...sts.secrets, ...entra.secrets, OWN.secretAccessKey];

describe("Azure's application", () => {
  it("is given for a token that AWS signs, made out to Azure [T18]", async () => {
    await trusting();

    expect(entra.scopeOf(await tokenOf())).toBe(ARM);
    expect(aws.calls).toMatchObject([
      {
        operation: "GetWebIdentityToken",
        region: "eu-central-1",
        input: { "Audience.member.1": "api://AzureADTokenExchange", SigningAlgorithm: "RS256", DurationSeconds: "300" },
      },
    ]);
  });

  it("is taken on once for each scope, and again shortly before its end", async () => {
    await trusting();
    const all = identities();
    const [first] = await Promise.all([tokenOf(all), tokenOf(all)]);
    now += 3600 - RENEW_BEFORE - 5;
    expect(await tokenOf(all)).toBe(first);
    expect(aws.calls).toHaveLength(1);

    now += 10;
    expect(entra.scopeOf(await tokenOf(all))).toBe(ARM);
    expect(entra.scopeOf(await tokenOf(all, "https://prometheus.monitor.azure.com/.default"))).not.toBe(ARM);

    expect(aws.calls).toHaveLength(3);
    expect(entra.secrets).toHaveLength(3);
  });

  it.each<[string, Partial<FederatedCredential>, string]>([
    ["another AWS account", { issuer: "https://other.tokens.sts.global.api.aws" }, "AADSTS700211"],
    ["another audience", { audience: "api://other" }, "AADSTS700212"],
    ["another role", { subject: `${ROLE}-2` }, "AADSTS700213"],
    ["another key", { publicKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey }, "AADSTS700027"],
  ])("is denied when its federated credential trusts %s [F84]", async (_, otherwise, code) => {
    await trusting(otherwise);

    const error = await refusal(tokenOf());

    expect(error).toBeInstanceOf(IdentityError);
    expect(error).toMatchObject({ kind: "denied", message: expect.stringContaining(code) });
    expect(error).toMatchObject({ message: expect.stringMatching(/application 22222222.*docs\/identity\.md/) });
    for (const secret of secrets()) expect(everythingIn(error)).not.toContain(secret);
  });

  it("is denied, with the command that mends it, while the account's outbound federation is off", async () => {
    await trusting();
    sts.setOutboundFederation(false);

    const error = await refusal(tokenOf());

    expect(error).toMatchObject({
      kind: "denied",
      message: expect.stringContaining("aws iam enable-outbound-web-identity-federation"),
    });
    expect(entra.calls).toEqual([]);
  });

  it("is not asked for where the certificate is not trusted", async () => {
    await trusting();

    expect(await refusal(tokenOf(identities(3, selfSigned().cert)))).toMatchObject({ kind: "unavailable" });
    expect(entra.secrets).toEqual([]);
  });

  it("may come later when Entra hangs, and then does", async () => {
    await trusting();
    const hasty = identities(2);
    entra.fault({ operation: "token", kind: "hang", times: 1 });

    expect(await refusal(tokenOf(hasty))).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("within 2 s"),
    });
    expect(entra.scopeOf(await tokenOf(hasty))).toBe(ARM);
  });

  it.each(["denied", "5xx", "reset", "badJson", "throttle", "hang"] as const)(
    "leaves no token in errors or logs when Entra answers with %s [T25]",
    async (kind) => {
      await trusting();
      entra.fault({ operation: "token", kind, times: 9 });

      const error = await refusal(tokenOf(identities(kind === "hang" ? 2 : 10)));

      expect(error).toBeInstanceOf(IdentityError);
      expect(sts.secrets.length).toBeGreaterThan(0);
      expect(printed.join("")).toContain("azure:");
      for (const secret of secrets()) expect(everythingIn(error)).not.toContain(secret);
    },
  );
});
