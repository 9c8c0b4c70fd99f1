import type { Seconds } from "../../shared/policy/units.ts";
import type { Answer, Controller, DemandSample, Sight } from "../world/controller.ts";
import { createErrors, createTurns, type Groups, living, sizesOf } from "./groups.ts";

/** What the rules of a usual alert-driven autoscaler say. */
const UP = { above: 50, for: 120, add: 2 } as const;
const DOWN = { below: 10, for: 900, remove: 1 } as const;

/** kube-prometheus' `evaluation_interval`. */
const EVALUATION: Seconds = 30;

/** How long a zone that refused a node is left alone. */
const SKIP: Seconds = 120;
/** Zones that have to have refused before on-demand is asked. */
const FAILURES = 2;

/** Whether a condition has held on every sample for a while; the while starts anew once the rule has acted. */
function createHeld(length: Seconds, holds: (sample: DemandSample) => boolean) {
  let since: Seconds | null = null;
  return {
    look: (sample: DemandSample): boolean => {
      since = holds(sample) ? (since ?? sample.at) : null;
      return since !== null && sample.at - since >= length;
    },
    restart: () => {
      since = null;
    },
  };
}

/** Rules on the queue: two nodes more after two minutes over 50, one less after fifteen under 10. */
export function createRules(groups: Groups, initial: Readonly<Record<string, number>>): Controller {
  const long = createHeld(UP.for, (s) => s.waiting > UP.above);
  const short = createHeld(DOWN.for, (s) => s.waiting < DOWN.below);
  const turn = createTurns(groups.spot);
  const isNewError = createErrors();
  const refusedAt = new Map<string, Seconds>();

  const add = (sizes: Record<string, number>, now: Seconds) => {
    const shunned = (group: string) => now - (refusedAt.get(group) ?? Number.NEGATIVE_INFINITY) < SKIP;
    const failing = groups.spot.filter(shunned).length;
    const group = (failing >= FAILURES ? null : turn(shunned)) ?? groups.onDemand;
    sizes[group] = (sizes[group] ?? 0) + 1;
  };

  const removeOne = (sizes: Record<string, number>) => {
    const largest = groups.spot.toSorted((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0))[0];
    const from = (sizes[groups.onDemand] ?? 0) > 0 ? groups.onDemand : largest;
    if (from !== undefined && (sizes[from] ?? 0) > 0) sizes[from] = (sizes[from] ?? 0) - 1;
  };

  const act = ({ now, live, pools }: Sight, sizes: Record<string, number>): void => {
    for (const pool of pools) {
      if (!isNewError(pool)) continue;
      refusedAt.set(pool.name, now);
      // What a zone refused is asked for elsewhere.
      const lacking = pool.desired - living(pool);
      sizes[pool.name] = pool.desired - lacking;
      for (let i = 0; i < lacking; i += 1) add(sizes, now);
    }
    const [grows, shrinks] = [long.look(live), short.look(live)];
    if (grows) {
      long.restart();
      for (let i = 0; i < UP.add; i += 1) add(sizes, now);
    } else if (shrinks) {
      short.restart();
      for (let i = 0; i < DOWN.remove; i += 1) removeOne(sizes);
    }
  };

  return {
    every: EVALUATION,
    wokenByEvents: true,
    initial,
    act: (sight): Answer => {
      const sizes = sizesOf(sight);
      act(sight, sizes);
      return { sizes };
    },
  };
}
