import type { PoolErrorKind } from "../model/pool.ts";
import type { Reason } from "../model/reasons.ts";

/** Why a wish is held up, as far as people are told of it, and what they can do; `WORKLOAD` stands for the workload's name. */
const BLOCKED = {
  GuardActive: "Look at the guard's signal; the policy says what it forbids.",
  HeadroomLow: "Consider unloading models, or allow another node.",
  BudgetReached: "Raise `budget` in the policy, or leave it until the hour or the day is over.",
  PriceUnknown: "Add `pricePerHour` to the pool that would grow.",
  SpendingUnknown: "Look at vramp's memory: what the other workloads cost could not be read.",
  NoCapacity: "Add another pool, zone or instance type to the workload, or wait.",
  QuotaExceeded: "Ask the cloud for a higher quota, or add a pool that it does not bind.",
  AtMaximum: "Raise `nodes.max`, or the cloud's own maximum for the pool, if more is meant.",
  ModelDoesNotFit: "Consider unloading models, or use a larger card: more nodes of this kind do not help.",
  Ineffective:
    "Look for what else holds the signal up: growing did not move it. Where VRAM is allocated in advance, use another signal.",
  NodesReadyWithoutGpu: "Look at the driver and the device plugin on the nodes.",
  Flapping: "Move the thresholds apart, or lengthen their `for` and the stabilization windows.",
  BusyNodes: "End the jobs on these nodes, or wait for them; `scaleIn.then: force` would take the nodes.",
  Paused: "Once that is over: vramp resume WORKLOAD",
  Stopped: "Once that is over, clear the fleet's stop.",
  SignalUnknown: "Look at the metric source: nothing is taken away while the signal cannot be read.",
  SignalStale: "Look at the metric source: nothing is taken away while the signal is old.",
  LowCoverage: "Look at the metric source: too few samples come for the window.",
  ClockSkew: "Set the metric source's clock.",
} as const satisfies Partial<Record<Reason, string>>;

export type BlockedReason = keyof typeof BLOCKED;

/** What may pass by itself within minutes. */
const PASSING: ReadonlySet<BlockedReason> = new Set(["SignalUnknown", "SignalStale", "LowCoverage", "ClockSkew"]);

export const isBlocked = (reason: Reason): reason is BlockedReason => Object.hasOwn(BLOCKED, reason);
export const passesByItself = (reason: BlockedReason): boolean => PASSING.has(reason);
export const remedyFor = (reason: BlockedReason, workload: string): string =>
  BLOCKED[reason].replace("WORKLOAD", workload);

/** What to do about a cloud's refusal, in one line. */
export const FAILED: Readonly<Record<PoolErrorKind, string>> = {
  Busy: "Look in the cloud's console for the change that does not end.",
  Throttled: "Look for who else calls the cloud so often; vramp goes on trying.",
  Unavailable: "Look at the cloud's status page; vramp goes on trying.",
  NoCapacity: BLOCKED.NoCapacity,
  QuotaExceeded: BLOCKED.QuotaExceeded,
  Forbidden: "Give vramp's role the permission; vramp goes on trying.",
  NotFound: "Make the pool again, or take it out of the policy.",
  Invalid: "Compare the policy with the pool.",
};
