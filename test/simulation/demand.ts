import type { EpochSeconds } from "../../shared/policy/units.ts";
import type { Plan, WorkloadPlan } from "./blueprint.ts";
import type { Random } from "./random.ts";

/** How much work there is, in nodes that it keeps busy: a level for each workload that jumps now and then. */
export interface Demand {
  load(workload: string, at: EpochSeconds): number;
}

interface Level {
  readonly from: EpochSeconds;
  readonly load: number;
}

/** Minutes that a level lasts, shortest and longest. */
const LASTS = { from: 3, to: 14 } as const;

/**
 * The level that stays at the end. Rules have one answer only to nothing and to more than there can be; a level in between they
 * may meet with one node more or fewer. Nor may a budget stand in the way of what is expected.
 */
function lastLoad({ kind, max }: WorkloadPlan, budgeted: boolean, random: Random): number {
  if (budgeted) return 0;
  // More than nodes that a changed policy has forgotten could do besides.
  return kind === "rules" ? random.pick([0, 3 * max + 3]) : random.whole(0, max + 1);
}

function levelsOf(
  plan: WorkloadPlan,
  budgeted: boolean,
  start: EpochSeconds,
  end: EpochSeconds,
  random: Random,
): readonly Level[] {
  const levels: Level[] = [];
  for (let from = start; from < end; from += random.between(LASTS.from, LASTS.to) * 60)
    levels.push({ from, load: random.chance(0.3) ? 0 : random.whole(0, plan.max + 2) });
  return [...levels, { from: end, load: lastLoad(plan, budgeted, random) }];
}

export function createDemand(plan: Plan, start: EpochSeconds, end: EpochSeconds, random: Random): Demand {
  const levels = new Map(
    plan.workloads.map((w) => [w.id, levelsOf(w, plan.budget !== null, start, end, random.fork(w.id))] as const),
  );
  return { load: (workload, at) => levels.get(workload)?.findLast((level) => level.from <= at)?.load ?? 0 };
}
