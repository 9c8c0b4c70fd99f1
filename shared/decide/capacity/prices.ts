import type { LearnedPool } from "../../model/learned.ts";
import { own } from "../../policy/own.ts";
import type { Pool } from "../../policy/schema/pools.ts";
import type { PoolSize } from "../size.ts";

/** UNPRICED: what a spot node is taken to cost against an on-demand node where the policy gives no prices. */
const UNPRICED = { spot: 1 / 3, "on-demand": 1 } as const;
/** CHEAPEST: the least share of the dearest price that the price of a node is taken for. */
const CHEAPEST = 0.05;
/** AFRAID: from this care on, a late request weighs by the square of care, for until then too many were late. */
const AFRAID = 25;

/** What a node of each pool costs an hour. */
export function pricesOf(pools: readonly Pool[]): readonly number[] {
  const dearest = Math.max(0, ...pools.map((pool) => pool.pricePerHour ?? 0)) || 1;
  return pools.map((pool) => pool.pricePerHour ?? dearest * UNPRICED[pool.capacity]);
}

/** What one node more would cost now, as a share of the dearest pool's price: 1 where all that is cheaper is shut or full. */
export function dearOf(known: Readonly<Record<string, LearnedPool>>, sizes: readonly PoolSize[]): number {
  const prices = pricesOf(sizes.map((p) => p.pool));
  const open = sizes.flatMap((p, i) => {
    const shut = own(known, p.pool.name)?.shut === true;
    return shut || p.unseen !== null || p.desired >= p.max ? [] : [prices[i] ?? 0];
  });
  const dearest = Math.max(0, ...prices);
  return open.length === 0 || dearest === 0 ? 1 : Math.max(CHEAPEST, Math.min(...open) / dearest);
}

/** What a late request weighs at a care: as much, and its square where there is much. See `careOf`. */
export const weightOf = (care: number): number => care * Math.max(1, care / AFRAID);

/**
 * What a late request is worth avoiding for, in US dollars, where a node serves `rate` a second: what serving its weight in requests
 * on the dearest pool costs.
 */
export const priceOfLate = (prices: readonly number[], rate: number, care: number): number =>
  (weightOf(care) * Math.max(0, ...prices)) / (3600 * rate);
