import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Listening, listenOnLoopback } from "../../functions/http/listen.ts";
import type { Daemon } from "../../sandbox/daemon.ts";
import { startPrometheus } from "../../test/support/prometheus.ts";
import { type Reading, readingOf } from "../model/reading.ts";
import { type Signal, signal as signalSchema } from "../policy/schema/signals.ts";
import { createStaticSecrets } from "../secrets/static.ts";
import { createPrometheusSource } from "./prometheus.ts";

/** Prometheus as it is, scraping an exporter of this test every second. */
const STEADY = [
  "queue 120",
  'node_busy{provider_id="aws:///eu-central-1a/i-1"} 1',
  'node_busy{provider_id="aws:///eu-central-1a/i-2"} 0',
  "broken NaN",
  "endless +Inf",
  "blank 9223372036854775794",
  `old 7 ${Date.now() - 240_000}`,
];
let exported: readonly string[] = [...STEADY, "fleeting 5"];
let exporter: Listening;
let prometheus: Daemon;

beforeAll(async () => {
  exporter = await listenOnLoopback((_, response) =>
    response.setHeader("content-type", "text/plain").end(`${exported.join("\n")}\n`),
  );
  prometheus = await startPrometheus({
    config: {
      global: { scrape_interval: "1s", scrape_timeout: "1s" },
      scrape_configs: [{ job_name: "test", static_configs: [{ targets: [new URL(exporter.url).host] }] }],
    },
    // What the doc comment of the source asks for: this server ignores the request's own lookback_delta.
    flags: ["--query.lookback-delta=5s"],
  });
  await vi.waitFor(async () => expect(await read({ query: "queue" })).toMatchObject({ kind: "known" }), 10_000);
});
afterAll(async () => {
  await prometheus?.stop();
  await exporter?.stop();
});

const signal = (over: object): Signal => signalSchema.parse({ source: "prom", maxAge: "5s", step: "1s", ...over });
const observe = (over: object) => {
  const now = Date.now() / 1000;
  const wanted = signal(over);
  const source = createPrometheusSource({ url: prometheus.url, secrets: createStaticSecrets({}) });
  const request = { name: "test", signal: wanted, window: 20, now };
  return { now, wanted, observation: source.fetch(request, AbortSignal.timeout(5000)) };
};
async function read(over: object): Promise<Reading> {
  const { now, wanted, observation } = observe(over);
  return readingOf(wanted, await observation, now, false);
}

describe("a real Prometheus", () => {
  test("gives a known value whose newest sample is from now", async () => {
    const reading = await read({ query: "sum(queue)" });

    expect(reading).toMatchObject({ kind: "known", value: 120, series: { validity: 1 } });
    expect(reading.kind === "known" && reading.age).toBeLessThan(0.001);
  });

  test.each([
    ["a metric it does not have", "no_such_metric", "empty", /no series/],
    ["a query it cannot parse", "sum(", "badQuery", /parse error/],
    ["a query that gives a string", '"queue"', "badQuery", /must be Scalar or instant Vector/],
    ["a query that fails", "node_busy * on(job) node_busy", "badQuery", /duplicate series/],
    ["several series", "node_busy", "severalSeries", /2 series/],
    ["NaN", "broken", "notANumber", /NaN/],
    ["infinity", "endless", "notANumber", /Infinity/],
    ["an exporter's blank", "max(blank)", "sentinel", /blank/],
    ["a sample that was old when it was scraped", "old", "empty", /no series/],
  ])("leaves %s unknown [F30] [F31] [F32] [F33] [F38] [F40]", async (_, query, why, detail) => {
    expect(await read({ query })).toEqual({ kind: "unknown", why, detail: expect.stringMatching(detail) });
  });

  test("tells nodes apart", async () => {
    const busy = await observe({ query: "count by (provider_id) (node_busy > 0)", per: "node" }).observation;

    expect(busy).toMatchObject({ kind: "perNode" });
    expect(busy.kind === "perNode" && Object.keys(busy.nodes)).toEqual(["aws:///eu-central-1a/i-1"]);
  });

  test("lets a series that ended speak for maxAge and no longer [F33] [F35]", async () => {
    const fleeting = () => read({ query: "fleeting", maxAge: "2s" });
    await expect.poll(fleeting, { timeout: 5000 }).toMatchObject({ kind: "known", value: 5 });

    exported = STEADY;

    await expect.poll(fleeting, { timeout: 10_000 }).toMatchObject({ kind: "unknown", why: "stale" });
    // The rest of the exporter is as alive as before.
    expect(await read({ query: "queue" })).toMatchObject({ kind: "known", value: 120 });
  });
});
