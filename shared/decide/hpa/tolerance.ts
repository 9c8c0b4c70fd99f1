import type { Behavior } from "./behavior-defaults.ts";

/** How far from 1 a ratio may be in each direction and still be left alone. */
export interface Tolerance {
  readonly up: number;
  readonly down: number;
}

/** The tolerance that a behavior states, each direction on its own. */
export function toleranceOf(behavior: Behavior): Tolerance {
  return { up: behavior.scaleUp.tolerance, down: behavior.scaleDown.tolerance };
}

/**
 * Whether a ratio of measured to wanted is close enough to 1. Both bounds are inside, as in Kubernetes since 1.33; the older
 * `abs(1 - ratio) <= 0.1` put 1.1 outside, for want of a digit. NaN and infinity are never within.
 */
export function within(ratio: number, tolerance: Tolerance): boolean {
  return 1 - tolerance.down <= ratio && ratio <= 1 + tolerance.up;
}
