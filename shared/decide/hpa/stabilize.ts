import type { Recommendation } from "../../model/memory.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import type { Behavior } from "./behavior-defaults.ts";

/** The stabilization windows: how long a recommendation holds back growth, and shrinking. */
export interface Windows {
  readonly up: Seconds;
  readonly down: Seconds;
}

export function windowsOf(behavior: Behavior): Windows {
  return { up: behavior.scaleUp.stabilizationWindow, down: behavior.scaleDown.stabilizationWindow };
}

/** The size that both windows agree to, in nodes. */
export interface Stabilized {
  readonly nodes: number;
  /** Which window holds back what was proposed; null when nothing does. */
  readonly bound: "up" | "down" | null;
  /** The lowest recommendation of the up window and the highest of the down window, the proposal among both. */
  readonly low: number;
  readonly high: number;
}

/**
 * Moves `current` only as far as every recent recommendation agrees: up to the lowest of the up window, down to the highest
 * of the down window. It is the current size that is clamped, not the proposal; so when recent recommendations lie on both
 * sides of it, nothing moves. An entry exactly one window old no longer counts. (HPA `stabilizeRecommendationWithBehaviors`.)
 */
export function stabilize(
  current: number,
  proposed: number,
  recommendations: readonly Recommendation[],
  now: EpochSeconds,
  windows: Windows,
): Stabilized {
  const upSince = now - windows.up;
  const downSince = now - windows.down;
  let low = proposed;
  let high = proposed;
  for (const { at, nodes } of recommendations) {
    if (at > upSince && nodes < low) low = nodes;
    if (at > downSince && nodes > high) high = nodes;
  }
  const nodes = Math.min(Math.max(current, low), high);
  if (nodes === proposed) return { nodes, bound: null, low, high };
  return { nodes, bound: proposed >= current ? "up" : "down", low, high };
}
