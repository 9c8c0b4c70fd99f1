import type { PoolObservation, PoolState } from "../../shared/model/pool.ts";
import type { Sample, Series } from "../../shared/model/series.ts";
import type { SignalObservation } from "../../shared/model/signal.ts";
import type { Policy, PolicyInput } from "../../shared/policy/schema/policy.ts";
import { policy as schema } from "../../shared/policy/schema/policy.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";

/** Noon on a Wednesday, UTC. */
export const NOON: EpochSeconds = Date.UTC(2026, 10, 18, 12) / 1000;
export const MINUTE: Seconds = 60;
const STEP: Seconds = 15;

type WorkloadInput = PolicyInput["workloads"][string];

/** A fleet of one workload, `llm`: up when the queue is above 50 for 2 m, down when it is below 10 for 15 m; interruptible. */
export function fleetOf(workload: Partial<WorkloadInput> = {}, more: Partial<PolicyInput> = {}): Policy {
  return schema.parse({
    version: 1,
    fleet: "test",
    sources: { prom: { prometheus: { url: "http://127.0.0.1:9090" } } },
    signals: {
      queue: { source: "prom", query: "queue", maxAge: "90s" },
      util: { source: "prom", query: "util", maxAge: "90s", whenEmpty: "absent", unit: "percent" },
      vramFree: { source: "prom", query: "free", maxAge: "90s", whenEmpty: "absent", unit: "ratio" },
    },
    workloads: {
      llm: {
        gpu: { model: "A100-40GB", perNode: 8 },
        nodes: { min: 1, max: 6 },
        pools: [
          { name: "llm", capacity: "on-demand", eks: { region: "eu-central-1", cluster: "prod", nodegroup: "llm" } },
        ],
        scaleUp: { any: [{ signal: "queue", above: 50, for: "2m" }], add: 2 },
        scaleDown: { any: [{ signal: "queue", below: 10, for: "15m" }], remove: 1 },
        scaleIn: { interruptible: true },
        ...workload,
      },
    },
    ...more,
  });
}

export function workloadIn(policy: Policy, name = "llm"): Workload {
  const workload = policy.workloads[name];
  if (workload === undefined) throw new Error(`no workload ${name}`);
  return workload;
}

/** Samples every 15 s up to and including `until`, with the value that `at` gives for each time. */
export function seriesOf(until: EpochSeconds, lasting: Seconds, at: (t: EpochSeconds) => number): Series {
  const count = Math.floor(lasting / STEP);
  const samples = Array.from({ length: count + 1 }, (_, i): Sample => {
    const t = until - (count - i) * STEP;
    return [t, at(t)];
  });
  return { samples, validity: STEP };
}

export const steady = (value: number, until: EpochSeconds, lasting: Seconds = 30 * MINUTE): SignalObservation => ({
  kind: "series",
  series: seriesOf(until, lasting, () => value),
});

/** `before` until `since`, `after` from then on. */
export const stepped = (
  before: number,
  after: number,
  since: EpochSeconds,
  until: EpochSeconds,
): SignalObservation => ({
  kind: "series",
  series: seriesOf(until, 30 * MINUTE, (t) => (t >= since ? after : before)),
});

export const unknown: SignalObservation = { kind: "unknown", why: "timeout", detail: "no answer within 8 s" };

export function poolOf(desired: number, ready = desired, more: Partial<PoolState> = {}): PoolObservation {
  const state: PoolState = {
    desired,
    ready,
    noticed: 0,
    min: 0,
    max: 10,
    status: "active",
    issues: [],
    capacityError: null,
    nodes: null,
    step: 1,
    etag: null,
    ...more,
  };
  return { kind: "seen", state };
}
