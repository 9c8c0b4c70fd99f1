import { createHash } from "node:crypto";
import type { Lease } from "../memory/memory.ts";
import type { Decision } from "../model/decision.ts";
import type { Intent, WorkloadMemory } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import type { Operation, PoolFailure } from "../model/pool.ts";
import type { Reason } from "../model/reasons.ts";
import { own } from "../policy/own.ts";
import type { Pool } from "../policy/schema/pools.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { NodePools } from "../pools/node-pools.ts";
import { toPoolError } from "./observe.ts";

/** One pool whose size should change. */
export interface Change {
  readonly pool: Pool;
  readonly from: number;
  readonly to: number;
  /** The nodes to be removed by name; null when only a size is asked for. */
  readonly remove: readonly string[] | null;
  /** Why it is not asked for in this run; null when it is. */
  readonly waits: Reason | null;
}

/** What the cloud said to one change. */
export type Action = Change & {
  readonly result:
    | { readonly kind: "accepted"; readonly operation: Operation }
    | { readonly kind: "failed"; readonly error: PoolFailure }
    | { readonly kind: "waiting" };
};

function waits(pool: Pool, observation: Observation, memory: WorkloadMemory, observing: boolean): Reason | null {
  if (observing) return "Observing";
  if (memory.intents.some((i) => i.pool === pool.name)) return "OperationInProgress";
  const seen = observation.pools[pool.name];
  return seen?.kind === "seen" && seen.state.status === "updating" ? "OperationInProgress" : null;
}

/** The size and the nodes of one call. A pool that is to lose nodes by name loses those first, and the rest in the next run. */
function callFor(decision: Decision, pool: string, from: number): Pick<Change, "to" | "remove"> {
  const named = own(decision.remove, pool) ?? [];
  if (named.length > 0) return { to: from - named.length, remove: named };
  return { to: own(decision.pools, pool) ?? from, remove: null };
}

/** The pools whose decided size differs from what they are asked for now. One operation at a time for each pool. */
export function changesOf(
  decision: Decision,
  workload: Workload,
  observation: Observation,
  memory: WorkloadMemory,
  observing: boolean,
): readonly Change[] {
  const changes = workload.pools.flatMap((pool): readonly Change[] => {
    const seen = observation.pools[pool.name];
    if (seen?.kind !== "seen") return [];
    const from = seen.state.desired;
    const call = callFor(decision, pool.name, from);
    return call.to === from ? [] : [{ pool, from, ...call, waits: waits(pool, observation, memory, observing) }];
  });
  return together(changes, decision, workload, observation);
}

/**
 * A move between pools is one thing: growth that rests on another pool's shrinking waits with it, and shrinking that rests on
 * growth waits for that. So what is asked for stays between what there is and what was decided, and below `nodes.max`.
 */
function together(
  changes: readonly Change[],
  { pools }: Decision,
  workload: Workload,
  observation: Observation,
): readonly Change[] {
  const decided = (name: string): number => own(pools, name) ?? 0;
  const sum = (of: (name: string) => number): number => workload.pools.reduce((total, p) => total + of(p.name), 0);
  const now = sum((name) => {
    const seen = own(observation.pools, name);
    return seen?.kind === "seen" ? seen.state.desired : decided(name);
  });
  const most = Math.max(now, Math.min(sum(decided), workload.nodes.max));
  const least = Math.min(now, sum(decided));
  let total = changes.reduce((all, c) => (c.waits === null ? all + c.to - c.from : all), now);
  // The least preferred first.
  return changes
    .toReversed()
    .map((change): Change => {
      const difference = change.to - change.from;
      if (change.waits !== null || (difference > 0 ? total <= most : total >= least)) return change;
      total -= difference;
      return { ...change, waits: "OperationInProgress" };
    })
    .toReversed();
}

/** The durable notes for the changes that are about to be asked for. */
export function intentsFor(
  changes: readonly Change[],
  lease: Lease,
  revision: string,
  newId: () => string,
  now: number,
): readonly Intent[] {
  return changes
    .filter((c) => c.waits === null)
    .map(({ pool, from, to, remove }) => ({
      id: newId(),
      pool: pool.name,
      from,
      to,
      remove,
      at: now,
      epoch: lease.epoch,
      policyRevision: revision,
      operation: null,
    }));
}

/** One key for one intent: the cloud takes a repeated call with it for the same call. */
const keyOf = (intent: Intent): string =>
  createHash("sha256").update(`${intent.id}|${intent.pool}|${intent.epoch}|${intent.to}`).digest("hex");

/** Asks the cloud for one change. Never throws: a refusal is a result. */
export async function act(change: Change, intent: Intent, pools: NodePools, abort: AbortSignal): Promise<Action> {
  try {
    const { pool, to, remove } = change;
    const operation =
      remove === null
        ? await pools.resize(pool, to, keyOf(intent), abort)
        : await pools.remove(pool, remove, keyOf(intent), abort);
    return { ...change, result: { kind: "accepted", operation } };
  } catch (error) {
    return { ...change, result: { kind: "failed", error: toPoolError(error, change.pool.name).toFailure() } };
  }
}
