import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { createStsEmulator, type StsEmulator } from "../../sandbox/clouds/sts.ts";
import { everythingIn } from "../../test/support/secrets-in.ts";
import { IdentityError } from "./errors.ts";
import { createIdentities, type Identities } from "./identities.ts";
import { RENEW_BEFORE } from "./limits.ts";
import { sessionNameOf } from "./session-name.ts";

const ARN = "arn:aws:iam::444455556666:role/team/vramp-nodes";
const ROLE = { region: "eu-north-1", roleArn: ARN, externalId: "fleet-1" };
const OWN = { accessKeyId: "AKIAOWN", secretAccessKey: "canary-own" };

let now = 0;
let aws: Aws;
let sts: StsEmulator;
let identities: Identities;

beforeEach(async () => {
  now = 1_800_000_000;
  sts = createStsEmulator({ now: () => now });
  sts.createRole({ arn: ARN, externalId: "fleet-1" });
  aws = await startAws({ now: () => now, services: { sts: sts.service } });
  identities = createIdentities({
    session: "vramp-prod",
    now: () => now,
    sts: { endpoint: aws.url, credentials: OWN, region: "eu-central-1" },
  });
});
afterEach(() => aws.stop());

/** What a promise is refused with. */
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("expected a refusal"),
    (error: unknown) => error,
  );

describe("an AWS role", () => {
  it("is assumed in the region that it is for, under vramp's name and the external id [T19]", async () => {
    const credentials = await identities.aws(ROLE)();

    expect(aws.calls).toMatchObject([{ region: "eu-north-1", accessKeyId: "AKIAOWN", outcome: { status: 200 } }]);
    expect(aws.calls[0]?.input).toMatchObject({
      RoleArn: ARN,
      RoleSessionName: "vramp-prod",
      ExternalId: "fleet-1",
      DurationSeconds: "3600",
    });
    expect(credentials.accessKeyId).toBe(sts.sessions[0]?.accessKeyId);
    expect(sts.secrets).toEqual([credentials.secretAccessKey, credentials.sessionToken]);
    expect(credentials.expiration).toEqual(new Date((now + 3600) * 1000));
  });

  it("is assumed once for everyone who asks, and again shortly before its end", async () => {
    const first = await identities.aws(ROLE)();
    now += 3600 - RENEW_BEFORE - 1;
    // Another caller, with the same role said in another order.
    const { region, ...rest } = ROLE;
    expect(await identities.aws({ ...rest, region })()).toBe(first);

    now += 1;
    const next = await identities.aws(ROLE)();

    expect(next.accessKeyId).not.toBe(first.accessKeyId);
    expect(sts.sessions).toHaveLength(2);
  });

  it("is kept apart from the same role under another external id [T19]", async () => {
    await identities.aws(ROLE)();

    await expect(identities.aws({ ...ROLE, externalId: "fleet-2" })()).rejects.toMatchObject({ kind: "denied" });
  });

  it.each([
    ["another external id", { ...ROLE, externalId: "fleet-2" }, /under the external id/],
    ["no external id", { region: ROLE.region, roleArn: ARN }, /let vramp's own role call sts:AssumeRole/],
    ["a role that is not there", { ...ROLE, roleArn: `${ARN}-2` }, /vramp-nodes-2/],
  ])("is denied with %s, by name and with what to mend [F84]", async (_, role, text) => {
    const error = await refusal(identities.aws(role)());

    expect(error).toBeInstanceOf(IdentityError);
    expect(error).toMatchObject({ kind: "denied", message: expect.stringMatching(text) });
    expect(error).toMatchObject({ message: expect.stringMatching(/The role team\/vramp-nodes.*trust policy/) });
    expect(everythingIn(error)).not.toMatch(/canary|arn:|444455556666|111122223333/);
  });

  it.each(["5xx", "throttle", "reset", "badJson"] as const)("may come later when STS fails (%s)", async (kind) => {
    aws.fault({ operation: "AssumeRole", kind, times: 2 });

    const error = await refusal(identities.aws(ROLE)());

    expect(error).toBeInstanceOf(IdentityError);
    expect(error).toMatchObject({ kind: "unavailable" });
    expect(everythingIn(error)).not.toContain("canary");
    aws.clearFaults();
    expect((await identities.aws(ROLE)()).accessKeyId).toBe(sts.sessions.at(-1)?.accessKeyId);
  });

  it("is given up within seconds when STS hangs", async () => {
    aws.fault({ operation: "AssumeRole", kind: "hang", times: 9 });

    const error = await refusal(identities.aws(ROLE)());

    expect(error).toMatchObject({ kind: "unavailable", message: expect.stringContaining("TimeoutError") });
  }, 8000);
});

it.each([
  ["prod", "vramp-prod"],
  ["eu/west prod", "vramp-eu-west-prod"],
  ["x".repeat(99), `vramp-${"x".repeat(58)}`],
])("names the sessions of fleet %s as AWS allows", (fleet, name) => {
  expect(sessionNameOf(fleet)).toBe(name);
  expect(name).toMatch(/^[\w+=,.@-]{2,64}$/);
});
