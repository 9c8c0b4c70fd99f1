import type { Seconds } from "../../shared/policy/units.ts";
import { startActors } from "./actors.ts";
import type { WorkloadPlan } from "./blueprint.ts";
import { createFunctions } from "./functions.ts";
import { INVARIANTS } from "./invariants/index.ts";
import { AT_REST, CONVERGENCE, type Complaint, createLiveness, RECOVERY } from "./liveness.ts";
import type { Happening } from "./look.ts";
import type { Fault } from "./swarm.ts";
import { withVirtualTimers } from "./timers.ts";
import { createWorld } from "./world.ts";

/** What one seed came to. */
export interface Outcome {
  readonly seed: number;
  /** Events of the scheduler. */
  readonly steps: number;
  readonly faults: ReadonlyMap<Fault, number>;
  /** A hash of everything that happened. */
  readonly digest: string;
  /** What every workload was asked for at the end, in nodes over all its pools. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly failure: Failure | null;
}

export interface Failure extends Complaint {
  /** The event at which it was noticed. */
  readonly step: number;
  /** What happened before, oldest first. */
  readonly lines: readonly string[];
  /** The faults that were on. */
  readonly swarm: string;
}

const MINUTE: Seconds = 60;

/**
 * Lives through one seed: a fleet, its clouds and everybody around them, with faults at first and then without, in virtual
 * time and always the same. `faults` are the kinds that go wrong, in place of those that the seed draws. Ends at the first thing that must not be, or once everything has come to rest.
 */
export async function simulate(seed: number, faults: readonly Fault[] | null = null): Promise<Outcome> {
  let failure: Failure | null = null;
  const fail = ({ name, text }: Complaint): Failure => {
    const { swarm, scheduler, lines } = world;
    failure ??= { name, text, step: scheduler.steps, lines: [...lines], swarm: swarm.summary };
    return failure;
  };
  const hear = (happening: Happening): void => {
    liveness.hear(happening);
    for (const { name, judge } of watching) {
      const text = judge(happening);
      if (text !== null) fail({ name, text });
    }
  };
  const world = createWorld(seed, hear, faults);
  const liveness = createLiveness(world);
  const watching = INVARIANTS.map(({ name, watch }) => ({ name, judge: watch(world) }));
  startActors(world, createFunctions(world));

  /** Lives on minute by minute until something is wrong or all is at rest. */
  async function live(): Promise<Failure | null> {
    const { scheduler, calmAt } = world;
    let atRestSince: number | null = null;
    for (let minute = scheduler.now + MINUTE; ; minute += MINUTE) {
      await scheduler.runUntil(minute);
      if (failure !== null) return failure;
      if (minute < calmAt) continue;
      const stuck = liveness.complaint();
      if (stuck !== null) return fail(stuck);
      const unsettled = liveness.unsettled();
      atRestSince = unsettled.length > 0 ? null : (atRestSince ?? minute);
      if (atRestSince !== null && minute >= atRestSince + AT_REST && minute >= calmAt + RECOVERY) {
        hear({ kind: "rested" });
        return failure;
      }
      const [first] = unsettled;
      if (first !== undefined && minute > calmAt + CONVERGENCE) return fail({ name: "L1", text: first });
    }
  }

  const ended = await withVirtualTimers(world.scheduler, live);
  const sizeOf = ({ pools }: WorkloadPlan): number =>
    pools.reduce((sum, { name }) => sum + (world.pools.get(name)?.desired ?? 0), 0);
  return {
    seed,
    steps: world.scheduler.steps,
    faults: world.swarm.counts,
    digest: world.digest(),
    sizes: Object.fromEntries(world.policy.plan.workloads.map((w) => [w.id, sizeOf(w)])),
    failure: ended,
  };
}
