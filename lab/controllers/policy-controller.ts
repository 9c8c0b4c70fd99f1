import { judge } from "../../shared/decide/conditions.ts";
import { decide } from "../../shared/decide/decide.ts";
import { recordAccepted } from "../../shared/decide/history.ts";
import { logicalPerCard } from "../../shared/decide/placement/gpu-counts.ts";
import type { Decision } from "../../shared/model/decision.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../shared/model/memory.ts";
import type { Observation, TriggerKind } from "../../shared/model/observation.ts";
import type { PoolObservation } from "../../shared/model/pool.ts";
import { readingOf } from "../../shared/model/reading.ts";
import { own } from "../../shared/policy/own.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { signalWindows } from "../../shared/policy/windows.ts";
import { causesOf } from "../../shared/rules/causes.ts";
import type { Answer, Cause, Controller, PoolSight, Sight } from "../world/controller.ts";
import { createMeter, type Source } from "./measures.ts";

/** A policy, as it is to run in a world. */
export interface PolicyRun {
  readonly policy: Policy;
  readonly name: string;
  readonly workload: Workload;
  /** What each signal of the policy reads off the world; one that is not among them is never seen. */
  readonly bindings: readonly { readonly signal: string; readonly source: Source }[];
  /** What the world's time 0 is. */
  readonly start: EpochSeconds;
  /** Nodes that are ready at the start, by pool. */
  readonly initial: Readonly<Record<string, number>>;
  /** Requests that one node has in service at once; 1 of jobs. */
  readonly slots: number;
  /** Told every decision. */
  readonly decided?: (decision: Decision) => void;
}

/** vramp's schedule. */
const TICK: Seconds = 60;

const TRIGGERS: Readonly<Record<Cause, TriggerKind>> = {
  tick: "tick",
  alert: "alert",
  interruption: "interruption",
  capacityError: "interruption",
};

/** The fleet's other workloads are not simulated, and cost nothing here. */
const NO_OTHERS = { perHour: 0, today: 0 } as const;

/** A pool as its cloud would describe it: nodes that are granted, ready or not, and nothing of those on their way out. */
function poolObservation(pool: PoolSight, max: number, start: EpochSeconds): PoolObservation {
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
      capacityError: pool.capacityError === null ? null : start + pool.capacityError,
      nodes,
      etag: null,
    },
  };
}

interface Watched {
  readonly name: string;
  readonly source: Source;
  /** How far back it is looked at. */
  readonly reach: Seconds;
  readonly maxAge: Seconds;
}

function watchedSignals({ policy, name, bindings }: PolicyRun): readonly Watched[] {
  return [...signalWindows(policy, name)].flatMap(([signal, window]) => {
    const declared = own(policy.signals, signal);
    const source = bindings.find((binding) => binding.signal === signal)?.source;
    if (declared === undefined || source === undefined) return [];
    return [{ name: signal, source, reach: window + declared.maxAge, maxAge: declared.maxAge }];
  });
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

/**
 * vramp itself in the world, by a policy: its own `decide`, woken by its tick, by interruptions, by refusals and by the alerts that
 * it would generate from the policy. It remembers between looks what `reconcile` remembers.
 */
export function createPolicyController(run: PolicyRun): Controller {
  const { policy, name, workload, start } = run;
  const watched = watchedSignals(run);
  const causes = causesOf(workload);
  const meter = createMeter(start, Math.max(0, ...watched.map(({ reach }) => reach)), {
    slots: run.slots,
    gpus: workload.gpu.perNode * logicalPerCard(workload.gpu),
  });
  let memory: WorkloadMemory = EMPTY_MEMORY;
  let total = 0;
  let firing = new Set<number>();

  const signalsOf = ({ now, samples }: Sight): Observation["signals"] =>
    Object.fromEntries(
      watched.map((each) => [each.name, meter.read(each.source, samples, now, now - each.reach, each.maxAge)] as const),
    );

  const observe = (sight: Sight): Observation => ({
    workload: name,
    trigger: TRIGGERS[sight.cause],
    signals: signalsOf(sight),
    pools: Object.fromEntries(sight.pools.map((p) => [p.name, poolObservation(p, workload.nodes.max, start)])),
    others: policy.budget === undefined ? null : NO_OTHERS,
  });

  /** Prometheus' view: which of the policy's alerts fire now. Only one that begins to is delivered. */
  const alert = (sight: Sight): boolean => {
    meter.note(sight.now, sight.pools);
    if (causes.length === 0) return false;
    const signals = signalsOf(sight);
    const empty = sight.pools.every((pool) => pool.nodes.length === 0);
    const before = firing;
    firing = new Set(
      causes.flatMap(({ condition }, i) => {
        const [signal, observed] = [own(policy.signals, condition.signal), own(signals, condition.signal)];
        if (signal === undefined || observed === undefined) return [];
        const reading = readingOf(signal, observed, start + sight.now, empty);
        return judge(condition, reading, start + sight.now).verdict === "true" ? [i] : [];
      }),
    );
    return [...firing].some((i) => !before.has(i));
  };

  return {
    every: TICK,
    wokenByEvents: true,
    initial: run.initial,
    alert,
    act: (sight) => {
      const decided = decide(policy, workload, observe(sight), memory, start + sight.now);
      memory = decided.memory;
      total = sight.pools.reduce((sum, pool) => sum + pool.desired, 0);
      run.decided?.(decided.decision);
      return answerOf(decided.decision, sight);
    },
    accepted: (changes, now) => {
      const change = changes.reduce((sum, { from, to }) => sum + to - from, 0);
      memory = recordAccepted(memory, workload, { from: total, to: total + change }, start + now);
    },
  };
}
