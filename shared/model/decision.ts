import type { EpochSeconds, Seconds } from "../policy/units.ts";
import type { Reason } from "./reasons.ts";
import type { UnknownWhy } from "./signal.ts";

/** What a condition came to. `pending`: true now, but not yet for its whole window. `absent`: not asked, the pool is empty. */
export type Verdict = "true" | "false" | "pending" | "unknown" | "absent";

/** One condition as it was judged: what `explain` shows. */
export interface ConditionFinding {
  readonly signal: string;
  readonly comparison: "above" | "below";
  readonly threshold: number;
  readonly for: Seconds;
  readonly verdict: Verdict;
  /** The newest value; null when unknown. */
  readonly value: number | null;
  readonly age: Seconds | null;
  /** Share of the window that samples cover, 0 to 1. */
  readonly coverage: number | null;
  /** Since when every sample satisfies the condition; null when the newest does not. */
  readonly since: EpochSeconds | null;
  readonly why: UnknownWhy | "lowCoverage" | null;
  readonly detail: string;
}

/** What one stage did to the size, and why. */
export interface StageTrace {
  readonly stage: string;
  /** The size after this stage, in nodes. */
  readonly want: number;
  readonly reason: Reason;
  readonly detail: string;
  readonly conditions?: readonly ConditionFinding[];
}

/** A size for a workload, its split over the pools, and the reasoning, stage by stage. */
export interface Decision {
  readonly workload: string;
  readonly at: EpochSeconds;
  /** The size now, in nodes: the sum of what the pools are asked for. */
  readonly current: number;
  readonly ready: number;
  readonly want: number;
  /** Nodes that each pool is to be asked for now. On the way from one pool to another they may sum to more than `want`. */
  readonly pools: Readonly<Record<string, number>>;
  /** Nodes to be removed by name, by pool: a pool that is listed here shrinks by these nodes and no others. */
  readonly remove: Readonly<Record<string, readonly string[]>>;
  /** The reason of the stage that bound the result. */
  readonly reason: Reason;
  readonly detail: string;
  readonly stages: readonly StageTrace[];
}

/** What stays in memory of a decision. */
export interface DecisionSummary {
  readonly at: EpochSeconds;
  readonly current: number;
  readonly want: number;
  readonly reason: Reason;
  readonly detail: string;
}
