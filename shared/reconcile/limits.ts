import type { Seconds } from "../policy/units.ts";

/**
 * Seconds a lease lasts. Longer than the reconcile function's own time-out (60 s, killed hard by Lambda), so that a holder
 * is gone before its lease is.
 */
export const LEASE_TTL: Seconds = 90;

/** Seconds of lease that must be left before a mutating call: the call's own time-out and then some. */
export const LEASE_MARGIN: Seconds = 15;

/** Milliseconds in which all signals and pools of one workload must have answered. */
export const OBSERVE_TIMEOUT_MS = 8_000;

/** Milliseconds for the mutating calls of one run, all together. */
export const ACT_TIMEOUT_MS = 12_000;

/**
 * Seconds for which what a workload noted of its spending counts. Each is looked at every minute: one that was not for a day
 * has left the fleet's runs, and what it once cost would keep the others from growing for ever.
 */
export const SPENDING_COUNTS_FOR: Seconds = 86_400;

/** How often a write is tried again after somebody else saved first. Each try reads afresh; operators are few. */
export const MAX_SAVES = 5;

/**
 * Seconds for which a node counts as going after its notice, unless it is gone before. The cloud takes it after two minutes, and
 * Auto Scaling may list it as healthy for some more: a node that is gone must not count as ready again.
 */
export const NOTICE_LASTS: Seconds = 600;

/** Notices remembered of one workload; the ones that end first go first. A node's is some 60 bytes. */
export const MAX_NOTICES = 200;
