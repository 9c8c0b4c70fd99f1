import type { PoolSize, Size } from "../size.ts";

/**
 * Splits a size over the workload's pools, as nodes per pool name. Growth goes to the first pool, in order of preference,
 * that has room; shrinking takes from the last first. A pool that could not be seen keeps what it had.
 */
export function splitOver({ pools, desired }: Size, want: number): Readonly<Record<string, number>> {
  const sizes = new Map(pools.map((p) => [p.pool.name, p.desired]));
  const difference = want - desired;
  const order = difference > 0 ? pools : pools.toReversed();
  let left = Math.abs(difference);
  for (const pool of order) {
    const step = Math.min(left, difference > 0 ? roomIn(pool) : givableBy(pool));
    sizes.set(pool.pool.name, pool.desired + Math.sign(difference) * step);
    left -= step;
  }
  return Object.fromEntries(sizes);
}

const roomIn = (p: PoolSize): number => (p.unseen === null ? Math.max(0, p.max - p.desired) : 0);
const givableBy = (p: PoolSize): number => (p.unseen === null ? p.desired : 0);
