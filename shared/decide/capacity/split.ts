import type { PoolSize } from "../size.ts";

/** Nodes by pool name. */
export type Split = Readonly<Record<string, number>>;

const priceOf = (p: PoolSize): number => p.pool.pricePerHour ?? Number.POSITIVE_INFINITY;

/** Whether two pools differ by their zone alone, so that nothing but the price speaks for either. */
const alike = (a: PoolSize, b: PoolSize): boolean =>
  a.pool.zone !== undefined && b.pool.zone !== undefined && a.pool.capacity === b.pool.capacity;

/**
 * The order in which pools are filled: as the policy lists them, except that of neighbours which differ by zone alone the
 * cheapest comes first.
 */
export function fillingOrder(pools: readonly PoolSize[]): readonly PoolSize[] {
  const runs: PoolSize[][] = [];
  for (const pool of pools) {
    const run = runs.at(-1);
    const [neighbour] = run ?? [];
    if (run !== undefined && neighbour !== undefined && alike(neighbour, pool)) run.push(pool);
    else runs.push([pool]);
  }
  // Two without a price differ by NaN, which sorts as 0.
  return runs.flatMap((run) => run.toSorted((a, b) => priceOf(a) - priceOf(b)));
}

/** The share nearest to `wanted` that comes in the pool's steps: upwards where there is room for it, else downwards. */
export function inSteps(wanted: number, room: number, { step }: PoolSize): number {
  if (wanted <= 0 || room <= 0) return 0;
  const up = Math.ceil(wanted / step) * step;
  return up <= room ? up : Math.floor(room / step) * step;
}

/**
 * Where `want` nodes would stand if moving cost nothing: the on-demand base first, then every pool in filling order up to
 * its cap, in its own steps. What no pool may take is left out; the caller says so. No more than `ceiling` in sum, but for
 * pools that cannot be seen and keep what they have.
 */
export function idealSplit(
  order: readonly PoolSize[],
  caps: ReadonlyMap<string, number>,
  want: number,
  ceiling: number,
  onDemandBase: number,
): Split {
  const split = new Map(order.map((p) => [p.pool.name, 0]));
  let left = want;
  let space = ceiling;
  const give = (p: PoolSize, wanted: number, room: number): number => {
    const has = split.get(p.pool.name) ?? 0;
    const given = inSteps(wanted, Math.min(room, (caps.get(p.pool.name) ?? 0) - has), p);
    split.set(p.pool.name, has + given);
    left -= given;
    space -= given;
    return given;
  };
  // Nothing can be taken from a pool whose cloud does not answer, so what it has is counted first.
  for (const p of order) if (p.unseen !== null) give({ ...p, step: 1 }, p.desired, p.desired);
  let base = Math.min(onDemandBase, left);
  for (const p of order) if (p.pool.capacity === "on-demand") base -= give(p, base, space);
  for (const p of order) give(p, left, space);
  return Object.fromEntries(split);
}
