import type { Pool } from "../../policy/schema/pools.ts";

/** UNPRICED: what a spot node is taken to cost against an on-demand node where the policy gives no prices. */
const UNPRICED = { spot: 1 / 3, "on-demand": 1 } as const;

/** AFRAID: from this care on, a late request weighs by the square of care: spare nodes alone do not help then. */
const AFRAID = 25;

/** What a node of each pool costs an hour. */
export function pricesOf(pools: readonly Pool[]): readonly number[] {
  const dearest = Math.max(0, ...pools.map((pool) => pool.pricePerHour ?? 0)) || 1;
  return pools.map((pool) => pool.pricePerHour ?? dearest * UNPRICED[pool.capacity]);
}

/**
 * What a late request is worth avoiding for, where a node serves `rate` a second: at a care of 1, what serving one on the dearest
 * pool costs.
 */
export const priceOfLate = (prices: readonly number[], rate: number, care: number): number =>
  (care * Math.max(1, care / AFRAID) * Math.max(0, ...prices)) / (3600 * rate);
