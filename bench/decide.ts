import { NEVER_FAILED } from "../shared/decide/capacity/health.ts";
import { decide } from "../shared/decide/decide.ts";
import { resolveBehavior } from "../shared/decide/hpa/behavior-defaults.ts";
import { NODE_DEFAULTS } from "../shared/decide/hpa/deviations.ts";
import { rateLimit } from "../shared/decide/hpa/rate-limit.ts";
import { stabilize, windowsOf } from "../shared/decide/hpa/stabilize.ts";
import { totalPerNodeTarget } from "../shared/decide/hpa/total-target.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../shared/model/memory.ts";
import type { Observation } from "../shared/model/observation.ts";
import type { Sample } from "../shared/model/series.ts";
import type { SignalObservation } from "../shared/model/signal.ts";
import { type Policy, type PolicyInput, policy as schema } from "../shared/policy/schema/policy.ts";
import type { Bench } from "./bench.ts";

const NOW = Date.UTC(2026, 10, 18, 12) / 1000;
const SIGNALS = ["a", "b", "c", "d", "e", "f"] as const;
const SAMPLES = 120;
const STEP = 15;
/** Decisions timed for each figure, after as many to warm up. */
const DECISIONS = 20_000;

/** A policy of so many workloads, each with rules on four signals, two targets, a guard and windows. */
function policyOf(workloads: number): Policy {
  const workload: PolicyInput["workloads"][string] = {
    gpu: { model: "A100-40GB", perNode: 8, memory: "40Gi" },
    nodes: { min: 1, max: 20 },
    pools: [
      { name: "p", capacity: "on-demand", pricePerHour: 3, eks: { region: "eu-west-1", cluster: "c", nodegroup: "n" } },
    ],
    scaleUp: {
      any: [
        { signal: "a", above: 50, for: "2m" },
        { signal: "b", above: 85, for: "5m" },
      ],
      add: 1,
    },
    scaleDown: {
      all: [
        { signal: "a", below: 10, for: "15m" },
        { signal: "c", below: 40, for: "20m" },
      ],
      remove: 1,
    },
    targets: [
      { signal: "d", perNode: 10 },
      { signal: "e", average: 80 },
    ],
    guards: [{ name: "vram-headroom", when: { signal: "f", below: 0.2, for: "5m" }, blocks: ["packing", "scaleDown"] }],
    schedules: [{ name: "office", start: "0 9 * * 1-5", end: "0 22 * * 1-5", nodes: { min: 2 } }],
  };
  const names = Array.from({ length: workloads }, (_, i) => `w${i}`);
  return schema.parse({
    version: 1,
    fleet: "bench",
    sources: { prom: { prometheus: { url: "http://127.0.0.1:9090" } } },
    signals: Object.fromEntries(SIGNALS.map((name) => [name, { source: "prom", query: name, maxAge: "90s" }])),
    workloads: Object.fromEntries(names.map((name) => [name, workload])),
  });
}

function seriesOf(value: number): SignalObservation {
  const samples = Array.from(
    { length: SAMPLES },
    (_, i): Sample => [NOW - (SAMPLES - 1 - i) * STEP, value + (i % 7) * 0.01],
  );
  return { kind: "series", series: { samples, validity: STEP } };
}

/** The samples, the same for every workload: what is asked is whether deciding looks at other workloads, not how large the cache is. */
const VALUES = { a: 30, b: 60, c: 60, d: 35, e: 78, f: 0.5 } as const;

const SERIES = Object.fromEntries(SIGNALS.map((name) => [name, seriesOf(VALUES[name])]));

function observationOf(workload: string): Observation {
  const state = {
    desired: 4,
    ready: 4,
    noticed: 0,
    min: 0,
    max: 20,
    status: "active",
    issues: [],
    capacityError: null,
    nodes: null,
    step: 1,
    etag: null,
  } as const;
  return {
    workload,
    trigger: "tick",
    signals: SERIES,
    pools: { p: { kind: "seen", state } },
    others: null,
  };
}

/** A memory as full as it can get: an entry for every look of the last hour, a change every half minute. */
const FULL: WorkloadMemory = {
  ...EMPTY_MEMORY,
  recommendations: Array.from({ length: 120 }, (_, i) => ({ at: NOW - 3600 + i * 30, nodes: 4 + (i % 3) })),
  scaleUps: Array.from({ length: 20 }, (_, i) => ({ at: NOW - 1200 + i * 60, change: 1 })),
  scaleDowns: Array.from({ length: 20 }, (_, i) => ({ at: NOW - 1170 + i * 60, change: 1 })),
  pools: { p: { at: NOW - 60, desired: 4, ready: 4, health: NEVER_FAILED } },
};

/** Microseconds for one call, from so many. */
function timed(calls: number, call: (i: number) => unknown): number {
  for (let i = 0; i < calls; i += 1) call(i);
  const began = performance.now();
  for (let i = 0; i < calls; i += 1) call(i);
  return ((performance.now() - began) * 1000) / calls;
}

function decisions(policy: Policy, memory: WorkloadMemory): number {
  const names = Object.keys(policy.workloads);
  const cases = names.map((name) => ({ workload: policy.workloads[name], observation: observationOf(name) }));
  return timed(DECISIONS, (i) => {
    const { workload, observation } = cases[i % cases.length] ?? {};
    return workload !== undefined && observation !== undefined && decide(policy, workload, observation, memory, NOW);
  });
}

/** What the sizes alone cost: the same target, windows and rate policies, without readings, reasons or memory. */
function arithmetic(): number {
  const behavior = resolveBehavior(undefined);
  const windows = windowsOf(behavior);
  const counts = { current: 4, reported: 4, ready: 4, upcoming: 0 };
  const weighing = { tolerance: { up: 0.1, down: 0.1 }, deviations: NODE_DEFAULTS };
  const bounds = { min: 1, max: 20 };
  return timed(DECISIONS, (i) => {
    const proposal = totalPerNodeTarget(35_000 + (i % 5), 10_000, counts, weighing);
    const wanted = proposal.kind === "proposed" ? proposal.nodes : 4;
    const { nodes } = stabilize(4, wanted, FULL.recommendations, NOW, windows);
    return rateLimit(4, nodes, bounds, behavior, FULL, NOW, NODE_DEFAULTS);
  });
}

const perSecond = (microseconds: number): string =>
  Math.round(1e6 / microseconds)
    .toLocaleString("en-US")
    .padStart(10);

/** Decisions a second on one core, for fleets of different sizes, and what explaining adds to the arithmetic. */
export const decideBench: Bench = async (print) => {
  print(
    `decide: ${SIGNALS.length} signals of ${SAMPLES} samples, a full history, one core (aim: 20,000 decisions a second)`,
  );
  const alone = arithmetic();
  print(`  arithmetic alone     ${perSecond(alone)} a second  ${alone.toFixed(1).padStart(6)} us`);
  const one = decisions(policyOf(1), FULL);
  for (const workloads of [1, 10, 1000, 10_000]) {
    const each = workloads === 1 ? one : decisions(policyOf(workloads), FULL);
    const line = `${workloads.toLocaleString("en-US").padStart(6)} workloads`.padEnd(20);
    print(
      `  ${line} ${perSecond(each)} a second  ${each.toFixed(1).padStart(6)} us  ${(each / one).toFixed(2)} x of one workload`,
    );
  }
  const bare = decisions(policyOf(1), EMPTY_MEMORY);
  print(`  without history      ${perSecond(bare)} a second  ${bare.toFixed(1).padStart(6)} us`);
};
