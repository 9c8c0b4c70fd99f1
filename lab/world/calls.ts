import type { Seconds } from "../../shared/policy/units.ts";
import type { Accepted, Answer } from "./controller.ts";
import type { CallLimits } from "./options.ts";
import type { CloudPool } from "./pool.ts";

/** The cloud's door: takes mutating calls as far as its limits go. */
export interface Calls {
  /** Makes the calls that an answer comes to, growth first, and tells which were taken. */
  readonly make: (answer: Answer, pools: readonly CloudPool[], now: Seconds) => readonly Accepted[];
  readonly made: () => number;
  readonly throttled: () => number;
}

const LIMIT_OVER: Seconds = 60;

/** A size that makes sense; a controller that asks for anything else is broken, and the world says so. */
function sizeFor(pool: string, nodes: number): number {
  if (Number.isInteger(nodes) && nodes >= 0) return nodes;
  throw new RangeError(`pool ${pool} was asked for ${nodes} nodes; a controller answers whole numbers from 0 on`);
}

export function createCalls({ perMinute, inFlight }: CallLimits): Calls {
  let recent: Seconds[] = [];
  let [made, throttled] = [0, 0];
  return {
    make: (answer, pools, now) => {
      recent = recent.filter((at) => at > now - LIMIT_OVER);
      const wanted = pools.flatMap((pool) => {
        const to = answer.sizes[pool.pool.name];
        if (to === undefined) return [];
        const named = answer.remove?.[pool.pool.name] ?? [];
        return sizeFor(pool.pool.name, to) === pool.desired ? [] : [{ pool, from: pool.desired, to, named }];
      });
      const accepted: Accepted[] = [];
      for (const { pool, from, to, named } of wanted.toSorted((a, b) => b.to - b.from - (a.to - a.from))) {
        if (recent.length >= perMinute || pool.updating(now)) {
          throttled += 1;
          continue;
        }
        recent.push(now);
        made += 1;
        pool.resize(to, named, now, inFlight);
        accepted.push({ pool: pool.pool.name, from, to });
      }
      return accepted;
    },
    made: () => made,
    throttled: () => throttled,
  };
}
