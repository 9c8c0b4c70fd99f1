import type { Seconds } from "../../shared/policy/units.ts";
import type { Groups } from "./groups.ts";
import type { NodeAutoscaling } from "./node-autoscaler.ts";

/** Karpenter's `UnavailableOfferingsTTL`. */
const UNAVAILABLE: Seconds = 180;

/** Karpenter: remembers a refusal for three minutes, and removes nodes as soon as they are empty. */
export function karpenter(groups: Groups): NodeAutoscaling {
  const refusedAt = new Map<string, Seconds>();
  return {
    groups,
    refused: (group, now) => {
      refusedAt.set(group, now);
    },
    shunned: (group, now) => now - (refusedAt.get(group) ?? Number.NEGATIVE_INFINITY) < UNAVAILABLE,
    emptyFor: 0,
    afterGrowth: 0,
    removedAtOnce: Number.POSITIVE_INFINITY,
  };
}
