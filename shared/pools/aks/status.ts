import type { OperationState, PoolFailure, PoolState } from "../../model/pool.ts";
import type { AksRef } from "../../policy/schema/pools.ts";
import { named, toFailure } from "./errors.ts";
import { type AgentPoolReply, flattened } from "./replies.ts";

/**
 * Whether AKS takes a change now. Every state but these is an operation under way, those that AKS has yet to invent too.
 * `Deleting` is one of them: it may be a pool's end, which its absence will tell, or the removal of some of its machines.
 */
export const isSettled = ({ provisioningState }: AgentPoolReply): boolean =>
  provisioningState === "Succeeded" || provisioningState === "Failed" || provisioningState === "Canceled";

export const isStopped = (pool: AgentPoolReply): boolean => pool.powerState?.code === "Stopped";

export function statusOf(pool: AgentPoolReply): PoolState["status"] {
  if (!isSettled(pool)) return "updating";
  return pool.provisioningState === "Succeeded" && !isStopped(pool) ? "active" : "degraded";
}

/** What AKS reports against the pool. */
export function issuesOf(pool: AgentPoolReply, ref: AksRef): readonly PoolFailure[] {
  if (isStopped(pool))
    return [{ kind: "Invalid", message: `${named(ref)} is stopped. Start it with \`az aks nodepool start\`.` }];
  return pool.provisioningState === "Failed" ? [failureOf(pool, ref)] : [];
}

/** Why a pool is Failed. AKS does not always say. */
function failureOf(pool: AgentPoolReply, ref: AksRef): PoolFailure {
  const error = pool.status?.provisioningError;
  return toFailure(error == null ? { code: "Failed", message: "AKS gives no reason" } : flattened(error), ref);
}

/** How an operation is doing that only the pool's own state tells of. */
export function outcomeIn(pool: AgentPoolReply, ref: AksRef): OperationState {
  switch (pool.provisioningState) {
    case "Succeeded":
      return { kind: "succeeded" };
    case "Failed":
      return { kind: "failed", error: failureOf(pool, ref) };
    case "Canceled":
      return canceled(ref);
    default:
      return { kind: "running" };
  }
}

/** An operation that was stopped before its end: by vramp because it was stuck, or by someone else. */
export const canceled = (ref: AksRef): OperationState => ({
  kind: "failed",
  error: {
    kind: "Unavailable",
    message: `${named(ref)}: the operation was canceled. The next run decides anew, from the size that it left.`,
  },
});
