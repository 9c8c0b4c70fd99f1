import type { EpochSeconds } from "../policy/units.ts";
import type { PoolObservation } from "./pool.ts";
import type { SignalObservation } from "./signal.ts";

export const TRIGGERS = ["alert", "tick", "interruption", "invoke"] as const;
export type TriggerKind = (typeof TRIGGERS)[number];

/** What woke us. It names a workload and a cause, never a size. */
export interface Wake {
  readonly workload: string;
  readonly trigger: TriggerKind;
  /** For people and the audit: an alert's name, `tick`, a request id. Cleaned and capped where it enters. */
  readonly cause: string;
  readonly at: EpochSeconds;
  /** Equal keys within five minutes are one wake-up. Holds a time bucket, so that a legitimate repeat is not swallowed. */
  readonly key: string;
}

/** What the fleet's other workloads cost, in US dollars by the policy's prices. */
export interface OthersSpending {
  readonly perHour: number;
  /** From the begin of today, in the policy's time zone. */
  readonly today: number;
}

/** Why it is not known what the fleet's other workloads cost. */
export interface OthersUnknown {
  readonly unknown: string;
}

/** Everything one decision looks at, read in one run. */
export interface Observation {
  readonly workload: string;
  readonly trigger: TriggerKind;
  readonly signals: Readonly<Record<string, SignalObservation>>;
  readonly pools: Readonly<Record<string, PoolObservation>>;
  /** Null when the policy sets no budget, for then it is not read. */
  readonly others: OthersSpending | OthersUnknown | null;
}
