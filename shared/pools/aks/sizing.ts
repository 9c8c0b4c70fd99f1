import type { PoolState } from "../../model/pool.ts";
import type { AksRef, Pool } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import { named } from "./errors.ts";
import { NODES_PER_POOL, SYSTEM_POOL_MIN } from "./limits.ts";
import type { AgentPoolReply } from "./replies.ts";
import { isStopped } from "./status.ts";

/** What is asked of AKS for a size: the size itself, or the bounds that leave its autoscaler no other. */
export type Wish = { readonly count: number } | { readonly minCount: number; readonly maxCount: number };

/** The bounds that AKS itself enforces. */
export const boundsOf = (pool: AgentPoolReply): Pick<PoolState, "min" | "max"> =>
  pool.enableAutoScaling === true
    ? { min: pool.minCount ?? 0, max: pool.maxCount ?? NODES_PER_POOL }
    : { min: minimumOf(pool), max: NODES_PER_POOL };

const minimumOf = (pool: AgentPoolReply): number => (pool.mode === "System" ? SYSTEM_POOL_MIN : 0);

/** Whether a pool is asked for this already. */
export const isGranted = (wish: Wish, pool: AgentPoolReply): boolean =>
  "count" in wish ? wish.count === pool.count : wish.minCount === pool.minCount && wish.maxCount === pool.maxCount;

/** What to ask for so that the pool has so many nodes. Throws `Invalid` for what vramp or AKS cannot do. */
export function wishFor(nodes: number, seen: AgentPoolReply, { control }: Pool, ref: AksRef): Wish {
  const because = refusal(nodes, seen, control);
  if (because !== null) throw new PoolError("Invalid", `${named(ref)} ${because}`);
  // AKS refuses a maximum of zero.
  return control === "bounds" ? { minCount: nodes, maxCount: Math.max(1, nodes) } : { count: nodes };
}

/** Throws `Invalid` unless vramp may say which nodes of the pool go. */
export function refuseRemoval(seen: AgentPoolReply, { control }: Pool, ref: AksRef): void {
  if (control === "desired") return;
  throw new PoolError(
    "Invalid",
    `${named(ref)} is under \`control: bounds\`, where the cluster's autoscaler chooses the nodes that go${seen.enableAutoScaling === true ? "" : ", and it is off"}. Write \`control: desired\` to have idle nodes removed by name.`,
  );
}

function refusal(nodes: number, seen: AgentPoolReply, control: Pool["control"]): string | null {
  if (isStopped(seen)) return "is stopped. Start it with `az aks nodepool start`.";
  if (seen.typePropertiesType === "VirtualMachines")
    return "is of type VirtualMachines, whose sizes stand one by one in its profile. Use a pool of type VirtualMachineScaleSets.";
  if (control === "desired" && seen.enableAutoScaling === true)
    return "is governed by the cluster's autoscaler, and AKS sets no size beside it. Turn it off with `az aks nodepool update --disable-cluster-autoscaler`, or write `control: bounds`.";
  if (control === "bounds" && seen.enableAutoScaling !== true)
    return "has no autoscaler that would keep its bounds. Turn it on with `az aks nodepool update --enable-cluster-autoscaler`, or write `control: desired`.";
  if (nodes > NODES_PER_POOL)
    return `was to have ${nodes} nodes, but AKS allows a pool ${NODES_PER_POOL}. Lower max in the policy, or spread the workload over more pools.`;
  if (nodes < minimumOf(seen))
    return `was to have ${nodes} nodes, but a system pool keeps ${SYSTEM_POOL_MIN}. Use a user pool for GPUs (\`az aks nodepool update --mode User\`).`;
  return null;
}
