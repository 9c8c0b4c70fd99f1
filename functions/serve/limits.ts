import type { Seconds } from "../../shared/policy/units.ts";

/**
 * How often the policy and its holiday file are looked at. A change is taken once two looks in a row have seen the same text, so
 * that a file which is still being written is not: within ten seconds. Reading two small files costs next to nothing.
 */
export const POLICY_CHECK: Seconds = 5;

/**
 * How long runs may go on after the order to stop. One run observes for 8 s and acts for 12 s at most; Kubernetes and Docker
 * Compose can wait 30 s before they kill. What is cut off is settled by reading the cloud after the next start.
 */
export const STOP_WITHIN: Seconds = 25;

/** Without a tick for so long, the process is not ready: three were missed. */
export const READY_TICK_AGE: Seconds = 180;
