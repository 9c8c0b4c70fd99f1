import type { Assignment, PoolHealth, WorkloadMemory } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import type { PoolFailure, PoolState } from "../model/pool.ts";
import { own } from "../policy/own.ts";
import type { Pool } from "../policy/schema/pools.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { healthOf, NEVER_FAILED } from "./capacity/health.ts";

/** One pool's part of a workload's size. Sizes are nodes. */
export interface PoolSize {
  readonly pool: Pool;
  /** What the cloud is asked for. */
  readonly desired: number;
  readonly ready: number;
  /** Ready nodes under an interruption notice. */
  readonly noticed: number;
  /** Nodes that the cloud has given, ready or not. */
  readonly given: number;
  /** Nodes that evictions took off the pool's own count, where a cloud counts so. */
  readonly evicted: number;
  /** The largest size that the cloud accepts for the pool. */
  readonly max: number;
  /** Sizes are multiples of this. */
  readonly step: number;
  readonly health: PoolHealth;
  /** Why the pool could not be seen; then the sizes are what was last seen. */
  readonly unseen: PoolFailure | null;
}

/** A workload's size now, in nodes. */
export interface Size {
  /** The size that the pools stand for. They may be asked for more in sum, while nodes are being replaced. */
  readonly desired: number;
  /** What the pools are asked for in sum. */
  readonly total: number;
  readonly ready: number;
  readonly pools: readonly PoolSize[];
  readonly unseen: readonly PoolSize[];
}

/**
 * Nodes that a pool lost without anybody's wish: evicting a spot node lowers an AKS pool's own count. A count that fell below
 * both what was last seen and what it was last to be asked for is no size that somebody set.
 */
function evictedFrom(pool: Pool, state: PoolState, memory: WorkloadMemory): number {
  if (pool.aks === undefined || pool.capacity !== "spot") return 0;
  const seen = own(memory.pools, pool.name)?.desired ?? 0;
  const asked = own(memory.assigned?.pools ?? {}, pool.name) ?? 0;
  const underWay = memory.intents.some((intent) => intent.pool === pool.name);
  return underWay ? 0 : Math.max(0, Math.min(seen, asked) - state.desired);
}

function poolSize(
  pool: Pool,
  rules: Workload,
  observation: Observation,
  memory: WorkloadMemory,
  now: EpochSeconds,
): PoolSize {
  const seen = own(observation.pools, pool.name);
  const last = own(memory.pools, pool.name);
  if (seen?.kind === "seen") {
    const { state } = seen;
    const { desired, ready, max, noticed, step, nodes } = state;
    return {
      pool,
      desired,
      ready,
      noticed: Math.min(noticed, ready, desired),
      given: Math.max(ready, nodes?.length ?? 0),
      evicted: evictedFrom(pool, state, memory),
      max,
      step,
      health: healthOf(state, last, rules, now),
      unseen: null,
    };
  }
  const [desired, ready] = [last?.desired ?? 0, last?.ready ?? 0];
  const unseen = seen?.error ?? { kind: "Unavailable", message: `pool ${pool.name} was not read` };
  const health = last?.health ?? NEVER_FAILED;
  return { pool, desired, ready, noticed: 0, given: ready, evicted: 0, max: desired, step: 1, health, unseen };
}

/**
 * Whether a pool is where it was last seen, where it was last to be asked for, or on the way from one to the other; null when
 * nothing of the kind is known.
 */
export function isAsAsked({ pool, desired, evicted, step }: PoolSize, memory: WorkloadMemory): boolean | null {
  const seen = own(memory.pools, pool.name)?.desired;
  const asked = own(memory.assigned?.pools ?? {}, pool.name);
  if (seen === undefined || asked === undefined) return null;
  const rounding = step - 1;
  const now = desired + evicted;
  return now >= Math.min(seen, asked) - rounding && now <= Math.max(seen, asked) + rounding;
}

/** The size behind a total that our own calls alone have made, some of them perhaps not yet: never beyond either size. */
export function ownSize(total: number, assigned: Assignment | null): number {
  if (assigned === null) return total;
  const { before, after } = assigned;
  if (total === before.total) return before.size;
  if (total === after.total) return after.size;
  const [low, high] = [Math.min(before.size, after.size), Math.max(before.size, after.size)];
  return Math.min(high, Math.max(low, total));
}

/**
 * The size that pools which sum to `total` stand for. Nodes that are on top while others are replaced are not part of it;
 * whatever somebody else added to them or took from them is.
 */
export function sizeBehind(total: number, assigned: Assignment | null): number {
  if (assigned === null || total === assigned.before.total) return assigned?.before.size ?? total;
  const { before, after } = assigned;
  if (total === after.total) return after.size;
  const larger = Math.max(before.size, after.size);
  const onTop = Math.max(0, before.total - before.size, after.total - after.size);
  return total <= larger ? total : Math.max(larger, total - onTop);
}

/** Whether every pool has been brought where the last decision wanted it. */
function isAllDone(pools: readonly PoolSize[], memory: WorkloadMemory, now: EpochSeconds): boolean {
  const { assigned, lastDecision } = memory;
  if (assigned === null || lastDecision === null || now <= lastDecision.at) return false;
  return pools.every(({ pool, desired, evicted }) => desired + evicted === own(assigned.pools, pool.name));
}

/**
 * The size that the pools stand for. The last decision knew it, once all of it is done: with nodes in steps the total may be
 * the one before while the size is another.
 */
function sizeNow(pools: readonly PoolSize[], total: number, memory: WorkloadMemory, now: EpochSeconds): number {
  const { assigned } = memory;
  if (assigned !== null && total === assigned.after.total && isAllDone(pools, memory, now)) return assigned.after.size;
  const ours = pools.every((p) => isAsAsked(p, memory) === true);
  return ours ? ownSize(total, assigned) : sizeBehind(total, assigned);
}

/** Adds up a workload's pools. A pool whose cloud does not answer counts as it was last seen, and can neither grow nor shrink. */
export function sizeOf(workload: Workload, observation: Observation, memory: WorkloadMemory, now: EpochSeconds): Size {
  const pools = workload.pools.map((pool) => poolSize(pool, workload, observation, memory, now));
  const total = pools.reduce((sum, p) => sum + p.desired + p.evicted, 0);
  return {
    desired: sizeNow(pools, total, memory, now),
    total,
    ready: pools.reduce((sum, p) => sum + p.ready, 0),
    pools,
    unseen: pools.filter((p) => p.unseen !== null),
  };
}
