import { noteRefusal } from "../decide/capacity/health.ts";
import { recordAccepted } from "../decide/history.ts";
import type { Intent, WorkloadMemory } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import type { OperationState, PoolFailure, PoolState } from "../model/pool.ts";
import { own } from "../policy/own.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { EpochSeconds } from "../policy/units.ts";
import type { NodePools } from "../pools/node-pools.ts";
import { toPoolError } from "./observe.ts";

/** What became of an intent that an earlier run left open. */
export type Resolution = {
  readonly intent: Intent;
  /** Nodes by which the pool's size is seen to have changed, as far as that is not in the memory yet. */
  readonly change: number;
} & (
  | { readonly kind: "running" }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly error: PoolFailure }
  /** The call's outcome was never heard, and the pool shows that it did take effect. */
  | { readonly kind: "tookEffect" }
  /** The call's outcome was never heard, and the pool shows no sign of it. */
  | { readonly kind: "noEffect" }
  /** The call's outcome was never heard, and the policy no longer has the pool. */
  | { readonly kind: "leftAlone" }
);

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

/**
 * Nodes by which a removal has lowered its pool's size since the last look; negative. A resize counts when the cloud accepts
 * it. A removal does when the size falls: where a cloud must lower a minimum first, an accepted call removes nothing yet, and
 * elsewhere the nodes go one by one.
 */
function fallOf(intent: Intent, { desired }: PoolState, memory: WorkloadMemory): number {
  if (intent.remove === null) return 0;
  const last = own(memory.pools, intent.pool)?.desired ?? intent.from;
  return Math.min(0, Math.max(desired, intent.to) - last);
}

/** What a pool shows of a call that nobody heard the outcome of. */
function readFrom(intent: Intent, { desired, nodes }: PoolState, fall: number): Resolution {
  if (intent.remove === null)
    return desired === intent.to
      ? { kind: "tookEffect", intent, change: intent.to - intent.from }
      : { kind: "noEffect", intent, change: 0 };
  const named = new Set(intent.remove);
  const gone = nodes !== null && !nodes.some(({ id }) => named.has(id));
  return { kind: gone || fall < 0 ? "tookEffect" : "noEffect", intent, change: fall };
}

function resolve(
  intent: Intent,
  polled: OperationState | undefined,
  observation: Observation,
  memory: WorkloadMemory,
): Resolution {
  const seen = observation.pools[intent.pool];
  const change = seen?.kind === "seen" ? fallOf(intent, seen.state, memory) : 0;
  if (polled?.kind === "running") return { kind: "running", intent, change };
  if (polled?.kind === "failed") return { kind: "failed", intent, change, error: polled.error };
  if (polled?.kind === "succeeded") return { kind: "done", intent, change };
  // The policy no longer has the pool: nobody will ever look at it again.
  if (seen === undefined) return { kind: "leftAlone", intent, change };
  // Without a look at the pool nothing can be said; it stays open and the pool is left alone.
  if (seen.kind !== "seen") return { kind: "running", intent, change };
  return readFrom(intent, seen.state, change);
}

/** Settles open intents by what the cloud says now; nothing is ever repeated. */
export function resolveIntents(
  memory: WorkloadMemory,
  polled: ReadonlyMap<string, OperationState>,
  observation: Observation,
): readonly Resolution[] {
  return memory.intents.map((intent) => resolve(intent, polled.get(intent.id), observation, memory));
}

/** The memory once a call has failed that the cloud had accepted: the pool may be as it was before, and is to be judged by it. */
function noteFailure(
  memory: WorkloadMemory,
  workload: Workload,
  { pool, from, to }: Intent,
  error: PoolFailure,
  now: EpochSeconds,
): WorkloadMemory {
  const { assigned } = memory;
  const returned = assigned === null ? null : { ...assigned, pools: { ...assigned.pools, [pool]: from } };
  const noted = { ...memory, assigned: returned };
  return to > from ? noteRefusal(noted, workload, pool, error.kind, now) : noted;
}

/** The memory once the resolutions are taken in: settled intents are gone, and what turns out to have changed counts. */
export function applyResolutions(
  memory: WorkloadMemory,
  workload: Workload,
  resolutions: readonly Resolution[],
  now: EpochSeconds,
): WorkloadMemory {
  const open = resolutions.flatMap((r) => (r.kind === "running" ? [r.intent] : []));
  const change = resolutions.reduce((sum, r) => sum + r.change, 0);
  const failed = resolutions.flatMap((r) => (r.kind === "failed" ? [r] : []));
  const settled: WorkloadMemory = { ...memory, intents: open };
  const next = failed.reduce((noted, r) => noteFailure(noted, workload, r.intent, r.error, now), settled);
  if (change === 0) return next;
  const before = Object.values(memory.pools).reduce((sum, p) => sum + p.desired, 0);
  return recordAccepted(next, workload, { from: before, to: before + change }, now);
}
