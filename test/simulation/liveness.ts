import { VISIBILITY_TIMEOUT } from "../../infra/limits.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { LONG_QUEUE, PER_NODE, type WorkloadPlan } from "./blueprint.ts";
import { isOffHours } from "./invariants/expected.ts";
import type { Happening } from "./look.ts";
import type { World } from "./world.ts";

/** Until then what hung, waits hidden or is leased from before must be over. */
export const RECOVERY: Seconds = VISIBILITY_TIMEOUT + 60;
/** Until then everything must stand where it belongs: an hour in which turning round counts, and what follows. */
export const CONVERGENCE: Seconds = 100 * 60;
/** For so long it must stand there to count. */
export const AT_REST: Seconds = 180;
/** A tick each minute, and what a look takes. */
const LOOK_AGAIN: Seconds = 100;
/** Well below the minute after which the next tick would look anyway. */
const ANSWER: Seconds = 20;

/** A complaint, with the name of what it breaks. */
export interface Complaint {
  readonly name: string;
  readonly text: string;
}

/**
 * The size that the world alone asks for, whatever happened before. `awake`: demand or an operator has ended the off-hours zero,
 * which lasts until there is nothing to do.
 */
export function fixpointOf(plan: WorkloadPlan, load: number, awake: boolean, now: EpochSeconds): number {
  const queue = plan.kind === "rules" ? load * 60 : load * PER_NODE;
  const wakes = (plan.offHours === "zeroUnlessNeeded" && queue > LONG_QUEUE) || (awake && load > 0);
  if (isOffHours(plan, now) && !wakes) return 0;
  const least = isOffHours(plan, now) ? Math.max(1, plan.min) : plan.min;
  return Math.min(plan.max, Math.max(least, load));
}

/** Watches that things go on and come to an end once nothing goes wrong any more. */
export interface Liveness {
  hear(happening: Happening): void;
  /** Called every minute after the faults. What does not go on. */
  complaint(): Complaint | null;
  /** Where workloads do not stand where they belong; empty once all do. */
  unsettled(): readonly string[];
}

export function createLiveness(world: World): Liveness {
  const { scheduler } = world;
  const decidedAt = new Map<string, EpochSeconds>();
  let unanswered: { readonly workload: string; readonly at: EpochSeconds }[] = [];
  let late: string | null = null;
  /** Notes which of the alerts that wait have waited for too long. */
  const noteLate = (): void => {
    late ??= unanswered.find((a) => scheduler.now - a.at > ANSWER)?.workload ?? null;
  };
  const recovered = (): boolean => scheduler.now > world.calmAt + RECOVERY;

  function standsAt(plan: WorkloadPlan): string | null {
    const { id, pools, interruptible, force } = plan;
    const { now } = scheduler;
    const there = pools.flatMap((p) => world.pools.get(p.name) ?? []);
    const desired = there.reduce((sum, p) => sum + p.desired, 0);
    const ready = there.reduce((sum, p) => sum + p.machines.ready(now), 0);
    const { intents, lastDecision, calendarWake } = world.stored(id);
    const load = world.demand.load(id, now);
    const wanted = fixpointOf(plan, load, calendarWake !== null, now);
    // Work that may not be interrupted keeps its nodes until a person decides; that it waits is told every time.
    if (!interruptible && !force && load > wanted && desired > wanted && lastDecision?.reason === "BusyNodes")
      return null;
    const rounding = pools.reduce((sum, p) => sum + p.zones - 1, 0);
    const each = there.map((p) => `${p.plan.name} ${p.desired} (${p.machines.ready(now)} ready)`).join(", ");
    const says = `${lastDecision?.want} (${lastDecision?.reason}: ${lastDecision?.detail})`;
    if (Math.abs(desired - wanted) > rounding || ready < desired)
      return `${id} should stand at ${wanted}; it has ${each}, and vramp wants ${says}`;
    return intents.length === 0 ? null : `${id} has an intent open that nobody settles: ${JSON.stringify(intents[0])}`;
  }

  return {
    hear(happening) {
      if (happening.kind === "decided") {
        const { workload } = happening.look;
        decidedAt.set(workload, scheduler.now);
        noteLate();
        unanswered = unanswered.filter((a) => a.workload !== workload);
      }
      if (happening.kind === "alerted" && recovered())
        unanswered.push({ workload: happening.workload, at: scheduler.now });
    },
    complaint() {
      if (!recovered()) return null;
      const silent = world.policy.plan.workloads.find((w) => scheduler.now - (decidedAt.get(w.id) ?? 0) > LOOK_AGAIN);
      if (silent !== undefined)
        return { name: "L2", text: `nobody has decided about ${silent.id} for ${LOOK_AGAIN} s` };
      noteLate();
      return late === null ? null : { name: "L3", text: `an alert of ${late} led to no decision within ${ANSWER} s` };
    },
    unsettled: () => world.policy.plan.workloads.flatMap((w) => standsAt(w) ?? []),
  };
}
