import type { Seconds } from "../policy/units.ts";

/*
 * Every limit on asking a metric source, each with its reason. The deadline of a whole read comes from the caller.
 */

/** SOURCE_TIMEOUT: what the source itself is told to give up after, well within a run's 8 s for looking. */
export const SOURCE_TIMEOUT: Seconds = 5;

/** RETRIES: one more try mends a restarted replica or a kept-alive connection that was closed; more would only add load. */
export const RETRIES = 1;
/** RETRY_PAUSE: long enough for a load balancer to choose another replica, short within the deadline. */
export const RETRY_PAUSE: Seconds = 0.25;

/** MAX_BODY: 11,000 points, the most Prometheus gives for a series, are about 350 KB; this is six such series. In bytes. */
export const MAX_BODY = 2 * 1024 * 1024;

/** MAX_SERIES: more GPU nodes than one workload has on any cloud; a query that gives more forgot its aggregation. */
export const MAX_SERIES = 2000;
