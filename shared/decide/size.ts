import type { WorkloadMemory } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import type { PoolFailure } from "../model/pool.ts";
import { own } from "../policy/own.ts";
import type { Pool } from "../policy/schema/pools.ts";

/** One pool's part of a workload's size. */
export interface PoolSize {
  readonly pool: Pool;
  readonly desired: number;
  readonly ready: number;
  /** The largest size that the cloud accepts for the pool. */
  readonly max: number;
  /** Why the pool could not be seen; then `desired` and `ready` are what was last seen. */
  readonly unseen: PoolFailure | null;
}

/** A workload's size now, in nodes. */
export interface Size {
  readonly desired: number;
  readonly ready: number;
  readonly pools: readonly PoolSize[];
  readonly unseen: readonly PoolSize[];
}

function poolSize(pool: Pool, observation: Observation, memory: WorkloadMemory): PoolSize {
  const seen = own(observation.pools, pool.name);
  if (seen?.kind === "seen") {
    const { desired, ready, max } = seen.state;
    return { pool, desired, ready, max, unseen: null };
  }
  const last = own(memory.pools, pool.name);
  const unseen = seen?.error ?? { kind: "Unavailable", message: `pool ${pool.name} was not read` };
  return { pool, desired: last?.desired ?? 0, ready: last?.ready ?? 0, max: last?.desired ?? 0, unseen };
}

/** Adds up a workload's pools. A pool whose cloud does not answer counts as it was last seen, and can neither grow nor shrink. */
export function sizeOf(pools: readonly Pool[], observation: Observation, memory: WorkloadMemory): Size {
  const sizes = pools.map((pool) => poolSize(pool, observation, memory));
  return {
    desired: sizes.reduce((sum, p) => sum + p.desired, 0),
    ready: sizes.reduce((sum, p) => sum + p.ready, 0),
    pools: sizes,
    unseen: sizes.filter((p) => p.unseen !== null),
  };
}
