import type { Operation, OperationState, PoolState } from "../model/pool.ts";
import type { Pool } from "../policy/schema/pools.ts";

/**
 * One cloud's node pools. Nothing here waits: a resize returns as soon as the cloud has accepted it, and a later run polls.
 * Every method throws only `PoolError`, and gives up when `abort` fires (`Unavailable`).
 */
export interface NodePools {
  /** What the cloud says of the pool now. */
  observe(pool: Pool, abort: AbortSignal): Promise<PoolState>;
  /** Asks for exactly `nodes` nodes. The same `key` twice is one request, even across processes. */
  resize(pool: Pool, nodes: number, key: string, abort: AbortSignal): Promise<Operation>;
  /**
   * Removes exactly these nodes, by the ids that `observe` gave, and takes them off the desired size; the pool's minimum at
   * the cloud is lowered where it stands in the way. A node that is already gone counts as removed. The same `key` twice is
   * one request where the cloud can tell; where it cannot, named nodes make it so.
   */
  remove(pool: Pool, nodes: readonly string[], key: string, abort: AbortSignal): Promise<Operation>;
  /** How an operation that `resize` returned is doing. `pool` is the one that it was started on. */
  poll(pool: Pool, operation: Operation, abort: AbortSignal): Promise<OperationState>;
}
