import type { Seconds } from "../policy/units.ts";

/*
 * Every limit on telling people, each with its reason.
 */

/** All sending of one run together: its workload's next wake-up waits behind it, and the change itself is already made. */
export const SEND_WITHIN: Seconds = 3;

/** One message to one target, its secret included. Slack and SNS answer in tenths of a second. */
export const REQUEST_TIMEOUT: Seconds = 2;

/** How long a target that failed is left alone, twice as long after each further failure, and at most. */
export const FIRST_PAUSE: Seconds = 60;
export const LONGEST_PAUSE: Seconds = 3600;

/** A message that nobody has taken by then is given up: a size of yesterday helps nobody today. The audit keeps what happened. */
export const GIVE_UP_AFTER: Seconds = 6 * 3600;

/** Messages that wait at once; beyond that the oldest are given up. At 4 KB each they fit into one item of DynamoDB's. */
export const MAX_WAITING = 50;

/** Messages to one target in one run: Slack takes one a second, with short bursts. */
export const MAX_AT_ONCE = 5;

/** How long what may pass by itself must last before people are told: a cloud that throttles, a signal that cannot be read. */
export const LASTING: Seconds = 600;

/** Out of sight for so long, a problem that nobody was told of has passed: three ticks without it. */
export const PASSED_AFTER: Seconds = 180;

/** Out of sight for so long, a problem that people were told of is a new one. Longer than a failed pool is left alone. */
export const FORGET_AFTER: Seconds = 3600;

/** How stale `seen` of a problem that was told may be before it is stored anew: a run every minute must not write every minute. */
export const SEEN_WITHIN: Seconds = 600;

/** Lines of one part of a notice, and what stands in for the rest; a workload has few pools. */
export const MAX_LINES = 8;

/** Tries to be the one who stores an outbox next. Two runs of one workload seldom meet. */
export const MAX_SAVES = 5;

/** Bytes of an answer that are looked at: Slack's are a word. */
export const MAX_ANSWER = 1024;
