import type { Seconds } from "../policy/units.ts";

/** SQS answers in milliseconds, and `alerts` must answer within a second or so. */
export const CONNECT_TIMEOUT: Seconds = 1;
export const REQUEST_TIMEOUT: Seconds = 1;

/** Once more after a failure; then Alertmanager or the next tick tries again. */
export const MAX_ATTEMPTS = 2;

/** Everything one `send` does. Long before Alertmanager's group interval, after which it would send the same again. */
export const SEND_DEADLINE: Seconds = 3;

/** The same for a tick, which nobody waits for: 1,000 batches for 10,000 workloads, well within its minute. */
export const TICK_SEND_DEADLINE: Seconds = 30;

/** `SendMessageBatch` takes no more entries. */
export const BATCH_SIZE = 10;

/** Batches under way at once. */
export const PARALLEL_BATCHES = 10;

/** SQS FIFO forgets a deduplication id after this; fixed by AWS. The in-process queue does the same. */
export const DEDUPLICATION_WINDOW: Seconds = 300;

/** Deliveries before a wake-up is given up. AWS recommends at least 5 for a queue that wakes a function. */
export const MAX_RECEIVE_COUNT = 5;

/**
 * How long a wake-up stays away that was handed back: half a minute, because what keeps a run from its memory mostly passes in
 * seconds. Doubles with each delivery up to four minutes, so that the tries of one wake-up outlast an outage of seven.
 */
export const HAND_BACK_AFTER: Seconds = 30;
export const HAND_BACK_AT_MOST: Seconds = 240;

/** In the in-process queue, how long a group rests after a failure. Doubles with each one. */
export const RETRY_DELAY: Seconds = 1;

/** In the in-process queue, how many groups run at once. */
export const MAX_IN_FLIGHT = 10;

/** In the in-process queue, the dead letters that are kept; the oldest go first. */
export const DEAD_LETTERS_KEPT = 100;
