import type { BoundProblem } from "./problem.ts";

/** The cheapest price there is in each minute, for a node for that minute. */
function cheapest({ work, pools }: BoundProblem): readonly number[] {
  return work.map((_, minute) => {
    let price = Number.POSITIVE_INFINITY;
    for (const pool of pools) if ((pool.capacity[minute] ?? 0) > 0) price = Math.min(price, pool.price);
    return price;
  });
}

/**
 * A bound on the cost in US dollars that needs no solver: every minute's work at the cheapest price there is while it is on
 * time, the part that may be late, where that is dearest, at the cheapest price of all. Below the linear programme, for it
 * lets every minute be served by just as many nodes as it needs.
 */
export function closedForm(problem: BoundProblem): number {
  const prices = cheapest(problem);
  const least = Math.min(...prices);
  const priced = problem.work.map((work, minute) => ({
    work,
    price: Math.min(...prices.slice(minute, minute + problem.within + 1)),
  }));
  let { late } = problem;
  let cost = 0;
  for (const { work, price } of priced.toSorted((a, b) => b.price - a.price)) {
    const moved = Math.min(work, late);
    late -= moved;
    cost += (work - moved) * price + moved * least;
  }
  return cost;
}
