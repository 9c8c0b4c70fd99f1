import type { Decision } from "../model/decision.ts";
import type { PoolFailure } from "../model/pool.ts";

/** A change of a pool's size, in nodes. */
export interface PoolChange {
  readonly pool: string;
  readonly from: number;
  readonly to: number;
}

/** What one run came to, as far as people may want to be told of it. */
export interface Facts {
  readonly fleet: string;
  readonly workload: string;
  readonly decision: Decision;
  /** Decided and recorded, not done. */
  readonly observing: boolean;
  /** Busy nodes have been waited for as long as the policy allows, and it says to ask a person. */
  readonly waitIsOver: boolean;
  /** The fleet's stop holds changes that would be made. */
  readonly stopped: boolean;
  /** What the cloud accepted in this run. */
  readonly accepted: readonly PoolChange[];
  /** What an earlier run asked for: nobody heard an answer, and the pool shows that it was done. */
  readonly tookEffect: readonly PoolChange[];
  /** What the cloud refused, or what failed after it was accepted. */
  readonly failed: readonly (PoolChange & { readonly error: PoolFailure })[];
  /** Pools that the cloud does not show. */
  readonly unseen: readonly { readonly pool: string; readonly error: PoolFailure }[];
  /** Pools whose earlier operation ended well. */
  readonly settled: readonly string[];
}
