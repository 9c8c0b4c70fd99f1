import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Wake } from "../../shared/model/observation.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import { SecretUnavailable } from "../../shared/secrets/secrets.ts";
import { createStaticSecrets } from "../../shared/secrets/static.ts";
import { SILENT } from "../../shared/telemetry/telemetry.ts";
import { WakeQueueUnavailable } from "../../shared/wake/wake-queue.ts";
import { fleetOf, NOON } from "../../test/support/fleet.ts";
import { SLACK } from "../../test/support/slack.ts";
import { createAlertsHandler } from "./handler.ts";
import { MAX_ALERTS, MAX_BODY_BYTES } from "./limits.ts";

const TOKEN = "a".repeat(43);
const OLD_TOKEN = "b".repeat(43);

interface Counted {
  readonly name: string;
  readonly value: number;
  readonly why: string | undefined;
}

function setUp(options: { policy?: Policy; send?: () => Promise<void>; secret?: string; now?: number } = {}) {
  const sent: Wake[] = [];
  const counts: Counted[] = [];
  const logs: unknown[] = [];
  const log = (message: string, fields?: object) => void logs.push(message, fields);
  const handler = createAlertsHandler({
    policy: async () => options.policy ?? fleetOf({ alerts: ["LlmQueueHigh", "GpuMemoryHigh"] }),
    queue: { send: async (wakes) => (options.send === undefined ? void sent.push(...wakes) : options.send()) },
    secrets: createStaticSecrets({ tokens: options.secret ?? `${TOKEN}\n${OLD_TOKEN}` }),
    tokenSecret: "tokens",
    telemetry: {
      ...SILENT,
      info: log,
      warn: log,
      error: log,
      count: (name, value, why) => void counts.push({ name, value, why }),
    },
    clock: () => options.now ?? NOON,
  });
  const post = (body: string, headers: Record<string, string> = { Authorization: `Bearer ${TOKEN}` }) =>
    handler({ headers, body, isBase64Encoded: false });
  return { handler, post, sent, counts, logs };
}

const fixture = (name: string): string => readFileSync(`test/fixtures/alertmanager/${name}.json`, "utf8");
const queueFiring = fixture("firing-queue");

/** A notification with these alerts, each given as its labels. */
const notification = (labels: readonly Record<string, string>[], more: object = {}): string =>
  JSON.stringify({
    ...JSON.parse(queueFiring),
    alerts: labels.map((l, i) => ({
      status: "firing",
      labels: l,
      startsAt: "2026-11-18T12:00:00Z",
      fingerprint: String(i),
    })),
    ...more,
  });

describe("who may post [F7]", () => {
  it.each([
    ["the present token", { Authorization: `Bearer ${TOKEN}` }, 202],
    ["the token before, while rotating", { Authorization: `Bearer ${OLD_TOKEN}` }, 202],
    ["a header in lower case", { authorization: `bearer ${TOKEN}` }, 202],
    ["the token as a Basic password", { Authorization: `Basic ${Buffer.from(`am:${TOKEN}`).toString("base64")}` }, 202],
    ["no header", {}, 401],
    ["another token", { Authorization: `Bearer ${"c".repeat(43)}` }, 401],
    ["a prefix of the token", { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    ["an empty token", { Authorization: "Bearer " }, 401],
    ["the token under another scheme", { Authorization: `Digest ${TOKEN}` }, 401],
  ])("%s", async (_, headers, status) => {
    const { post, sent } = setUp();
    const reply = await post(queueFiring, headers as Record<string, string>);
    expect(reply.statusCode).toBe(status);
    expect(sent).toHaveLength(status === 202 ? 1 : 0);
  });

  it("is refused before the body is looked at", async () => {
    const { post, counts } = setUp();
    expect((await post("x".repeat(MAX_BODY_BYTES + 1), {})).statusCode).toBe(401);
    expect(counts).toEqual([{ name: "AlertsRefused", value: 1, why: "BadToken" }]);
  });

  it("says nothing of why to a stranger [T35]", async () => {
    expect(JSON.parse((await setUp().post(queueFiring, {})).body)).toEqual({ error: "unauthorized" });
  });

  it.each(["", "short", `${TOKEN}\n${OLD_TOKEN}\n${"c".repeat(43)}`])(
    "nobody, while the secret holds %j",
    async (secret) => {
      const { post, sent } = setUp({ secret });
      expect((await post(queueFiring)).statusCode).toBe(503);
      expect(sent).toEqual([]);
    },
  );
});

describe("what is refused [F10] [F11]", () => {
  it.each([
    ["no JSON", "{", 400, "not JSON"],
    ["an empty body", "", 400, "not JSON"],
    ["an empty object", "{}", 400, "version 4"],
    ["a list", "[]", 400, "version 4"],
    ["null", "null", 400, "version 4"],
    ["another version", notification([], { version: "3" }), 400, "version"],
    ["alerts that are no list", notification([], { alerts: {} }), 400, "alerts"],
    [
      "a label that is no text",
      notification([], { alerts: [{ status: "firing", labels: { a: 1 }, startsAt: "" }] }),
      400,
      "labels",
    ],
    ["a body over the limit", notification([{ a: "x".repeat(MAX_BODY_BYTES) }]), 413, "limit"],
    ["too many alerts", notification(Array.from({ length: MAX_ALERTS + 1 }, () => ({ a: "b" }))), 413, "max_alerts"],
  ])("%s", async (_, body, status, text) => {
    const { post, sent } = setUp();
    const reply = await post(body);
    expect(reply.statusCode).toBe(status);
    expect(JSON.parse(reply.body).error).toContain(text);
    expect(sent).toEqual([]);
  });

  it("takes exactly as many alerts as the limit", async () => {
    const body = notification(Array.from({ length: MAX_ALERTS }, () => ({ a: "b" })));
    expect((await setUp().post(body)).statusCode).toBe(202);
  });

  it("measures a base64 body by what it holds", async () => {
    const { handler } = setUp();
    const body = Buffer.from(queueFiring).toString("base64");
    const event = { headers: { Authorization: `Bearer ${TOKEN}` }, body, isBase64Encoded: true };
    expect((await handler(event)).statusCode).toBe(202);
  });
});

describe("when trying again may help", () => {
  it.each([
    ["the queue is unreachable", () => Promise.reject(new WakeQueueUnavailable("no answer"))],
    ["anything unexpected happens", () => Promise.reject(new SecretUnavailable("no secret"))],
    ["the queue hangs", () => new Promise<void>(() => {})],
  ])("%s: 503 within a second [F9]", async (_, send) => {
    const began = performance.now();
    expect((await setUp({ send }).post(queueFiring)).statusCode).toBe(503);
    expect(performance.now() - began).toBeLessThan(1000 * (1 + SLACK));
  });
});

describe("whom an alert wakes", () => {
  it.each([
    "auth-basic",
    "firing-grouped-5gpu",
    "firing-mixed-with-resolved",
    "firing-queue",
    "firing-repeat",
    "firing-single",
    "firing-two-alertnames-one-pool",
    "resolved-because-exporter-died",
    "resolved-because-prometheus-died",
    "resolved-group",
    "resolved-single",
  ])("one wake-up for the real body %s [F14]", async (name) => {
    const { post, sent } = setUp();
    expect((await post(fixture(name))).statusCode).toBe(202);
    expect(sent.map(({ workload, trigger }) => ({ workload, trigger }))).toEqual([
      { workload: "llm", trigger: "alert" },
    ]);
  });

  it("every workload when the body is truncated [F13]", async () => {
    const { post, sent } = setUp({ policy: fleetOf({ alerts: [] }) });
    await post(fixture("firing-truncated-max_alerts-2"));
    expect(sent.map((w) => w.workload)).toEqual(["llm"]);
  });

  it("the one its label names, whatever the alert's name", async () => {
    const { post, sent } = setUp();
    await post(notification([{ alertname: "Other", vramp_workload: "llm" }]));
    expect(sent.map((w) => w.workload)).toEqual(["llm"]);
  });

  it.each([
    [{ alertname: "Other" }],
    [{ alertname: "Other", vramp_workload: "nope" }],
    [{ vramp_workload: "__proto__" }],
    [{ vramp_workload: "constructor" }],
    [{}],
  ])("nobody, for %j, which is counted [F16]", async (labels) => {
    const { post, sent, counts } = setUp();
    expect((await post(notification([labels as Record<string, string>]))).statusCode).toBe(202);
    expect(sent).toEqual([]);
    expect(counts).toContainEqual({ name: "AlertsIgnored", value: 1, why: "NoMatchingWorkload" });
  });

  it("survives labels that name an object's own parts [T13]", async () => {
    const body = notification([]).replace(
      '"alerts":[]',
      '"alerts":[{"status":"firing","startsAt":"","labels":{"__proto__":"x","alertname":"LlmQueueHigh"}}]',
    );
    const { post, sent } = setUp();
    expect((await post(body)).statusCode).toBe(202);
    expect(sent).toHaveLength(1);
    expect({}).not.toHaveProperty("x");
  });
});

describe("a wake-up", () => {
  it("is the same for a duplicate, and another one for the next bucket and for resolved [F1] [F18]", async () => {
    const keyAt = async (now: number, body = queueFiring) => {
      const { post, sent } = setUp({ now });
      await post(body);
      return sent[0]?.key;
    };
    const first = await keyAt(NOON);
    expect(await keyAt(NOON + 3)).toBe(first);
    expect(await keyAt(NOON + 60)).not.toBe(first);
    expect(await keyAt(NOON, queueFiring.replaceAll('"firing"', '"resolved"'))).not.toBe(first);
  });

  it("carries no more of the body than a clean, short cause [T4] [T6]", async () => {
    const name = `LlmQueueHigh\r\n\u001b[31mforged ${"x".repeat(500)}`;
    const { post, sent, logs } = setUp();
    await post(notification([{ alertname: name, vramp_workload: "llm", size: "100" }]));
    expect(sent[0]?.cause).toMatch(/^LlmQueueHigh\[31mforged x+$/);
    expect(sent[0]?.cause).toHaveLength(256);
    expect(JSON.stringify([sent, logs])).not.toMatch(/\\u001b|\\r|\\n|100"/);
  });

  it("holds no secret, and neither does a log line [T25]", async () => {
    const { post, sent, logs } = setUp();
    await post(queueFiring);
    await post("{", { Authorization: `Bearer ${TOKEN}` });
    expect(JSON.stringify([sent, logs])).not.toContain(TOKEN);
  });
});
