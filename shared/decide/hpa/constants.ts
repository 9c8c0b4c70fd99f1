import type { Seconds } from "../../policy/units.ts";

// The HPA controller's defaults (its flags and the defaults of autoscaling/v2), and the sizes of its integers.

/** `--horizontal-pod-autoscaler-tolerance`: a ratio this close to 1 is left alone. */
export const DEFAULT_TOLERANCE = 0.1;

/** `--horizontal-pod-autoscaler-downscale-stabilization`: long enough that load which dips between two bursts keeps its nodes. */
export const DEFAULT_DOWN_WINDOW: Seconds = 300;

/** Growth waits for nothing unless the policy says so. */
export const DEFAULT_UP_WINDOW: Seconds = 0;

/** The period of the default rate policies. The enhancement proposal says 60 s; the code says 15 s, and the code counts. */
export const DEFAULT_PERIOD: Seconds = 15;

/** Counts saturate here, as HPA's do (int32). */
export const MAX_NODES = 2 ** 31 - 1;

/** Totals saturate here: 2^63, the double nearest to the largest int64. */
export const MAX_TOTAL = 2 ** 63;
