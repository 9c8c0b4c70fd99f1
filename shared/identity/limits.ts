import type { Seconds } from "../policy/units.ts";

/*
 * Every limit on taking another identity on, each with its reason.
 */

/** STS is regional and answers in tens of milliseconds; whoever waits for an identity has a cloud to call after it. */
export const STS_CONNECT_TIMEOUT: Seconds = 1;
export const STS_REQUEST_TIMEOUT: Seconds = 2;
/** Once more after a failure. */
export const STS_ATTEMPTS = 2;

/** A whole exchange of one identity for another, every request and repetition in it: half of a run's time for looking. */
export const EXCHANGE_DEADLINE: Seconds = 5;

/**
 * How long before its end a credential is renewed: longer than any run, so that none ends within one; and the AWS clients
 * ask for another in the last five minutes anyway.
 */
export const RENEW_BEFORE: Seconds = 300;

/** A role session's length: what AWS allows at most where one role assumes another, as a function's does. */
export const SESSION: Seconds = 3600;

/** The token that AWS signs for Azure is used at once. STS's own default. */
export const WEB_IDENTITY: Seconds = 300;
