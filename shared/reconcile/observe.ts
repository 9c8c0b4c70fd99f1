import type { Observation, TriggerKind } from "../model/observation.ts";
import type { PoolObservation } from "../model/pool.ts";
import type { Policy } from "../policy/schema/policy.ts";
import type { Pool } from "../policy/schema/pools.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { PoolError } from "../pools/errors.ts";
import type { NodePools } from "../pools/node-pools.ts";
import { readSignals } from "../signals/read-signals.ts";
import type { ReconcileDeps } from "./deps.ts";
import { OBSERVE_TIMEOUT_MS } from "./limits.ts";
import { readOthers } from "./spending.ts";

/** Any error as the pool family has it; what is not a `PoolError` is a fault of ours, told as such and tried again. */
export function toPoolError(error: unknown, pool: string): PoolError {
  if (error instanceof PoolError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new PoolError("Unavailable", `pool ${pool}: unexpected failure: ${text}`, { cause: error });
}

/** What a pool's cloud says of it, or why it said nothing. */
export async function observePool(pools: NodePools, pool: Pool, abort: AbortSignal): Promise<PoolObservation> {
  try {
    return { kind: "seen", state: await pools.observe(pool, abort) };
  } catch (error) {
    return { kind: "unseen", error: toPoolError(error, pool.name).toFailure() };
  }
}

/** Reads every signal and pool of a workload, and what the fleet spends, all at once, within one deadline. Never throws: what fails is unknown. */
export async function observe(
  deps: Pick<ReconcileDeps, "sources" | "pools" | "memory">,
  policy: Policy,
  name: string,
  workload: Workload,
  trigger: TriggerKind,
  now: EpochSeconds,
): Promise<Observation> {
  const abort = AbortSignal.timeout(OBSERVE_TIMEOUT_MS);
  const [signals, pools, others] = await Promise.all([
    readSignals({ policy, workload: name, now, abort, sources: deps.sources }),
    Promise.all(workload.pools.map(async (p) => [p.name, await observePool(deps.pools, p, abort)] as const)),
    readOthers(deps, policy, name, now),
  ]);
  return { workload: name, trigger, signals, pools: Object.fromEntries(pools), others };
}
