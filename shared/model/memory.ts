import type { EpochSeconds } from "../policy/units.ts";
import type { DecisionSummary } from "./decision.ts";
import type { Operation } from "./pool.ts";

/** Raised whenever a stored field changes its meaning; readers accept this one and the one before. */
export const MEMORY_SCHEMA = 1;

/** What was recommended before stabilization, rate limits and bounds (HPA `recommendation`). */
export interface Recommendation {
  readonly at: EpochSeconds;
  readonly nodes: number;
}

/** A change of the size that the cloud accepted (HPA `timestampedScaleEvent`). */
export interface ScaleEvent {
  readonly at: EpochSeconds;
  /** Nodes added or removed; always positive. */
  readonly change: number;
}

/** The last time vramp changed the size, and when the cloud had caught up with it. */
export interface LastChange {
  readonly at: EpochSeconds;
  readonly from: number;
  readonly to: number;
  readonly settledAt: EpochSeconds | null;
}

interface OverrideBase {
  readonly reason: string;
  readonly actor: string;
  readonly at: EpochSeconds;
  readonly until: EpochSeconds;
}
/** An operator's word, until its expiry. */
export type Override =
  | (OverrideBase & { readonly kind: "hold"; readonly nodes: number })
  | (OverrideBase & { readonly kind: "pause"; readonly direction: "in" | "out" | "both" });

/** A mutating call that was about to be made. It stays open until its outcome is known. */
export interface Intent {
  readonly id: string;
  readonly pool: string;
  readonly from: number;
  readonly to: number;
  readonly at: EpochSeconds;
  readonly epoch: number;
  readonly policyRevision: string;
  /** Set once the cloud has accepted the call. */
  readonly operation: Operation | null;
}

/** What was last seen of a pool, for the runs in which its cloud does not answer. */
export interface PoolMemory {
  readonly at: EpochSeconds;
  readonly desired: number;
  readonly ready: number;
}

/** Everything vramp remembers of one workload. Plain JSON, stored as one item under one version. */
export interface WorkloadMemory {
  readonly schema: number;
  readonly recommendations: readonly Recommendation[];
  readonly scaleUps: readonly ScaleEvent[];
  readonly scaleDowns: readonly ScaleEvent[];
  readonly lastChange: LastChange | null;
  readonly overrides: readonly Override[];
  readonly intents: readonly Intent[];
  readonly pools: Readonly<Record<string, PoolMemory>>;
  readonly lastDecision: DecisionSummary | null;
}

/** What is remembered of a workload that was never looked at. */
export const EMPTY_MEMORY: WorkloadMemory = {
  schema: MEMORY_SCHEMA,
  recommendations: [],
  scaleUps: [],
  scaleDowns: [],
  lastChange: null,
  overrides: [],
  intents: [],
  pools: {},
  lastDecision: null,
};
