import { createAlertsHandler } from "../../functions/alerts/handler.ts";
import { createInMemory } from "../../shared/memory/in-memory.ts";
import type { Wake } from "../../shared/model/observation.ts";
import type { SourceAuth } from "../../shared/policy/schema/signals.ts";
import type { NodePools } from "../../shared/pools/node-pools.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { createStaticSecrets } from "../../shared/secrets/static.ts";
import { createSources } from "../../shared/signals/sources.ts";
import { NO_STOP } from "../../shared/stop/stop.ts";
import { SILENT, type Telemetry } from "../../shared/telemetry/telemetry.ts";
import { fleetOf, NOON, poolOf } from "../support/fleet.ts";
import { type Answer, type ScriptedPrometheus, startScriptedPrometheus } from "../support/scripted-prometheus.ts";

/** The secrets of everything here. They must turn up nowhere but where they are sent. */
export const ALERT_TOKEN = "canary-alert-token-0123456789abcdefghijklmno";
export const METRIC_TOKEN = "canary-metric-token-0123456789abcdefghijkl";

/** An alert and everything that comes of it: webhook, wake-up, look, decision, audit. Only the cloud is a stand-in. */
export interface Way {
  readonly prometheus: ScriptedPrometheus;
  /** Posts a body and then looks at every workload that it woke. */
  post(body: string, token?: string): Promise<{ readonly status: number; readonly body: string }>;
  readonly wakes: readonly Wake[];
  readonly sizes: readonly number[];
  /** All that is remembered and audited, as JSON. */
  kept(): Promise<string>;
}

export interface WayOptions {
  readonly answers: readonly Answer[];
  readonly auth?: SourceAuth;
  readonly telemetry?: Telemetry;
}

export async function startWay({ answers, auth, telemetry = SILENT }: WayOptions): Promise<Way> {
  const prometheus = await startScriptedPrometheus(NOON, answers);
  const url = prometheus.url;
  const policy = fleetOf(
    { alerts: ["LlmQueueHigh"] },
    { sources: { prom: { prometheus: auth === undefined ? { url } : { url, auth } } } },
  );
  const secrets = createStaticSecrets({ tokens: ALERT_TOKEN, metrics: METRIC_TOKEN });
  const memory = createInMemory();
  const sizes: number[] = [];
  const seen = poolOf(1);
  const pools: NodePools = {
    observe: async () => (seen.kind === "seen" ? seen.state : Promise.reject(new Error("not seen"))),
    resize: async (pool, nodes) => {
      sizes.push(nodes);
      return { pool: pool.name, token: "t" };
    },
    remove: async (pool) => ({ pool: pool.name, token: "t" }),
    poll: async () => ({ kind: "succeeded" }),
  };
  const deps = {
    policy: async () => ({ policy, revision: "r1" }),
    sources: createSources({ secrets }),
    pools,
    memory,
    telemetry,
    clock: () => NOON,
    stop: NO_STOP,
    newId: () => `id-${sizes.length}`,
  };
  const wakes: Wake[] = [];
  const alerts = createAlertsHandler({
    policy: async () => policy,
    queue: { send: async (sent) => void wakes.push(...sent) },
    secrets,
    tokenSecret: "tokens",
    telemetry,
    clock: () => NOON,
  });
  return {
    prometheus,
    wakes,
    sizes,
    async post(body, token = ALERT_TOKEN) {
      const before = wakes.length;
      const reply = await alerts({ headers: { Authorization: `Bearer ${token}` }, body, isBase64Encoded: false });
      for (const wake of wakes.slice(before)) await reconcile(wake, deps);
      return { status: reply.statusCode, body: reply.body };
    },
    kept: async () => JSON.stringify([await memory.load("llm"), await memory.history("llm", 100)]),
  };
}

/** Alertmanager's body with these alerts. */
export const webhook = (alerts: readonly object[], more: object = {}): string =>
  JSON.stringify({
    version: "4",
    receiver: "vramp",
    groupKey: "{}:{}",
    status: "firing",
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: "http://alertmanager:9093",
    truncatedAlerts: 0,
    alerts,
    ...more,
  });

export const alertOf = (labels: Readonly<Record<string, string>>, more: object = {}): object => ({
  status: "firing",
  labels,
  annotations: {},
  startsAt: "2026-11-18T12:00:00Z",
  endsAt: "0001-01-01T00:00:00Z",
  generatorURL: "http://prometheus:9090/graph",
  fingerprint: "f",
  ...more,
});
