// What HPA does for a target without `behavior`. vramp never does: it has no memory of its own changes, and may double at
// every look. Kept for the upstream vectors, and so that HPA itself can be played as a peer.

import type { Recommendation } from "../../model/memory.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import type { Bounds, Limited } from "./rate-limit.ts";

/** How far one sync may grow: to `factor` times the size, or to `floor` nodes if that is more. */
export interface GrowthCap {
  readonly factor: number;
  readonly floor: number;
}

export const DEFAULT_GROWTH_CAP: GrowthCap = { factor: 2, floor: 4 };

/** The highest recent recommendation. Here an entry exactly one window old still counts; with `behavior` it does not. */
export function stabilizeWithoutBehavior(
  proposed: number,
  recommendations: readonly Recommendation[],
  now: EpochSeconds,
  window: Seconds,
): number {
  let highest = proposed;
  for (const { at, nodes } of recommendations) if (at >= now - window && nodes > highest) highest = nodes;
  return highest;
}

/** Keeps a stabilized size within the bounds and the growth cap. (HPA `convertDesiredReplicasWithRules`.) */
export function clampWithoutBehavior(current: number, wanted: number, bounds: Bounds, growth: GrowthCap): Limited {
  const limit = Math.max(growth.factor * current, growth.floor);
  const cap = Math.min(bounds.max, limit);
  if (wanted < bounds.min) return { nodes: bounds.min, reason: "TooFewReplicas" };
  if (wanted > cap) return { nodes: cap, reason: limit < bounds.max ? "ScaleUpLimit" : "TooManyReplicas" };
  return { nodes: wanted, reason: "DesiredWithinRange" };
}
