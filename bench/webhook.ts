import { Agent, request } from "node:http";
import { createAlertsHandler } from "../functions/alerts/handler.ts";
import { listenOnLoopback } from "../functions/http/listen.ts";
import { startHttp } from "../functions/http/server.ts";
import { systemClock } from "../shared/model/clock.ts";
import { createStaticSecrets } from "../shared/secrets/static.ts";
import { SILENT } from "../shared/telemetry/telemetry.ts";
import { bodyOf } from "../test/support/loopback.ts";
import type { Bench } from "./bench.ts";
import { fleetOfMany } from "./fleet.ts";
import { median } from "./median.ts";

const TOKEN = "bench-token-".padEnd(64, "x");
const WORKLOADS = 1000;
/** Webhooks under way at once: two Alertmanagers with some groups each. */
const AT_ONCE = 8;
/** Alerts in one body, and bodies timed for each figure, after a third as many to warm up. */
const BODIES = [
  [1, 1500],
  [10, 1500],
  [100, 500],
  [500, 150],
] as const;
/** Parts in which they are sent. */
const TURNS = 5;
/** What Alertmanager is promised, in milliseconds. */
const PROMISE_MS = 1000;

/** Alertmanager's body with so many alerts, each of a workload of its own. */
function webhook(alerts: number): string {
  const alertOf = (i: number) => ({
    status: "firing",
    labels: { alertname: "QueueHigh", vramp_workload: `w${i}`, vramp_signal: "queue", severity: "page" },
    annotations: { summary: `w${i}: queue is above 50 for 2m, now 120`, description: "Grows by 2 nodes." },
    startsAt: "2026-11-18T12:00:00Z",
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL: "http://prometheus:9090/graph?g0.expr=sum%28llm_queue_length%29+%3E+50&g0.tab=1",
    fingerprint: i.toString(16).padStart(16, "0"),
  });
  const common = { version: "4", receiver: "vramp", groupKey: "{}:{}", status: "firing", truncatedAlerts: 0 };
  return JSON.stringify({ ...common, alerts: Array.from({ length: alerts }, (_, i) => alertOf(i)) });
}

interface Timing {
  /** Milliseconds from the request's beginning to the end of its answer. */
  readonly times: readonly number[];
  readonly seconds: number;
}

/** Posts a body so often, some at once, over connections that stay open. Throws at any answer but 202. */
async function load(url: string, body: string, count: number): Promise<Timing> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  const post = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request(url, { method: "POST", agent, headers }, (answer) => {
        if (answer.statusCode !== 202) reject(new Error(`the webhook was answered ${answer.statusCode}`));
        answer.resume().once("end", resolve).once("error", reject);
      });
      sent.once("error", reject);
      sent.end(body);
    });
  const times: number[] = [];
  let left = count;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left > 0) {
        left -= 1;
        const at = performance.now();
        await post();
        times.push(performance.now() - at);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return { times, seconds };
}

/** The value that a share of the times does not exceed. */
function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The same body to each of these in turns, so that what else the machine does meets all alike. */
async function measured(urls: readonly string[], alerts: number, count: number): Promise<readonly Timing[]> {
  const body = webhook(alerts);
  for (const url of urls) await load(url, body, Math.ceil(count / 3));
  const turns: Timing[][] = urls.map(() => []);
  for (let turn = 0; turn < TURNS; turn += 1)
    for (const [i, url] of urls.entries()) turns[i]?.push(await load(url, body, count / TURNS));
  return turns.map((timings) => ({
    times: timings.flatMap(({ times }) => times),
    seconds: timings.reduce((sum, { seconds }) => sum + seconds, 0),
  }));
}

const ms = (value: number): string => `${value.toFixed(2)} ms`.padStart(11);
const rate = (value: number): string => Math.round(value).toLocaleString("en-US").padStart(11);

/** `POST /alerts` through the real handler over loopback, against a server that only reads the body and answers. */
export const webhookBench: Bench = async (print) => {
  const policy = fleetOfMany(WORKLOADS);
  const secrets = createStaticSecrets({ tokens: TOKEN });
  let wakes = 0;
  const alerts = createAlertsHandler({
    policy: async () => policy,
    queue: {
      send: async (sent) => {
        wakes += sent.length;
      },
    },
    secrets,
    tokenSecret: "tokens",
    telemetry: SILENT,
    clock: systemClock,
  });
  const invoke = async () => ({ summary: "nobody invokes here" });
  await using started = new AsyncDisposableStack();
  const http = await startHttp({ alerts, invoke, secrets, tokenSecret: "tokens" }, 0);
  started.defer(() => http.stop());
  const bare = await listenOnLoopback((incoming, response) => {
    bodyOf(incoming).then(
      () => response.writeHead(202, { "content-type": "application/json" }).end("{}"),
      () => response.destroy(),
    );
  });
  started.defer(() => bare.stop());

  print(
    `webhook: POST /alerts, ${AT_ONCE} at once, ${WORKLOADS.toLocaleString("en-US")} workloads, a queue that takes at once; sender and server share one process`,
  );
  print(
    "  alerts in one body     median        p99      worst   webhooks/s   alerts/s   a bare server's median and p99",
  );
  for (const [count, bodies] of BODIES) {
    const before = wakes;
    const [ours, bareTiming] = await measured([`${http.url}/alerts`, bare.url], count, bodies);
    if (ours === undefined || bareTiming === undefined || wakes - before < count * bodies)
      throw new Error("a webhook was answered 202 and woke nobody");
    const [typical, p99] = [median(ours.times), percentile(ours.times, 0.99)];
    const [bareTypical, bareP99] = [median(bareTiming.times), percentile(bareTiming.times, 0.99)];
    const figures = [ms(typical), ms(p99), ms(Math.max(...ours.times)), rate(bodies / ours.seconds).padStart(13)];
    const against = `${ms(bareTypical)} (${(typical / bareTypical).toFixed(1)} x)${ms(bareP99)} (${(p99 / bareP99).toFixed(1)} x)`;
    print(
      `  ${String(count).padStart(18)}${figures.join("")}${rate((bodies * count) / ours.seconds)}${against}${p99 > PROMISE_MS ? "  MISSED" : ""}`,
    );
  }
  print(
    `  promised: answered within ${PROMISE_MS / 1000} s. A queue of SQS adds its own answer, a batch of ten at a time.`,
  );
};
