/** Bytes of one webhook body. Alertmanager's largest real groups are under 100 KB; a full SQS message is 256 KiB. */
export const MAX_BODY_BYTES = 256 * 1024;

/** Alerts in one webhook body. */
export const MAX_ALERTS = 1000;

/** Objects and lists within one another. Alertmanager's bodies have 4. */
export const MAX_NESTING = 16;

/** Seconds that a caller is told to wait after a 503. Alertmanager goes by its own back-off. */
export const RETRY_AFTER = 5;

/** Milliseconds within which every wake-up must be enqueued: Alertmanager wants its answer within a second. */
export const ENQUEUE_TIMEOUT_MS = 900;

/**
 * Seconds in which equal notifications are one wake-up. Both Alertmanagers of a pair deliver within seconds of each other;
 * a repeat in the next bucket is a look of its own.
 */
export const COALESCE = 10;

/** Live tokens: the present one and, while rotating, the one before. */
export const MAX_TOKENS = 2;

/** Characters below which a token is refused: 32 characters of base64 are 192 bits. */
export const MIN_TOKEN_LENGTH = 32;
