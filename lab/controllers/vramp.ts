import { judge } from "../../shared/decide/conditions.ts";
import { decide } from "../../shared/decide/decide.ts";
import { recordAccepted } from "../../shared/decide/history.ts";
import type { Decision } from "../../shared/model/decision.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../shared/model/memory.ts";
import type { Observation, TriggerKind } from "../../shared/model/observation.ts";
import type { PoolObservation } from "../../shared/model/pool.ts";
import { readingOf } from "../../shared/model/reading.ts";
import type { Sample } from "../../shared/model/series.ts";
import type { SignalObservation } from "../../shared/model/signal.ts";
import { own } from "../../shared/policy/own.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { signalWindows } from "../../shared/policy/windows.ts";
import { causesOf } from "../../shared/rules/causes.ts";
import type { Answer, Cause, Controller, DemandSample, PoolSight, Sight } from "../world/controller.ts";
import { SIGNALS, WORKLOAD } from "./policy.ts";

/** What the world's clock starts at: a Monday, 00:00 UTC. */
const START: EpochSeconds = Date.UTC(2026, 0, 5) / 1000;

/** vramp's schedule. */
const TICK: Seconds = 60;

/** How each signal of the policy is read off a sample. */
const READ: Readonly<Record<string, (sample: DemandSample) => number>> = {
  [SIGNALS.arrivals]: (sample) => sample.arrivals,
  [SIGNALS.waiting]: (sample) => sample.waiting,
  [SIGNALS.inService]: (sample) => sample.inService,
};

const TRIGGERS: Readonly<Record<Cause, TriggerKind>> = {
  tick: "tick",
  alert: "alert",
  interruption: "interruption",
  capacityError: "interruption",
};

/** A pool as its cloud would describe it: nodes that are granted, ready or not, and nothing of those on their way out. */
function poolObservation(pool: PoolSight, max: number): PoolObservation {
  const nodes = pool.nodes
    .filter((node) => node.phase === "booting" || node.phase === "ready")
    .map(({ id, phase, noticed }) => ({ id, ready: phase === "ready", noticed }));
  const ready = nodes.filter((node) => node.ready);
  return {
    kind: "seen",
    state: {
      desired: pool.desired,
      ready: ready.length,
      noticed: ready.filter((node) => node.noticed).length,
      step: 1,
      min: 0,
      max,
      status: pool.updating ? "updating" : "active",
      issues: [],
      capacityError: pool.capacityError === null ? null : START + pool.capacityError,
      nodes,
      etag: null,
    },
  };
}

/** The samples from `since` on, as a series. */
function seriesOf(
  samples: readonly DemandSample[],
  since: Seconds,
  read: (sample: DemandSample) => number,
  validity: Seconds,
): SignalObservation {
  const first = samples.findLastIndex((sample) => sample.at < since) + 1;
  const list = samples.slice(first).map((sample): Sample => [START + sample.at, read(sample)]);
  return list.length === 0 ? { kind: "empty" } : { kind: "series", series: { samples: list, validity } };
}

interface Watched {
  readonly name: string;
  /** How far back it is looked at. */
  readonly reach: Seconds;
  readonly maxAge: Seconds;
}

function watchedSignals(policy: Policy): readonly Watched[] {
  return [...signalWindows(policy, WORKLOAD)].flatMap(([name, window]) => {
    const signal = own(policy.signals, name);
    return signal === undefined ? [] : [{ name, reach: window + signal.maxAge, maxAge: signal.maxAge }];
  });
}

function signalsOf(watched: readonly Watched[], { now, samples }: Sight): Observation["signals"] {
  return Object.fromEntries(
    watched.flatMap(({ name, reach, maxAge }) => {
      const read = own(READ, name);
      return read === undefined ? [] : [[name, seriesOf(samples, now - reach, read, maxAge)] as const];
    }),
  );
}

/** The sizes to ask for: of pools that take a call now, and of those that shrink by name, by these nodes and no others. */
function answerOf({ pools, remove }: Decision, sight: Sight): Answer {
  const sizes = sight.pools.flatMap(({ name, desired, updating }) => {
    const to = own(pools, name);
    if (to === undefined || updating) return [];
    const named = own(remove, name) ?? [];
    return [[name, named.length === 0 ? to : Math.max(to, desired - named.length)] as const];
  });
  return { sizes: Object.fromEntries(sizes), remove };
}

function workloadOf(policy: Policy): Workload {
  const workload = own(policy.workloads, WORKLOAD);
  if (workload === undefined) throw new RangeError(`the policy has no workload ${WORKLOAD}; build it with policyFor`);
  return workload;
}

/**
 * vramp itself in the world: its own `decide`, woken by its tick, by interruptions, by refusals and by the alerts that it
 * would generate from the policy. It remembers between looks what `reconcile` remembers.
 */
export function createVramp(policy: Policy, initial: Readonly<Record<string, number>> = {}): Controller {
  const workload = workloadOf(policy);
  const watched = watchedSignals(policy);
  const causes = causesOf(workload);
  let memory: WorkloadMemory = EMPTY_MEMORY;
  let total = 0;
  let firing = new Set<number>();

  const observe = (sight: Sight): Observation => ({
    workload: WORKLOAD,
    trigger: TRIGGERS[sight.cause],
    signals: signalsOf(watched, sight),
    pools: Object.fromEntries(sight.pools.map((p) => [p.name, poolObservation(p, workload.nodes.max)])),
    others: null,
  });

  /** Prometheus' view: which of the policy's alerts fire now. Only one that begins to is delivered. */
  const alert = (sight: Sight): boolean => {
    if (causes.length === 0) return false;
    const signals = signalsOf(watched, sight);
    const before = firing;
    firing = new Set(
      causes.flatMap(({ condition }, i) => {
        const [signal, observed] = [own(policy.signals, condition.signal), own(signals, condition.signal)];
        if (signal === undefined || observed === undefined) return [];
        const reading = readingOf(signal, observed, START + sight.now, false);
        return judge(condition, reading, START + sight.now).verdict === "true" ? [i] : [];
      }),
    );
    return [...firing].some((i) => !before.has(i));
  };

  return {
    every: TICK,
    wokenByEvents: true,
    initial,
    alert,
    act: (sight) => {
      const decided = decide(policy, workload, observe(sight), memory, START + sight.now);
      memory = decided.memory;
      total = sight.pools.reduce((sum, pool) => sum + pool.desired, 0);
      return answerOf(decided.decision, sight);
    },
    accepted: (changes, now) => {
      const change = changes.reduce((sum, { from, to }) => sum + to - from, 0);
      memory = recordAccepted(memory, workload, { from: total, to: total + change }, START + now);
    },
  };
}
