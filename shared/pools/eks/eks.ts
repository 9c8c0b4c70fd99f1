import { createHash } from "node:crypto";
import {
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  type NodegroupScalingConfig,
  UpdateNodegroupConfigCommand,
} from "@aws-sdk/client-eks";
import type * as z from "zod/mini";
import type { OperationState, PoolState } from "../../model/pool.ts";
import type { EksRef, Pool } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import type { NodePools } from "../node-pools.ts";
import { type Ask, asker } from "./ask.ts";
import { createClients, type EksOptions } from "./clients.ts";
import { named } from "./errors.ts";
import { toFailure } from "./issues.ts";
import { latestLaunchFailure, liveGroups, nodesOf } from "./live.ts";
import {
  instanceIdsOf,
  minimumInTheWay,
  refuseForeignNodes,
  removalToken,
  removedBy,
  stillLive,
  terminate,
} from "./removal.ts";
import { type Nodegroup, nodegroupReply, updateReply } from "./replies.ts";

/**
 * EKS managed node groups. The size is read from the Auto Scaling group behind a node group, because EKS copies it from
 * there only now and then and has no count of ready nodes; it is changed through EKS alone, and nothing but the size is.
 */
export function createEksPools(options: EksOptions = {}): NodePools {
  const clientsOf = createClients(options);

  const describe = async (ref: EksRef, ask: Ask, abort: AbortSignal): Promise<Nodegroup> => {
    const { eks } = clientsOf(ref);
    const command = new DescribeNodegroupCommand({ clusterName: ref.cluster, nodegroupName: ref.nodegroup });
    const { nodegroup } = await ask("DescribeNodegroup", nodegroupReply, () =>
      eks.send(command, { abortSignal: abort }),
    );
    refuseLost(nodegroup, ref);
    return nodegroup;
  };

  return {
    async observe(pool, abort) {
      const ref = refOf(pool);
      const ask = asker(ref);
      const nodegroup = await describe(ref, ask, abort);
      const { autoScaling } = clientsOf(ref);
      const groups = await liveGroups(autoScaling, nodegroup, ref, ask, abort);
      const nodes = groups.flatMap(nodesOf);
      const ready = nodes.filter((node) => node.ready).length;
      const desired = desiredOf(nodegroup, groups);
      // Asked only while nodes are owed: EKS's own issues carry no time, and outlive what caused them.
      const failure = desired > ready ? await latestLaunchFailure(autoScaling, groups, ask, abort) : null;
      const issues = (nodegroup.health?.issues ?? []).map((issue) => toFailure(issue, ref));
      const current = failure?.current === true ? toFailure(failure, ref) : null;
      return {
        desired,
        ready,
        noticed: 0,
        min: nodegroup.scalingConfig.minSize,
        max: nodegroup.scalingConfig.maxSize,
        status: statusOf(nodegroup),
        issues: current === null || issues.some((issue) => issue.kind === current.kind) ? issues : [...issues, current],
        capacityError: failure?.at ?? null,
        nodes,
        step: 1,
        etag: null,
      };
    },

    async resize(pool, nodes, key, abort) {
      const ref = refOf(pool);
      refuseForeignSize(pool, ref);
      const ask = asker(ref);
      const { scalingConfig } = await describe(ref, ask, abort);
      if (nodes > scalingConfig.maxSize)
        throw new PoolError(
          "Invalid",
          `${named(ref)}: ${nodes} nodes were asked for, but its maxSize is ${scalingConfig.maxSize}. Raise maxSize at EKS, or lower max in the policy; vramp never changes it.`,
        );
      const { eks } = clientsOf(ref);
      const command = updateOf(ref, sizing(nodes, scalingConfig.minSize), key);
      const reply = await ask("UpdateNodegroupConfig", updateReply, () => eks.send(command, { abortSignal: abort }));
      return { pool: pool.name, token: reply.update.id };
    },

    async remove(pool, nodes, key, abort) {
      const ref = refOf(pool);
      refuseForeignSize(pool, ref);
      const ids = instanceIdsOf(nodes, ref);
      const ask = asker(ref);
      const { eks, autoScaling } = clientsOf(ref);
      const look = async () => liveGroups(autoScaling, await describe(ref, ask, abort), ref, ask, abort);
      const groups = await look();
      await refuseForeignNodes(autoScaling, ids, groups, ref, ask, abort);
      const live = stillLive(ids, groups);
      const minSize = minimumInTheWay(live, groups);
      if (minSize !== null) {
        // Auto Scaling terminates nothing below the minimum, and hears of the new one only while this update runs: the run
        // that finds it done asks again. desiredSize is not sent, or Auto Scaling would choose which nodes go.
        const command = updateOf(ref, { minSize }, key);
        const reply = await ask("UpdateNodegroupConfig", updateReply, () => eks.send(command, { abortSignal: abort }));
        return { pool: pool.name, token: reply.update.id };
      }
      await terminate(autoScaling, live, ask, abort).catch(async (error: unknown) => {
        // Auto Scaling refuses an instance that went meanwhile, or whose removal it carried out without our hearing of it.
        const gone = isRefusal(error) && stillLive(live, await look()).length === 0;
        if (!gone) throw error;
      });
      return { pool: pool.name, token: removalToken(ids) };
    },

    async poll(pool, operation, abort) {
      const ref = refOf(pool);
      const { eks, autoScaling } = clientsOf(ref);
      const removed = removedBy(operation.token);
      if (removed !== null) {
        const ask = asker(ref);
        const groups = await liveGroups(autoScaling, await describe(ref, ask, abort), ref, ask, abort);
        return { kind: stillLive(removed, groups).length === 0 ? "succeeded" : "running" };
      }
      const command = new DescribeUpdateCommand({
        name: ref.cluster,
        nodegroupName: ref.nodegroup,
        updateId: operation.token,
      });
      const reply = await asker(ref)("DescribeUpdate", updateReply, () => eks.send(command, { abortSignal: abort }));
      return outcomeOf(reply.update, ref);
    },
  };
}

const updateOf = (ref: EksRef, scalingConfig: NodegroupScalingConfig, key: string) =>
  new UpdateNodegroupConfigCommand({
    clusterName: ref.cluster,
    nodegroupName: ref.nodegroup,
    scalingConfig,
    clientRequestToken: requestToken(key),
  });

const isRefusal = (error: unknown): boolean => error instanceof PoolError && error.kind === "Invalid";

function refOf(pool: Pool): EksRef {
  if (pool.eks !== undefined) return pool.eks;
  throw new PoolError("Invalid", `Pool ${pool.name} has no eks reference. Give its region, cluster and nodegroup.`);
}

/** A node group that is going, or never came, is no pool. */
function refuseLost(nodegroup: Nodegroup, ref: EksRef): void {
  switch (nodegroup.status) {
    case "DELETING":
      throw new PoolError("NotFound", `${named(ref)} is being deleted. Remove the pool from the policy.`);
    case "CREATE_FAILED":
    case "DELETE_FAILED":
      throw new PoolError(
        "Invalid",
        `${named(ref)} is in state ${nodegroup.status}. Delete it at EKS, and create it again if it is wanted.`,
      );
    default:
  }
}

/** Setting a size that the cluster's own autoscaler governs would be a fight. */
function refuseForeignSize(pool: Pool, ref: EksRef): void {
  if (pool.control === "bounds")
    throw new PoolError(
      "Invalid",
      `${named(ref)}: \`control: bounds\` is not supported on EKS yet. Write \`control: desired\`, and take the node group from the cluster's autoscaler.`,
    );
}

/** The live size; EKS's copy speaks only until there is an Auto Scaling group. */
function desiredOf(nodegroup: Nodegroup, groups: readonly { readonly DesiredCapacity: number }[]): number {
  if (groups.length === 0) return nodegroup.scalingConfig.desiredSize;
  return groups.reduce((sum, group) => sum + group.DesiredCapacity, 0);
}

function statusOf(nodegroup: Nodegroup): PoolState["status"] {
  if (nodegroup.status === "ACTIVE") return "active";
  return nodegroup.status === "DEGRADED" ? "degraded" : "updating";
}

/**
 * What to send for a size. EKS refuses a desiredSize below minSize, so minSize goes down with it; `<=` rather than `<`,
 * so that a repetition, which finds minSize lowered already, sends the very same and its token is recognised.
 */
function sizing(nodes: number, min: number): NodegroupScalingConfig {
  return nodes <= min ? { minSize: nodes, desiredSize: nodes } : { desiredSize: nodes };
}

/** EKS's idempotency token: 64 characters whatever the key. */
const requestToken = (key: string): string => createHash("sha256").update(key).digest("hex");

function outcomeOf(update: z.output<typeof updateReply>["update"], ref: EksRef): OperationState {
  switch (update.status) {
    case "InProgress":
      return { kind: "running" };
    case "Successful":
      return { kind: "succeeded" };
    case "Failed":
    case "Cancelled": {
      const [issue] = update.errors;
      return { kind: "failed", error: toFailure(issue ?? { code: `Update${update.status}`, message: "" }, ref) };
    }
    default:
      return update.status satisfies never;
  }
}
