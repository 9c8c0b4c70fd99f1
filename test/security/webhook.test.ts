import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createAlertsHandler } from "../../functions/alerts/handler.ts";
import { MAX_ALERTS, MAX_BODY_BYTES, MAX_NESTING } from "../../functions/alerts/limits.ts";
import { nestingOf } from "../../functions/alerts/nesting.ts";
import { listenOnLoopback } from "../../functions/http/listen.ts";
import type { Wake } from "../../shared/model/observation.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import { createStaticSecrets } from "../../shared/secrets/static.ts";
import { createPowertools } from "../../shared/telemetry/powertools.ts";
import { SILENT, type Telemetry } from "../../shared/telemetry/telemetry.ts";
import { type WakeQueue, WakeQueueUnavailable } from "../../shared/wake/wake-queue.ts";
import { fleetOf, MINUTE, NOON, seriesOf, workloadIn } from "../support/fleet.ts";
import { matrix } from "../support/scripted-prometheus.ts";
import { ALERT_TOKEN, alertOf, startWay, type Way, webhook } from "./whole-way.ts";

const LLM = { alertname: "LlmQueueHigh" };

/** What a handler makes of a body, and all that it says of it. */
async function received(body: string, options: { telemetry?: Telemetry; policy?: Policy; queue?: WakeQueue } = {}) {
  const { telemetry = SILENT, policy = fleetOf({ alerts: ["LlmQueueHigh"] }) } = options;
  const wakes: Wake[] = [];
  const handler = createAlertsHandler({
    policy: async () => policy,
    queue: options.queue ?? { send: async (sent) => void wakes.push(...sent) },
    secrets: createStaticSecrets({ tokens: ALERT_TOKEN }),
    tokenSecret: "tokens",
    telemetry,
    clock: () => NOON,
  });
  const headers = { Authorization: `Bearer ${ALERT_TOKEN}` };
  const reply = await handler({ headers, body, isBase64Encoded: false });
  return { status: reply.statusCode, said: reply.body, headers: reply.headers, wakes };
}

let way: Way | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await way?.prometheus.stop();
  way = undefined;
});

/** The queue as the source tells it, for the last half-hour. */
const queueOf = (value: number) => {
  const { samples } = seriesOf(NOON, 30 * MINUTE, () => value);
  return matrix([{ metric: {}, values: samples.map(([at, each]) => [at, String(each)]) }]);
};

/** Any JSON, with the words of sizes and of every object's own parts among its keys. */
const word = fc.oneof(
  fc.constantFrom("nodes", "size", "targetSize", "replicas", "want", "vramp_nodes", "__proto__", "constructor"),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.integer(), fc.boolean(), fc.string({ unit: "binary" }), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(word, tie("value")), { maxLength: 3 }).map(Object.fromEntries),
  ),
})).value;
const labels = fc.dictionary(word, fc.string({ unit: "binary", maxLength: 40 }), { maxKeys: 5 });

describe("what a webhook can bring about", () => {
  test("is a wake-up of a workload that the policy has, and nothing else [T4]", async () => {
    const named = fc.record({ vramp_workload: fc.constantFrom("llm", "nope", "__proto__", "toString") });
    const anyLabels = fc.tuple(labels, named, fc.boolean()).map(([l, n, own]) => ({ ...l, ...(own ? n : LLM) }));
    const bodies = fc.tuple(fc.array(anyLabels, { maxLength: 4 }), fc.dictionary(word, json, { maxKeys: 4 }));
    await fc.assert(
      fc.asyncProperty(bodies, async ([alerts, more]) => {
        const { wakes } = await received(
          webhook(
            alerts.map((each) => alertOf(each, more)),
            { strange: more },
          ),
        );
        for (const wake of wakes) {
          expect(Object.keys(wake).toSorted()).toEqual(["at", "cause", "key", "trigger", "workload"]);
          expect(wake).toMatchObject({ workload: "llm", trigger: "alert", at: NOON });
          expect(wake.cause).toMatch(/^[^\p{Cc}\p{Cf}]{0,256}$/u);
          expect(wake.key).toMatch(/^[0-9a-f]{64}$/);
        }
        expect(wakes.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 150 },
    );
  });

  test("no size: a replayed alert that asks for 100 nodes changes nothing while the queue is short [T3] [T28]", async () => {
    way = await startWay({ answers: [queueOf(30)] });
    const old = alertOf({ ...LLM, nodes: "100" }, { startsAt: "2020-01-01T00:00:00Z", nodes: 100, targetSize: 100 });

    expect(await way.post(webhook([old], { nodes: 100 }))).toMatchObject({ status: 202 });

    expect(way.prometheus.seen).toHaveLength(1);
    expect(way.sizes).toEqual([]);
  });

  test("a size that the metrics ask for, whatever the alert says: also one that is resolved and asks for none [F2] [T4]", async () => {
    way = await startWay({ answers: [queueOf(120)] });

    await way.post(webhook([alertOf({ ...LLM, nodes: "0" }, { status: "resolved", nodes: 0 })]));

    expect(way.sizes).toEqual([3]);
  });

  test.each([
    '"} or vector(1) #',
    "queue) or vector(1000",
    "$__range",
    "{{ .Labels.x }}",
    "%22%7D+or+vector(1)",
    "a&query=vector(1000)",
    "\n# x\nvector(1)",
  ])("no query: the policy's is sent as it is, though a label is %j [T5]", async (text) => {
    way = await startWay({ answers: [queueOf(30)] });

    await way.post(webhook([alertOf({ ...LLM, queue: text, pool: text, vramp_signal: text, [text]: text })]));
    await way.post(webhook([alertOf({ alertname: text, vramp_workload: "llm" })]));

    const queries = way.prometheus.seen.map(({ body }) => new URLSearchParams(body).getAll("query"));
    expect(queries).toEqual([["queue"], ["queue"]]);
  });

  test("no request: its URLs are not fetched, nor passed on or repeated [T8]", async () => {
    let fetched = 0;
    const trap = await listenOnLoopback((_, response) => {
      fetched += 1;
      response.end();
    });
    const lines: unknown[] = [];
    const log = (...line: unknown[]) => void lines.push(line);
    way = await startWay({ answers: [queueOf(120)], telemetry: { ...SILENT, info: log, warn: log, error: log } });

    const urls = { generatorURL: trap.url, annotations: { runbook_url: trap.url, dashboard: trap.url } };
    const reply = await way.post(webhook([alertOf({ ...LLM, url: trap.url }, urls)], { externalURL: trap.url }));
    await trap.stop();

    expect(reply.status).toBe(202);
    expect(fetched).toBe(0);
    expect(JSON.stringify([reply, way.wakes, lines]) + (await way.kept())).not.toContain(trap.url);
  });

  test("no line of the log but its own, whatever it is called [T6]", async () => {
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
    const telemetry = createPowertools();
    const nasty = fc.oneof(
      fc.constantFrom('a\r\n{"level":"ERROR"}', "\u001b[2J\u001b[31mred", "a\u2028b", "\u202Egnp.exe", "\u0000"),
      fc.string({ unit: "binary" }),
    );
    await fc.assert(
      fc.asyncProperty(nasty, async (text) => {
        await received(webhook([alertOf({ alertname: text, vramp_workload: "llm" })]), { telemetry });
        await received(`{"version":${JSON.stringify(text)}}`, { telemetry });
        telemetry.warn(text, { [text]: [text] });
      }),
      { numRuns: 50 },
    );
    const lines = written
      .join("")
      .split("\n")
      .filter((line) => line !== "");
    vi.restoreAllMocks();

    expect(lines.length).toBeGreaterThan(100);
    for (const line of lines) {
      expect(JSON.parse(line)).toBeTypeOf("object");
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\\u001b|\\r|\\n/u);
    }
  });
});

describe("a body that is a burden", () => {
  test.each([
    ["10 MB", () => `"${"x".repeat(10_000_000)}"`, 413, "BodyTooLarge"],
    ["a million alerts", () => `{"alerts":[${"{},".repeat(1_000_000)}{}]}`, 413, "BodyTooLarge"],
    ["too many alerts in few bytes", () => `{"alerts":[${"1,".repeat(MAX_ALERTS)}1]}`, 413, "TooManyAlerts"],
    ["lists in lists", () => "[".repeat(100_000) + "]".repeat(100_000), 400, "NestedTooDeep"],
    ["lists without end", () => "[".repeat(MAX_BODY_BYTES), 400, "NestedTooDeep"],
    ["objects in objects", () => '{"a":'.repeat(MAX_NESTING + 1), 400, "NestedTooDeep"],
    ["quotes that are escaped without end", () => '"\\'.repeat(MAX_BODY_BYTES / 4), 400, "NotJson"],
  ])("of %s is refused [F10]", async (_, body, status, why) => {
    const counted: unknown[] = [];
    const count = (...each: unknown[]) => void counted.push(each);
    expect((await received(body(), { telemetry: { ...SILENT, count } })).status).toBe(status);
    expect(counted).toEqual([["AlertsRefused", 1, why]]);
  });

  test.each([
    [String.raw`["\"[[[["]`, 1],
    [String.raw`{"a":"\\","b":[[1]]}`, 3],
    ['{"]}":"[{"}', 1],
    ["", 0],
  ])("%s nests %i deep: brackets in strings do not count [F10]", (text, depth) => expect(nestingOf(text)).toBe(depth));

  test("nests as deep as its parse does [F10]", () => {
    const depthOf = (value: unknown): number =>
      typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(nestingOf(text)).toBe(depthOf(JSON.parse(text)));
      }),
    );
  });
});

describe("Alertmanager's own ways", () => {
  test("fields of a later version are let through, wherever they stand [F11]", async () => {
    await fc.assert(
      fc.asyncProperty(word, json, async (name, value) => {
        const known = new Set(["status", "labels", "startsAt", "fingerprint", "version", "alerts", "receiver"]);
        const more = known.has(name) ? {} : { [`x${name}`]: value, notification_reason: value };
        expect((await received(webhook([alertOf(LLM, more)], more))).status).toBe(202);
      }),
      { numRuns: 50 },
    );
  });

  test("the body of a custom payload is refused with what to do [F12]", async () => {
    const { status, said } = await received(JSON.stringify({ text: "LlmQueueHigh is firing", channel: "#gpu" }));
    expect(status).toBe(400);
    expect(said).toMatch(/expected an Alertmanager webhook body, version 4.*no custom payload/);
  });

  test("each alert's own status counts, not the group's [F14]", async () => {
    const [wake] = (await received(webhook([alertOf(LLM, { status: "resolved" })], { status: "firing" }))).wakes;
    expect(wake?.cause).toBe("LlmQueueHigh resolved");
  });

  test("times that cannot be, in the past and in the future, move nothing [F15]", async () => {
    const time = fc.oneof(
      fc.constantFrom("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "", "soon"),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(time, time, async (startsAt, endsAt) => {
        const { status, wakes } = await received(webhook([alertOf(LLM, { startsAt, endsAt })]));
        expect(status).toBe(202);
        expect(wakes).toMatchObject([{ workload: "llm", at: NOON }]);
      }),
      { numRuns: 50 },
    );
  });

  test("the order of alerts in a body makes no other wake-up of it", async () => {
    const alerts = ["a", "b", "c"].map((fingerprint) => alertOf(LLM, { fingerprint }));
    const [inOrder] = (await received(webhook(alerts))).wakes;
    const [reversed] = (await received(webhook(alerts.toReversed()))).wakes;
    expect(reversed?.key).toBe(inOrder?.key);
  });

  test("a storm of alerts over hundreds of workloads is one wake-up for each [F17]", async () => {
    const one = fleetOf({ alerts: ["Storm"] });
    const workloads = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`w${i}`, workloadIn(one)]));
    const storm = Array.from({ length: MAX_ALERTS }, (_, i) => ({ alertname: "Storm", vramp_workload: `w${i % 300}` }));

    const body = webhook(storm.map((each) => alertOf(each)));
    const { status, wakes } = await received(body, { policy: { ...one, workloads } });

    expect(status).toBe(202);
    expect(new Set(wakes.map(({ workload }) => workload)).size).toBe(300);
    expect(wakes).toHaveLength(300);
  });

  test("a 503 says when to come again [F6]", async () => {
    const queue = { send: () => Promise.reject(new WakeQueueUnavailable("down")) };
    const { status, headers } = await received(webhook([alertOf(LLM)]), { queue });
    expect({ status, after: headers?.["retry-after"] }).toEqual({ status: 503, after: 5 });
  });
});
