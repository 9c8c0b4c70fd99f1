import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GoogleTokens, startGoogleTokens } from "../../sandbox/clouds/google-token.ts";
import { everythingIn } from "../../test/support/secrets-in.ts";
import type { WorkloadIdentity } from "../policy/schema/identities.ts";
import { IdentityError } from "./errors.ts";
import { createIdentities, type Identities } from "./identities.ts";
import { RENEW_BEFORE } from "./limits.ts";

const AUDIENCE =
  "//iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/vramp/providers/aws-reconcile";
const ACCOUNT = "vramp@example.iam.gserviceaccount.com";
const SESSION = { accessKeyId: "ASIAOWN", secretAccessKey: "canary-secret", sessionToken: "canary-session" };

let now = 0;
let google: GoogleTokens;
let identities: Identities;

const identitiesWith = (credentials = SESSION, deadline = 2) =>
  createIdentities({
    now: () => now,
    sts: { credentials, region: "eu-central-1" },
    google: { tokenUrl: `${google.url}/v1/token`, credentialsUrl: google.url, deadline },
  });

beforeEach(async () => {
  // Near the real time, which the library signs with and counts `expires_in` from.
  now = Math.floor(Date.now() / 1000);
  google = await startGoogleTokens({ now: () => now, audience: AUDIENCE, serviceAccounts: [ACCOUNT] });
  identities = identitiesWith();
});
afterEach(() => google.stop());

const tokenOf = async (workload: WorkloadIdentity, from = identities): Promise<string> =>
  (await (await from.google(workload)).getAccessToken()) ?? "";
const operations = () => google.calls.map((call) => call.operation);
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("expected a refusal"),
    (error: unknown) => error,
  );

describe("Google's workload identity", () => {
  it("is given for a request that AWS's credentials sign [T18]", async () => {
    expect(google.whoIs(await tokenOf({ audience: AUDIENCE }))).toBe("federated");
    expect(operations()).toEqual(["exchange"]);
  });

  it("becomes the service account that is named", async () => {
    expect(google.whoIs(await tokenOf({ audience: AUDIENCE, serviceAccount: ACCOUNT }))).toBe(ACCOUNT);
    expect(operations()).toEqual(["exchange", "impersonate"]);
  });

  it("stands in the headers of Google's clients", async () => {
    const auth = await identities.google({ audience: AUDIENCE });
    const headers = await (await auth.getClient()).getRequestHeaders();

    expect(google.whoIs(headers.get("authorization")?.replace("Bearer ", "") ?? "")).toBe("federated");
  });

  it.each([undefined, ACCOUNT])(
    "is taken on once, and again shortly before its end (as %s)",
    async (serviceAccount) => {
      const workload = { audience: AUDIENCE, serviceAccount };
      const [first] = await Promise.all([tokenOf(workload), tokenOf(workload)]);
      now += 3600 - RENEW_BEFORE - 5;
      expect(await tokenOf(workload)).toBe(first);
      const before = operations().length;

      now += 10;
      const next = await tokenOf(workload);

      expect(next).not.toBe(first);
      expect(google.whoIs(next)).toBe(serviceAccount ?? "federated");
      expect(operations()).toHaveLength(2 * before);
    },
  );

  it.each([
    ["another provider", { audience: `${AUDIENCE}-2` }, /workload identity was denied/],
    [
      "another service account",
      { audience: AUDIENCE, serviceAccount: "x@example.iam.gserviceaccount.com" },
      /service account x@example.*HTTP 403/,
    ],
  ])("is denied for %s, by name and with what to mend [F84]", async (_, workload, text) => {
    const error = await refusal(tokenOf(workload));

    expect(error).toBeInstanceOf(IdentityError);
    expect(error).toMatchObject({ kind: "denied", message: expect.stringMatching(text) });
    expect(error).toMatchObject({ message: expect.stringContaining("docs/identity.md") });
  });

  it("is denied without AWS credentials to sign with", async () => {
    const none = createIdentities({
      sts: {
        region: "eu-central-1",
        credentials: async () => {
          throw Object.assign(new Error("none"), { name: "CredentialsProviderError" });
        },
      },
      google: { tokenUrl: `${google.url}/v1/token` },
    });

    const error = await refusal(tokenOf({ audience: AUDIENCE }, none));

    expect(error).toMatchObject({ kind: "denied", message: expect.stringContaining("AWS credentials") });
    expect(google.calls).toEqual([]);
  });

  it("may come later when Google hangs, and then does", async () => {
    const hasty = identitiesWith(SESSION, 0.2);
    google.fault({ operation: "exchange", kind: "hang", times: 1 });

    const error = await refusal(tokenOf({ audience: AUDIENCE }, hasty));

    expect(error).toMatchObject({ kind: "unavailable", message: expect.stringContaining("within 0.2 s") });
    expect(google.whoIs(await tokenOf({ audience: AUDIENCE }, hasty))).toBe("federated");
  });

  it.each(["5xx", "reset", "badJson"] as const)("may come later when Google fails (%s)", async (kind) => {
    google.fault({ operation: "exchange", kind, times: 9 });

    expect(await refusal(tokenOf({ audience: AUDIENCE }, identitiesWith(SESSION, 0.5)))).toMatchObject({
      kind: "unavailable",
    });
  });

  it.each(["denied", "5xx", "reset", "badJson", "throttle", "hang"] as const)(
    "leaves neither tokens nor signed requests in the error when %s comes in between [T25]",
    async (kind) => {
      google.fault({ operation: "impersonate", kind, times: 9 });

      const error = await refusal(
        tokenOf({ audience: AUDIENCE, serviceAccount: ACCOUNT }, identitiesWith(SESSION, 0.5)),
      );

      expect(error).toBeInstanceOf(IdentityError);
      const said = everythingIn(error);
      expect(google.secrets).toHaveLength(2);
      for (const secret of google.secrets) expect(said).not.toContain(secret);
      expect(said).not.toMatch(/canary|Signature|Credential=/);
    },
  );
});
