import type { Operation, OperationState, PoolState } from "../../../shared/model/pool.ts";
import type { EpochSeconds } from "../../../shared/policy/units.ts";
import type { PoolPlan } from "../blueprint.ts";
import type { Machines } from "./machines.ts";

/**
 * One pool at its cloud, with that cloud's manners. What `NodePools` promises, without a network: every call answers at once
 * or throws a `PoolError`. The rest is what happens to a pool that nobody at vramp asked for.
 */
export interface CloudPool {
  readonly plan: PoolPlan;
  readonly machines: Machines;
  /** What it is asked for now, truly. */
  readonly desired: number;
  observe(now: EpochSeconds): PoolState;
  resize(nodes: number, key: string, now: EpochSeconds): Operation;
  remove(ids: readonly string[], key: string, now: EpochSeconds): Operation;
  poll(operation: Operation, now: EpochSeconds): OperationState;
  /** Lets happen what is due. */
  advance(now: EpochSeconds): void;
  /** Somebody else sets the size; false if the cloud refuses it now. */
  setByOutsider(nodes: number, now: EpochSeconds): boolean;
  /** The cloud takes this share of the pool's machines back. */
  reclaim(share: number, now: EpochSeconds): void;
}
