import { afterEach, describe, expect, it } from "vitest";
import { startAws } from "../../sandbox/clouds/aws.ts";
import type { AwsService } from "../../sandbox/clouds/aws-wire.ts";
import { createSecretsManagerEmulator } from "../../sandbox/clouds/secrets-manager.ts";
import { NOBODY } from "../../test/support/dynalite.ts";
import { SLACK } from "../../test/support/slack.ts";
import { CACHED_FOR, CALL_DEADLINE } from "./limits.ts";
import { SecretUnavailable } from "./secrets.ts";
import { createSecretsManager, createSecretsManagerClient } from "./secrets-manager.ts";
import { createStaticSecrets } from "./static.ts";

const SECRET = "hunter2-is-the-token";

describe("secrets from Secrets Manager", () => {
  let stop = async () => {};
  afterEach(() => stop());

  async function started(service?: AwsService) {
    const time = { now: 1000 };
    const emulator = createSecretsManagerEmulator();
    emulator.put("vramp/token", SECRET);
    const services = { secretsmanager: service ?? emulator.service };
    const aws = await startAws({ now: () => time.now, services });
    const client = createSecretsManagerClient({ endpoint: aws.url, region: "eu-central-1", credentials: NOBODY });
    stop = async () => {
      client.destroy();
      await aws.stop();
    };
    return { aws, emulator, time, secrets: createSecretsManager({ client, now: () => time.now }) };
  }

  it("are asked for once, however many need them at the same time", async () => {
    const { aws, secrets } = await started();
    const values = await Promise.all([1, 2, 3].map(() => secrets.get("vramp/token")));
    expect(values).toEqual([SECRET, SECRET, SECRET]);
    expect(aws.calls).toHaveLength(1);
  });

  it("are used in their new version once the old one was kept for long enough [T2]", async () => {
    const { emulator, time, secrets } = await started();
    await secrets.get("vramp/token");
    emulator.put("vramp/token", "rotated");
    time.now += CACHED_FOR - 1;
    expect(await secrets.get("vramp/token")).toBe(SECRET);
    time.now += 1;
    expect(await secrets.get("vramp/token")).toBe("rotated");
  });

  it("are asked for again after a failure", async () => {
    const { aws, secrets } = await started();
    aws.fault({ operation: "GetSecretValue", kind: "denied" });
    await expect(secrets.get("vramp/token")).rejects.toBeInstanceOf(SecretUnavailable);
    expect(await secrets.get("vramp/token")).toBe(SECRET);
  });

  it("are unavailable, by name and with what to do, when there is no such secret", async () => {
    const { secrets } = await started();
    await expect(secrets.get("vramp/other")).rejects.toThrow(/vramp\/other \(ResourceNotFoundException\); check/);
  });

  it("are unavailable when they hold bytes", async () => {
    const { emulator, secrets } = await started();
    emulator.put("vramp/bytes", new Uint8Array([1]));
    await expect(secrets.get("vramp/bytes")).rejects.toThrow(/vramp\/bytes holds bytes/);
  });

  it("are unavailable within the deadline when nothing answers [F9]", async () => {
    const { aws, secrets } = await started();
    aws.fault({ operation: "*", kind: "hang", times: 9 });
    const since = performance.now();
    await expect(secrets.get("vramp/token")).rejects.toBeInstanceOf(SecretUnavailable);
    expect((performance.now() - since) / 1000).toBeLessThan(CALL_DEADLINE + SLACK);
  });

  it("do not leak through the error of a reply that is no JSON [T25]", async () => {
    const { service } = createSecretsManagerEmulator();
    const { secrets } = await started({
      ...service,
      operation: (request) => ({
        ...service.operation(request),
        run: () => ({ status: 200, headers: {}, body: `{"SecretString": ${SECRET}}` }),
      }),
    });
    const error = await secrets.get("vramp/token").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SecretUnavailable);
    expect(everythingIn(error)).not.toContain("hunter2");
  });
});

describe("static secrets", () => {
  it("are what they were given", async () => {
    expect(await createStaticSecrets({ token: SECRET }).get("token")).toBe(SECRET);
  });

  it.each(["other", "constructor", "__proto__"])("are unavailable under another name, such as %s", async (name) => {
    await expect(createStaticSecrets({ token: SECRET }).get(name)).rejects.toThrow(`there is no secret ${name}`);
  });
});

/** All text in an error, hidden properties and causes included. */
function everythingIn(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value !== "object" || value === null || seen.has(value)) return String(value);
  seen.add(value);
  return Reflect.ownKeys(value)
    .map((key) => everythingIn(Reflect.get(value, key), seen))
    .join("\n");
}
