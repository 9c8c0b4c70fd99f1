import type { Seconds } from "../policy/units.ts";

/** A secret that was rotated is used after this at the latest. Asking on every run would cost a call and its latency. */
export const CACHED_FOR: Seconds = 300;

/** Secrets Manager answers in tens of milliseconds; whoever needs the secret has little time. */
export const CONNECT_TIMEOUT: Seconds = 1;
export const REQUEST_TIMEOUT: Seconds = 2;

/** Once more after a failure. */
export const MAX_ATTEMPTS = 2;

/** One secret, with the second attempt. */
export const CALL_DEADLINE: Seconds = 4;
