import type { Override, WorkloadMemory } from "../../../shared/model/memory.ts";
import type { EpochSeconds } from "../../../shared/policy/units.ts";
import { OFF_HOURS, type WorkloadPlan } from "../blueprint.ts";

/** Whether the off-hours window is in force. All its hours are UTC. */
export function isOffHours({ offHours }: WorkloadPlan, now: EpochSeconds): boolean {
  if (offHours === "none") return false;
  const hour = new Date(now * 1000).getUTCHours();
  return hour >= OFF_HOURS.from || hour < OFF_HOURS.until;
}

export const overridesAt = (memory: WorkloadMemory, now: EpochSeconds): readonly Override[] =>
  memory.overrides.filter((o) => now < o.until);

export const heldAt = (memory: WorkloadMemory, now: EpochSeconds): number | null =>
  overridesAt(memory, now).findLast((o) => o.kind === "hold")?.nodes ?? null;

/** The size above which somebody wants no nodes, whatever the demand. */
export const ceilingOf = (plan: WorkloadPlan, memory: WorkloadMemory, now: EpochSeconds): number =>
  heldAt(memory, now) ?? (isOffHours(plan, now) ? 0 : plan.max);
