import { afterEach, describe, expect, test } from "vitest";
import { bound, servicePolicy } from "../../lab/backtest/backtest.fixture.ts";
import { createStaticSecrets } from "../../shared/secrets/static.ts";
import {
  type Answer,
  matrix,
  reply,
  type ScriptedPrometheus,
  startScriptedPrometheus,
} from "../../test/support/scripted-prometheus.ts";
import { type LiveDemand, liveDemand } from "./live.ts";

const NOW = Date.UTC(2026, 10, 21, 12) / 1000;
const HOUR = 3600;

let prometheus: ScriptedPrometheus | undefined;
afterEach(() => prometheus?.stop());

/** A series a minute apart up to now; undefined where there is none. */
const minutes = (values: readonly (number | undefined)[]): Answer =>
  matrix([
    {
      metric: {},
      values: values.flatMap((value, i) =>
        value === undefined ? [] : [[NOW - (values.length - 1 - i) * 60, String(value)]],
      ),
    },
  ]);

async function pulled(answer: Answer, more: Partial<LiveDemand> = {}, policy = servicePolicy()) {
  prometheus = await startScriptedPrometheus(NOW, [answer]);
  const options = {
    since: HOUR,
    prometheus: prometheus.url,
    fillHoles: false,
    secrets: createStaticSecrets({}),
    now: NOW,
  };
  return liveDemand(policy, bound(policy), { ...options, ...more });
}

describe("demand from the policy's own Prometheus", () => {
  test("is one request for the arrivals signal, and its rates are counts of a minute", async () => {
    const { name, trace } = await pulled(minutes([2, 3, 0.5]));
    expect(trace).toEqual({ kind: "requests", interval: 60, counts: [120, 180, 30], start: NOW - 120, notes: [] });
    expect(name).toBe("came, the last 1h");
    const [asked, ...more] = prometheus?.seen ?? [];
    expect(more).toEqual([]);
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toMatchObject({
      query: "came",
      start: String((NOW - HOUR).toFixed(3)),
      step: "60",
    });
  });

  test("of a long time is read more coarsely, in as many points as Prometheus gives", async () => {
    await pulled(minutes([1, 1]), { since: 30 * 24 * HOUR }).catch(() => {});
    expect(Object.fromEntries(new URLSearchParams(prometheus?.seen[0]?.body))).toMatchObject({ step: "300" });
  });

  test("with holes is refused with the first of them, or filled if asked, and that is said", async () => {
    await expect(pulled(minutes([2, undefined, Number.NaN, 3]))).rejects.toThrow(
      /no sample for 2 of 4 intervals of 1m, the first at 2026-11-21T11:58:00.000Z; give --fill-holes/,
    );
    await prometheus?.stop();
    const { trace } = await pulled(minutes([2, undefined, Number.NaN, 3]), { fillHoles: true });
    expect(trace).toMatchObject({
      counts: [120, 0, 0, 180],
      notes: [expect.stringContaining("came: 2 of 4 intervals")],
    });
  });

  test.each<[string, Answer, RegExp]>([
    ["no series", matrix([]), /signal came has no samples in this time/],
    [
      "several series",
      matrix([
        { metric: { a: "1" }, values: [] },
        { metric: { a: "2" }, values: [] },
      ]),
      /came could not be read: .*several|2 series/,
    ],
    ["a negative rate", minutes([1, -2]), /signal came is -2 at 2026-11-21T12:00:00.000Z/],
    ["a refusal", reply("no", 403), /signal came could not be read: .* refused our credentials \(HTTP 403\)/],
  ])("that answers with %s is refused", async (_what, answer, message) => {
    await expect(pulled(answer)).rejects.toThrow(message);
  });

  test("sends no credentials of the signal's own source to another address", async () => {
    const policy = servicePolicy();
    const auth = { bearer: { tokenSecret: "token" } };
    const withAuth = { ...policy, sources: { prom: { prometheus: { url: "http://127.0.0.1:9", auth } } } };
    await pulled(minutes([1, 1]), { secrets: createStaticSecrets({ token: "hush" }) }, withAuth);
    expect(prometheus?.seen[0]?.headers.authorization).toBeUndefined();
  });

  test("needs a signal that counts arrivals", async () => {
    const rules = servicePolicy(
      { objective: undefined, targets: [{ signal: "queued", perNode: 9 }] },
      {
        queued: { source: "prom", query: "queue_length", maxAge: "60s" },
      },
    );
    await expect(pulled(minutes([1, 1]), {}, rules)).rejects.toThrow(
      /--since reads demand from the signal that counts arrivals/,
    );
  });
});
