import { fleetOf, workloadIn } from "../../../test/support/fleet.ts";
import type { PoolSize } from "../size.ts";
import { NEVER_FAILED } from "./health.ts";
import type { spotPool } from "./pools.fixture.ts";

export type PoolInput = ReturnType<typeof spotPool>;

/** Why a pool's cloud did not answer. */
export const UNSEEN = { kind: "Unavailable", message: "no answer within 8 s" } as const;

/** A pool that stands so, in nodes: empty, and otherwise ready as asked for and given as ready, unless said otherwise. */
export function sizeWith(input: PoolInput, more: Partial<PoolSize> = {}): PoolSize {
  const [pool] = workloadIn(fleetOf({ pools: [input] })).pools;
  if (pool === undefined) throw new Error(`the policy lost the pool ${input.name}`);
  const { desired = 0, ready = desired, given = ready } = more;
  const sound = { noticed: 0, evicted: 0, max: 10, step: 1, health: NEVER_FAILED, unseen: null };
  return { pool, ...sound, ...more, desired, ready, given };
}
