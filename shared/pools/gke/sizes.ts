import type { Autoscaling } from "./replies.ts";

/*
 * GKE takes the size of one zone and gives it to every zone of the pool, so totals come in multiples of the zones. Rounding
 * is upwards. It never turns a request to grow into one that takes a node away, nor one to shrink into one that adds.
 */

/** The size to ask for in every zone so that the pool has `nodes` nodes, or null when it cannot come nearer than it is. */
export function sizePerZone(nodes: number, targets: readonly number[], zones: number): number | null {
  const total = targets.reduce((sum, target) => sum + target, 0);
  const even = Math.ceil(nodes / zones);
  if (nodes === total) return null;
  // Removals by name leave zones uneven. Evening them out would stop nodes in the fullest, and GKE chooses which.
  if (nodes > total) return Math.max(even, ...targets);
  return even * zones < total ? even : null;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The bounds that the cluster's autoscaler keeps the whole pool within, or null when there is none. */
export function boundsOf(autoscaling: Autoscaling | null, zones: number): Bounds | null {
  if (autoscaling?.enabled !== true) return null;
  return isTotal(autoscaling)
    ? { min: autoscaling.totalMinNodeCount, max: autoscaling.totalMaxNodeCount }
    : { min: autoscaling.minNodeCount * zones, max: autoscaling.maxNodeCount * zones };
}

const isTotal = (autoscaling: Autoscaling): boolean => autoscaling.totalMaxNodeCount > 0;

/**
 * The autoscaling that leaves the cluster's autoscaler no choice but `nodes` nodes, in the form that the pool has (sizes per
 * zone, rounded up, or in total), or null when it has it. GKE refuses a maximum of zero, so at zero the maximum is one.
 */
export function autoscalingFor(nodes: number, current: Autoscaling, zones: number): Autoscaling | null {
  const total = isTotal(current);
  const min = total ? nodes : Math.ceil(nodes / zones);
  const max = Math.max(1, min);
  const next: Autoscaling = total
    ? { ...current, totalMinNodeCount: min, totalMaxNodeCount: max, minNodeCount: 0, maxNodeCount: 0 }
    : { ...current, minNodeCount: min, maxNodeCount: max, totalMinNodeCount: 0, totalMaxNodeCount: 0 };
  const wanted = boundsOf(next, zones);
  const given = boundsOf(current, zones);
  return wanted?.min === given?.min && wanted?.max === given?.max ? null : next;
}
