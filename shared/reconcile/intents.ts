import { recordChange } from "../decide/history.ts";
import type { Intent, WorkloadMemory } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import type { OperationState, PoolFailure } from "../model/pool.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { EpochSeconds } from "../policy/units.ts";
import type { NodePools } from "../pools/node-pools.ts";
import { toPoolError } from "./observe.ts";

/** What became of an intent that an earlier run left open. */
export type Resolution =
  | { readonly kind: "running"; readonly intent: Intent }
  | { readonly kind: "done"; readonly intent: Intent }
  | { readonly kind: "failed"; readonly intent: Intent; readonly error: PoolFailure }
  /** The call's outcome was never heard, and the pool shows that it did take effect. */
  | { readonly kind: "tookEffect"; readonly intent: Intent }
  /** The call's outcome was never heard, and the pool shows no sign of it. */
  | { readonly kind: "noEffect"; readonly intent: Intent };

async function pollIntent(
  intent: Intent,
  workload: Workload,
  pools: NodePools,
  abort: AbortSignal,
): Promise<OperationState> {
  const pool = workload.pools.find((p) => p.name === intent.pool);
  if (pool === undefined || intent.operation === null) return { kind: "succeeded" };
  try {
    return await pools.poll(pool, intent.operation, abort);
  } catch (error) {
    const failure = toPoolError(error, intent.pool);
    return failure.retryable ? { kind: "running" } : { kind: "failed", error: failure.toFailure() };
  }
}

/** Asks the cloud how the operations of open intents are doing. Throws nothing. */
export function pollIntents(
  memory: WorkloadMemory,
  workload: Workload,
  pools: NodePools,
  abort: AbortSignal,
): Promise<ReadonlyMap<string, OperationState>> {
  const started = memory.intents.filter((i) => i.operation !== null);
  const polls = started.map(async (i) => [i.id, await pollIntent(i, workload, pools, abort)] as const);
  return Promise.all(polls).then((states) => new Map(states));
}

function resolve(intent: Intent, polled: OperationState | undefined, observation: Observation): Resolution {
  if (polled?.kind === "running") return { kind: "running", intent };
  if (polled?.kind === "failed") return { kind: "failed", intent, error: polled.error };
  if (polled?.kind === "succeeded") return { kind: "done", intent };
  const seen = observation.pools[intent.pool];
  // Without a look at the pool nothing can be said; it stays open and the pool is left alone.
  if (seen?.kind !== "seen") return { kind: "running", intent };
  return { kind: seen.state.desired === intent.to ? "tookEffect" : "noEffect", intent };
}

/** Settles open intents by what the cloud says now; nothing is ever repeated. */
export function resolveIntents(
  memory: WorkloadMemory,
  polled: ReadonlyMap<string, OperationState>,
  observation: Observation,
): readonly Resolution[] {
  return memory.intents.map((intent) => resolve(intent, polled.get(intent.id), observation));
}

/** The memory once the resolutions are taken in: settled intents are gone, and calls that turn out to have worked count. */
export function applyResolutions(
  memory: WorkloadMemory,
  workload: Workload,
  resolutions: readonly Resolution[],
  now: EpochSeconds,
): WorkloadMemory {
  const open = resolutions.flatMap((r) => (r.kind === "running" ? [r.intent] : []));
  const change = resolutions.reduce((sum, r) => (r.kind === "tookEffect" ? sum + r.intent.to - r.intent.from : sum), 0);
  const next = { ...memory, intents: open };
  if (change === 0) return next;
  const before = Object.values(memory.pools).reduce((sum, p) => sum + p.desired, 0);
  return recordChange(next, workload, before, before + change, now);
}
