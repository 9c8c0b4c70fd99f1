import type { Seconds } from "./units.ts";

/*
 * Every limit on what a policy file may ask for, each with its reason.
 */

/** A policy of hundreds of workloads takes about 100 KB; DynamoDB stops at 400 KB for one item, which stores it. */
export const MAX_POLICY_BYTES = 256 * 1024;

/** Aliases may stand for one another; this is far above honest use and far below a bomb that unfolds into gigabytes. */
export const MAX_ALIASES = 100;

/** Uses of aliases in one file. The parser looks for each among all the others, so this many cost it milliseconds. */
export const MAX_ALIAS_USES = 1000;

/** After this many syntax errors the rest are echoes of the first. */
export const MAX_SYNTAX_ERRORS = 20;

/** The longest `for`. A condition that must hold longer is a schedule, and its series would be slow to fetch every minute. */
export const MAX_FOR: Seconds = 6 * 3600;

/** Prometheus refuses a range query of more points with status 400 (`maxPointsPerTimeseries` in its API). */
export const MAX_POINTS = 11_000;

/** Resolution of a range query when the signal names none: the commonest scrape interval. */
export const DEFAULT_STEP: Seconds = 15;

/** A calendar that keeps a workload at zero for longer, with no `wakeOn`, is more often a slip than a plan. */
export const LONG_ZERO: Seconds = 14 * 86_400;

/**
 * Whole years, before and after the current one, in which a cron expression may fire. Four find every 29 February (except
 * around 2100, which is no leap year); what has none in that span, such as `0 0 30 2 *`, never fires and costs next to nothing.
 */
export const HORIZON_YEARS = 4;

/** Share of every card kept free of models: KV cache and activations grow there, and inference servers fail without it. */
export const DEFAULT_HEADROOM = 0.2;
