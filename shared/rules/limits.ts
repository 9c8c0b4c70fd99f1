import type { Seconds } from "../policy/units.ts";

/**
 * From a breach to more nodes asked for should take at most five minutes. Scraping (15 to 30 s) and a rule's own `for`
 * (often 2 m) use most of them; the waits below are what is left to choose.
 */

/** RULE_INTERVAL: how often the rules are evaluated. As often as they are scraped; Prometheus' own default is a minute. */
export const RULE_INTERVAL: Seconds = 15;

/** GROUP_WAIT: before the first notification of a group. None: wake-ups of one workload coalesce at the receiver. */
export const GROUP_WAIT: Seconds = 0;

/**
 * GROUP_INTERVAL: before a change in a group that was notified already. Below the one-minute tick, which would see the
 * change anyway; and well above the second the receiver takes to answer, because Alertmanager gives up on a notification
 * after this long and then sends it again.
 */
export const GROUP_INTERVAL: Seconds = 30;

/**
 * REPEAT_INTERVAL: before an alert that goes on firing is notified again. The tick looks every minute in any case, so a
 * repeat only mends a wake-up that was accepted and lost.
 */
export const REPEAT_INTERVAL: Seconds = 3600;

/** SHORTEST_WORD: letters of a signal's or guard's name that an alert name must contain for it to speak of it; fewer match by chance. */
export const SHORTEST_WORD = 4;
