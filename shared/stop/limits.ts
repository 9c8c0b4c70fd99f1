import type { Seconds } from "../policy/units.ts";

/** How long an answer is used without asking again: a stop takes hold within this, and one run asks once for all its pools. */
export const CACHED_FOR: Seconds = 5;

/**
 * How long the last answer stands while no new one comes. Who cannot be read can mostly not be written either, so a short
 * outage stops nothing; but after this nobody can say any more, and nothing is changed until somebody can.
 */
export const STANDS_FOR: Seconds = 300;

/** Systems Manager answers in tens of milliseconds; the run that asks holds a lease. */
export const REQUEST_TIMEOUT: Seconds = 2;
