import type { Seconds } from "../../shared/policy/units.ts";
import { closedForm } from "./closed-form.ts";
import { type Highs, solve } from "./highs.ts";
import { pricedProgramme } from "./linear-programme.ts";
import type { BoundProblem } from "./problem.ts";

/** Minutes solved at once. The solver's time grows faster than their number: six hours take it two seconds, a day over 100. */
const WINDOW = 360;

/** What one window may take the solver. */
const TIME_LIMIT: Seconds = 120;

/** Prices of lateness that are tried; each halves what is left between too low and too high. */
const TRIES = 5;

/** Just under the cheapest node, so that late work fills idle nodes and none is worth a node of its own. */
const JUST_UNDER = 0.999;

function windowsOf({ work, pools, ...rest }: BoundProblem): readonly BoundProblem[] {
  return Array.from({ length: Math.ceil(work.length / WINDOW) }, (_, i) => {
    const [begin, end] = [i * WINDOW, (i + 1) * WINDOW];
    const cut = pools.map((pool) => ({ ...pool, capacity: pool.capacity.slice(begin, end) }));
    return { ...rest, work: work.slice(begin, end), pools: cut };
  });
}

/** The bound that one price of lateness gives, and the work that it leaves late. */
function boundAt(highs: Highs, problem: BoundProblem, latePrice: number, worth: number) {
  let [cost, late] = [-latePrice * problem.late, 0];
  for (const window of windowsOf(problem)) {
    const { lp, onTime } = pricedProgramme(window, latePrice + worth, worth);
    const optimum = solve(highs, lp, TIME_LIMIT);
    const work = window.work.reduce((sum, each) => sum + each, 0);
    cost += optimum.cost + (latePrice + worth) * work;
    late += work - onTime.reduce((sum, column) => sum + (optimum.values[column] ?? 0), 0);
  }
  return { cost, late };
}

/**
 * A bound on the cost of a long problem in US dollars, by Lagrangian decomposition: the week is cut into windows, and the two
 * things that tie them together, how much may be late and that late work is served too, become prices. Any prices give a bound
 * that nobody can be below; the price of lateness is searched for the highest. Never below the closed form.
 */
export function weeklyBound(highs: Highs, problem: BoundProblem): number {
  const prices = problem.pools.map((pool) => pool.price);
  const worth = Math.min(...prices) * JUST_UNDER;
  let best = closedForm(problem);
  let [low, high] = [0, 2 * Math.max(...prices)];
  for (let i = 0; i < TRIES; i += 1) {
    const price = (low + high) / 2;
    const { cost, late } = boundAt(highs, problem, price, worth);
    best = Math.max(best, cost);
    if (late > problem.late) low = price;
    else high = price;
  }
  return best;
}
