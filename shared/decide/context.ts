import type { ConditionFinding } from "../model/decision.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import { nodeReadingOf, type Reading, readingOf } from "../model/reading.ts";
import type { SignalObservation } from "../model/signal.ts";
import { own } from "../policy/own.ts";
import type { Condition } from "../policy/schema/common.ts";
import type { Policy } from "../policy/schema/policy.ts";
import type { Signal } from "../policy/schema/signals.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { judge } from "./conditions.ts";
import { type Lesson, learn } from "./demand/learn.ts";
import { type Size, sizeOf } from "./size.ts";

/** What every stage may look at. Readings are worked out once each, when first asked for. */
export interface Context {
  readonly policy: Policy;
  readonly workload: Workload;
  readonly observation: Observation;
  readonly memory: WorkloadMemory;
  readonly now: EpochSeconds;
  readonly size: Size;
  /** What was learned up to now, and what follows of it; null without an objective. */
  readonly lesson: Lesson | null;
  /** What a signal says now. A name that the policy lacks, or that was not read, is unknown. */
  reading(signal: string): Reading;
  /** What each node says of a signal that has a series for each; unknown when none does. */
  loads(signal: string): Loads;
  /** Whether a condition holds now, over its whole window. */
  judge(condition: Condition): ConditionFinding;
}

export type Loads =
  | { readonly kind: "known"; readonly values: readonly number[] }
  | { readonly kind: "unknown"; readonly detail: string };

function loadsOf(signal: Signal | undefined, observed: SignalObservation | undefined, now: EpochSeconds): Loads {
  if (signal === undefined || observed === undefined) return { kind: "unknown", detail: NOT_SUPPLIED.detail };
  if (observed.kind === "unknown") return { kind: "unknown", detail: observed.detail };
  const ids = observed.kind === "perNode" ? Object.keys(observed.nodes) : [];
  const readings = ids.map((id) => nodeReadingOf(signal, observed, id, now));
  const values = readings.flatMap((r) => (r.kind === "known" ? [r.value] : []));
  return values.length === 0 ? { kind: "unknown", detail: "no node reports it" } : { kind: "known", values };
}

const NOT_SUPPLIED = { kind: "unknown", why: "notSupplied", detail: "the signal was not supplied" } as const;

export function createContext(
  policy: Policy,
  workload: Workload,
  observation: Observation,
  memory: WorkloadMemory,
  now: EpochSeconds,
): Context {
  const size = sizeOf(workload, observation, memory, now);
  const poolEmpty = size.desired === 0 && size.ready === 0;
  const readings = new Map<string, Reading>();
  const read = (name: string): Reading => {
    const signal = own(policy.signals, name);
    const observed = own(observation.signals, name);
    return signal === undefined || observed === undefined ? NOT_SUPPLIED : readingOf(signal, observed, now, poolEmpty);
  };
  const reading = (name: string): Reading => {
    const known = readings.get(name);
    if (known !== undefined) return known;
    const fresh = read(name);
    readings.set(name, fresh);
    return fresh;
  };
  return {
    policy,
    workload,
    observation,
    memory,
    now,
    size,
    lesson: learn({ workload, observation, memory, now, size, reading }),
    reading,
    loads: (name) => loadsOf(own(policy.signals, name), own(observation.signals, name), now),
    judge: (condition) => judge(condition, reading(condition.signal), now),
  };
}
