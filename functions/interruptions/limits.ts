/**
 * Seconds after which an event is too old to be worth a look: the ticks since then have looked ten times. Everything that may
 * hold an event back (EventBridge's own retries, the queue) gives it up by then.
 */
export const EVENT_MAX_AGE = 600;

/** Seconds in which the same event, delivered again, is no second wake-up. */
export const COALESCE = 10;
