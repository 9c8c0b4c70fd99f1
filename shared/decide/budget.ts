import type { OthersSpending } from "../model/observation.ts";
import type { Reason } from "../model/reasons.ts";
import type { Split } from "./capacity/split.ts";
import { spread } from "./capacity/spread.ts";
import type { Context } from "./context.ts";
import type { Limit } from "./draft.ts";
import type { PoolSize } from "./size.ts";
import { costPerHour, spendingNow } from "./spending.ts";

const usd = (dollars: number): string => `${dollars.toFixed(2)} USD`;

/** US dollars that adding doubles leaves over: 3 nodes at 12.30 come to 36.900000000000006. A budget may be reached exactly. */
const ROUNDING = 1e-6;
const exceeds = (cost: number, limit: number): boolean => cost > limit + ROUNDING;

const NO_OTHERS: OthersSpending = { perHour: 0, today: 0 };

/** Why something cannot be paid for. */
interface Complaint {
  readonly reason: Reason;
  readonly detail: string;
}

/** US dollars an hour for the workload's pools at these sizes; null when one that has nodes has no price. */
const costOf = ({ size }: Context, pools: Split): number | null =>
  costPerHour(size.pools.map((p) => ({ price: p.pool.pricePerHour, nodes: pools[p.pool.name] ?? 0 })));

/**
 * Whether the fleet could pay for this workload's pools at these sizes: within the hour's budget, and for an hour more within
 * the day's. What cannot be judged is not paid for.
 */
function complaint(context: Context, pools: Split, what: string): Complaint | null {
  const { policy, size, observation, memory, now } = context;
  const { perHour, perDay } = policy.budget ?? {};
  const own = costOf(context, pools);
  if (own === null)
    return { reason: "PriceUnknown", detail: "a budget is set and a pool that would grow has no pricePerHour" };
  const others = observation.others ?? NO_OTHERS;
  if ("unknown" in others)
    return { reason: "SpendingUnknown", detail: `what the other workloads cost is not known: ${others.unknown}` };
  const rate = own + others.perHour;
  if (perHour !== undefined && exceeds(rate, perHour)) {
    const detail = `${what} would take the fleet to ${usd(rate)} an hour; budget.perHour is ${usd(perHour)}`;
    return { reason: "BudgetReached", detail };
  }
  const spent = (spendingNow(memory, size.pools, policy.timeZone, now)?.spent ?? 0) + others.today;
  if (perDay !== undefined && exceeds(spent + rate, perDay)) {
    const detail = `${usd(spent)} are spent today and ${what} would add ${usd(rate)} in an hour; budget.perDay is ${usd(perDay)}`;
    return { reason: "BudgetReached", detail };
  }
  return null;
}

/** The most nodes above the present size that the budget allows; null when it allows what is wanted. Never below the present size. */
export function budgetCeiling(context: Context, want: number): Limit | null {
  const { size, workload, policy, now } = context;
  const current = size.desired;
  if (policy.budget === undefined || want <= current) return null;
  const judge = (nodes: number): Complaint | null =>
    complaint(context, spread(size, workload, nodes, true, now).ideal, `${nodes} nodes`);
  const first = judge(want);
  if (first === null) return null;
  // Each node more costs more, so the largest that fits is found by halving.
  let fits = current;
  let tooMany = want;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (judge(middle) === null) fits = middle;
    else tooMany = middle;
  }
  return { ...first, nodes: fits };
}

/** Pools as far as they can be paid for. */
interface Affordable {
  readonly pools: Split;
  /** What stood in the way; null when everything can be paid for. */
  readonly limit: Complaint | null;
}

/** What has no price cannot be judged, so it goes before all that has. */
function dearestFirst({ pool: a }: PoolSize, { pool: b }: PoolSize): number {
  const [first, second] = [a.pricePerHour ?? Number.POSITIVE_INFINITY, b.pricePerHour ?? Number.POSITIVE_INFINITY];
  return first === second ? 0 : first > second ? -1 : 1;
}

/**
 * A step of the pools within the budget. Moving to a dearer pool costs more for the same size, and so does holding two nodes
 * while one replaces the other: what would be gained is given up, the dearest pool's first, until the rest can be paid for or
 * costs no more than what there is now. Nothing that runs is taken away for a budget.
 */
export function affordable(context: Context, wanted: Split): Affordable {
  if (context.policy.budget === undefined) return { pools: wanted, limit: null };
  const now = Object.fromEntries(context.size.pools.map((p) => [p.pool.name, p.desired]));
  const present = costOf(context, now);
  const first = complaint(context, wanted, "this step");
  const pools = { ...wanted };
  const gaining = context.size.pools.filter((p) => (wanted[p.pool.name] ?? 0) > p.desired).toSorted(dearestFirst);
  const fits = (): boolean => {
    const cost = costOf(context, pools);
    return (cost !== null && present !== null && !exceeds(cost, present)) || complaint(context, pools, "") === null;
  };
  if (first === null || gaining.length === 0 || fits()) return { pools: wanted, limit: null };
  for (const p of gaining) {
    const { name } = p.pool;
    while ((pools[name] ?? 0) > p.desired && !fits()) pools[name] = Math.max(p.desired, (pools[name] ?? 0) - p.step);
  }
  return { pools, limit: first };
}
