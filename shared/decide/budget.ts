import type { OthersSpending } from "../model/observation.ts";
import type { Context } from "./context.ts";
import type { Limit } from "./draft.ts";
import { costPerHour, spendingNow } from "./spending.ts";
import { splitOver } from "./stages/capacity.ts";

const usd = (dollars: number): string => `${dollars.toFixed(2)} USD`;

/** US dollars that adding doubles leaves over: 3 nodes at 12.30 come to 36.900000000000006. A budget may be reached exactly. */
const ROUNDING = 1e-6;
const exceeds = (cost: number, limit: number): boolean => cost > limit + ROUNDING;

const NO_OTHERS: OthersSpending = { perHour: 0, today: 0 };

/**
 * Whether the fleet could pay for this workload at this size: within the hour's budget, and for an hour more within the day's.
 * What cannot be judged is not paid for.
 */
function complaint(context: Context, nodes: number): Omit<Limit, "nodes"> | null {
  const { policy, size, observation, memory, now } = context;
  const { perHour, perDay } = policy.budget ?? {};
  const split = splitOver(size, nodes);
  const own = costPerHour(size.pools.map((p) => ({ price: p.pool.pricePerHour, nodes: split[p.pool.name] ?? 0 })));
  if (own === null)
    return { reason: "PriceUnknown", detail: "a budget is set and a pool that would grow has no pricePerHour" };
  const others = observation.others ?? NO_OTHERS;
  if ("unknown" in others)
    return { reason: "SpendingUnknown", detail: `what the other workloads cost is not known: ${others.unknown}` };
  const rate = own + others.perHour;
  if (perHour !== undefined && exceeds(rate, perHour)) {
    const detail = `${nodes} nodes would take the fleet to ${usd(rate)} an hour; budget.perHour is ${usd(perHour)}`;
    return { reason: "BudgetReached", detail };
  }
  const spent = (spendingNow(memory, size.pools, policy.timeZone, now)?.spent ?? 0) + others.today;
  if (perDay !== undefined && exceeds(spent + rate, perDay)) {
    const detail = `${usd(spent)} are spent today and ${nodes} nodes would add ${usd(rate)} in an hour; budget.perDay is ${usd(perDay)}`;
    return { reason: "BudgetReached", detail };
  }
  return null;
}

/** The most nodes above the present size that the budget allows; null when it allows what is wanted. Never below the present size. */
export function budgetCeiling(context: Context, want: number): Limit | null {
  const current = context.size.desired;
  if (context.policy.budget === undefined || want <= current) return null;
  const first = complaint(context, want);
  if (first === null) return null;
  // Each node more costs more, so the largest that fits is found by halving.
  let fits = current;
  let tooMany = want;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (complaint(context, middle) === null) fits = middle;
    else tooMany = middle;
  }
  return { ...first, nodes: fits };
}
