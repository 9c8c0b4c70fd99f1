import type { Seconds } from "../../shared/policy/units.ts";
import type { Answer, Controller, DemandSample, PoolSight, Sight } from "../world/controller.ts";
import { SAMPLING } from "../world/options.ts";
import { createErrors, createTurns, type Groups, living } from "./groups.ts";

/** What the rules of a usual alert-driven autoscaler say. */
const UP = { above: 50, for: 120, add: 2 } as const;
const DOWN = { below: 10, for: 900, remove: 1 } as const;

/** How long a zone that refused a node is left alone. */
const SKIP: Seconds = 120;

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

const noticed = ({ nodes }: PoolSight): number => nodes.filter((n) => n.noticed && n.phase !== "draining").length;

/**
 * Rules on the queue: two nodes more after two minutes over 50, one less after fifteen under 10. The sum is kept: what is refused
 * or about to be reclaimed is asked for in another zone, and on demand while every zone is left alone.
 */
export function createRules(groups: Groups, initial: Readonly<Record<string, number>>): Controller {
  const long = createHeld(UP.for, (s) => s.waiting > UP.above);
  const short = createHeld(DOWN.for, (s) => s.waiting < DOWN.below);
  const turn = createTurns(groups.spot);
  const isNewError = createErrors();
  const refusedAt = new Map<string, Seconds>();
  let wanted = Object.values(initial).reduce((sum, nodes) => sum + nodes, 0);

  const judge = (live: DemandSample) => {
    const [grows, shrinks] = [long.look(live), short.look(live)];
    if (grows) {
      long.restart();
      wanted += UP.add;
    } else if (shrinks) {
      short.restart();
      wanted = Math.max(0, wanted - DOWN.remove);
    }
  };

  const act = ({ now, live, pools }: Sight): Answer => {
    judge(live);
    for (const pool of pools) if (isNewError(pool)) refusedAt.set(pool.name, now);
    const shunned = (group: string) => now - (refusedAt.get(group) ?? Number.NEGATIVE_INFINITY) < SKIP;
    const sizes = Object.fromEntries(pools.map((p) => [p.name, shunned(p.name) ? living(p) : p.desired]));
    const staying = pools.reduce((sum, p) => sum + (sizes[p.name] ?? 0) - noticed(p), 0);
    for (let n = staying; n < wanted; n += 1) {
      const group = turn(shunned) ?? groups.onDemand;
      sizes[group] = (sizes[group] ?? 0) + 1;
    }
    for (let n = staying; n > wanted; n -= 1) {
      const largest = groups.spot.toSorted((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0))[0];
      const from = (sizes[groups.onDemand] ?? 0) > 0 ? groups.onDemand : largest;
      if (from !== undefined) sizes[from] = Math.max(0, (sizes[from] ?? 0) - 1);
    }
    return { sizes };
  };

  // Alerts are evaluated whenever metrics are sampled.
  return { every: SAMPLING, wokenByEvents: true, initial, act };
}
