import type { Seconds } from "../policy/units.ts";

/** DynamoDB answers in milliseconds; a connection that took a second is not coming. */
export const CONNECT_TIMEOUT: Seconds = 1;

/** One attempt. Far beyond DynamoDB's usual worst, which is tens of milliseconds. */
export const REQUEST_TIMEOUT: Seconds = 1;

/** One call with its retries: a function must have time left to say that it could not remember. */
export const CALL_DEADLINE: Seconds = 4;

/** The SDK waits 50 ms, then 100 ms, and so on, between attempts. */
export const MAX_ATTEMPTS = 3;

/** DynamoDB refuses items over 400 KB, counting names and keys; 4 KB are kept for those. In bytes of UTF-8. */
export const MAX_VALUE_BYTES = 396 * 1024;

/**
 * Tries to be the one who writes the next audit event. Every round one writer wins, so this bounds how many may write
 * to one workload's audit at the same moment: `reconcile` has a lease, and operators are few.
 */
export const MAX_APPEND_ATTEMPTS = 64;

/**
 * How long a call waits while another process, such as a backup, writes to the SQLite file. The whole process waits with it, so
 * it is short; the next run tries again.
 */
export const BUSY_TIMEOUT: Seconds = 1;
