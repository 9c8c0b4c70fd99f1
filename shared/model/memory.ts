import type { EpochSeconds } from "../policy/units.ts";
import type { DecisionSummary } from "./decision.ts";
import type { Learned } from "./learned.ts";
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
  | (OverrideBase & { readonly kind: "wake"; readonly nodes: number })
  | (OverrideBase & { readonly kind: "pause"; readonly direction: "in" | "out" | "both" });

/** A mutating call that was about to be made. It stays open until its outcome is known. */
export interface Intent {
  readonly id: string;
  readonly pool: string;
  readonly from: number;
  readonly to: number;
  /** The nodes to be removed by name; null when only a size is asked for. */
  readonly remove: readonly string[] | null;
  readonly at: EpochSeconds;
  readonly epoch: number;
  readonly policyRevision: string;
  /** Set once the cloud has accepted the call. */
  readonly operation: Operation | null;
}

/**
 * That demand ended the calendar's zero: what has to be remembered of it. It holds for one assertion of one window, so the
 * window's next start says zero anew, and any other window that comes to govern ends it too.
 */
export interface CalendarWake {
  readonly schedule: string;
  /** When the window said zero; see `WindowsInForce.asserted`. */
  readonly asserted: EpochSeconds;
  readonly at: EpochSeconds;
}

/** The signals that ask for growth, each with its value at the time. */
export type Causes = Readonly<Record<string, number>>;

/** How growing has gone since demand began to ask for it. Empty while demand asks for none. */
export interface GrowthMemory {
  /** What asks for growth now. */
  readonly causes: Causes;
  /** The growths so far, oldest first: when, and what asked for them. */
  readonly made: readonly { readonly at: EpochSeconds; readonly causes: Causes }[];
}

/** What a workload costs. An estimate by the policy's prices: nodes asked for or ready, whichever are more. */
export interface Spending {
  /** The day that `spent` is about, in the policy's time zone: `2026-11-18`. */
  readonly day: string;
  readonly at: EpochSeconds;
  /** US dollars an hour, since `at`. */
  readonly perHour: number;
  /** US dollars, from the day's begin to `at`. */
  readonly spent: number;
}

/** Why a pool did not deliver: the cloud said so, or nothing came for too long. */
export type PoolTrouble = "NoCapacity" | "QuotaExceeded" | "NoProgress";

/** How well a pool delivers what it is asked for. */
export interface PoolHealth {
  /** Since when it has owed nodes without progress; null while it owes none. */
  readonly owingSince: EpochSeconds | null;
  /** Troubles in a row; a node that comes clears them. */
  readonly failures: number;
  /** When the cloud made the latest refusal that was taken in. */
  readonly heard: EpochSeconds | null;
  /** When the latest trouble was seen, and what it was; kept once it is over. */
  readonly failedAt: EpochSeconds | null;
  readonly trouble: PoolTrouble | null;
  /** Until when it is not asked for more; null when it never failed, or has delivered since. */
  readonly backoffUntil: EpochSeconds | null;
}

/** Since when nodes that should go have been waited for, because they work or may work. */
export interface ScaleInWait {
  readonly since: EpochSeconds;
}

/** What was last seen of a pool, for the runs in which its cloud does not answer. */
export interface PoolMemory {
  readonly at: EpochSeconds;
  /** What it was asked for, with the nodes that an eviction took off the pool's own count. */
  readonly desired: number;
  readonly ready: number;
  readonly health: PoolHealth;
}

/** A size of the workload, and the sum of what its pools are asked for. The sum is larger while nodes are being replaced. */
export interface Footing {
  readonly size: number;
  readonly total: number;
}

/** What the last decision asked of the pools. */
export interface Assignment {
  readonly before: Footing;
  readonly after: Footing;
  readonly pools: Readonly<Record<string, number>>;
}

/** A size that somebody else set. */
export interface ExternalSize {
  readonly at: EpochSeconds;
  readonly from: number;
  readonly to: number;
  /** The pools whose size was changed. */
  readonly pools: readonly string[];
}

/** That the cloud will take a node. Remembered, because the cloud says so once, in an event, and not when it is asked. */
export interface Notice {
  /** The node's provider id, or the end of it: `i-0abc`. */
  readonly nodeId: string;
  /** Until when the node counts as going, if it can still be seen. */
  readonly until: EpochSeconds;
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
  readonly assigned: Assignment | null;
  /** Null once it has been respected for long enough, or vramp has changed the size since. */
  readonly external: ExternalSize | null;
  readonly notices: readonly Notice[];
  /** Null while no node is waited for. */
  readonly scaleIn: ScaleInWait | null;
  readonly calendarWake: CalendarWake | null;
  readonly growth: GrowthMemory;
  /** When the size changed direction, within the last hour. */
  readonly turns: readonly EpochSeconds[];
  /** Null while no price is known. */
  readonly spending: Spending | null;
  /** Null while the workload has no objective. */
  readonly learned: Learned | null;
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
  assigned: null,
  external: null,
  notices: [],
  scaleIn: null,
  calendarWake: null,
  growth: { causes: {}, made: [] },
  turns: [],
  spending: null,
  learned: null,
  lastDecision: null,
};
