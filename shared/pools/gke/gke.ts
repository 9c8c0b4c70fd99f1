import { systemClock } from "../../model/clock.ts";
import type { Operation, OperationState, PoolState } from "../../model/pool.ts";
import type { GkeRef, Pool } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import type { NodePools } from "../node-pools.ts";
import { type Ask, asker, unlessOver } from "./ask.ts";
import { createClients, type GkeClients, type GkeOptions, LIMITS, NODES_PER_ZONE } from "./clients.ts";
import { named, toPoolError } from "./errors.ts";
import { groupsOf, isShortage, latestShortage, launchIssues, nodesOf, targetOf } from "./groups.ts";
import { oneOfEach, toFailure } from "./issues.ts";
import { deleteNodes, nodeIdsOf, refuseForeignNodes, removalToken, removedBy, stillLive } from "./removal.ts";
import {
  type Autoscaling,
  clusterReply,
  type GkeNodePool,
  type GkeOperation,
  nodePoolReply,
  operationReply,
  operationsReply,
} from "./replies.ts";
import { autoscalingFor, boundsOf, sizePerZone } from "./sizes.ts";

/** One run's way to one node pool. */
interface Reach {
  readonly ref: GkeRef;
  readonly clients: GkeClients;
  readonly ask: Ask;
  readonly abort: AbortSignal;
  /** The time of one call to GKE, and none of the SDK's own retries. */
  readonly call: { readonly timeout: number; readonly retry: null };
}

// The token of a request that needed no change: GKE has no operation to poll for it.
const NO_CHANGE = "no-change";

/**
 * GKE node pools. The size is read from the instance groups behind a node pool, because GKE keeps none; it is changed
 * through GKE, in every zone alike, and nothing but the size is. GKE has no idempotency token: every change follows a look,
 * and one whose reply was lost is not repeated once the look shows it done.
 */
export function createGkePools(options: GkeOptions = {}): NodePools {
  const clientsOf = createClients(options);
  const limits = { ...LIMITS, ...options.limits };
  const now = options.now ?? systemClock;

  const reach = async (pool: Pool, abort: AbortSignal): Promise<Reach> => {
    const ref = refOf(pool);
    const call = { timeout: limits.requestTimeout * 1000, retry: null };
    const clients = await unlessOver(() => clientsOf(ref), abort).catch((error: unknown) => {
      throw toPoolError(error, "signing in", ref);
    });
    return { ref, clients, ask: asker(ref, limits, abort), abort, call };
  };

  return {
    async observe(pool, abort) {
      const at = await reach(pool, abort);
      const { nodePool, groups, zones } = await look(at);
      const spot = nodePool.config?.spot === true || nodePool.config?.preemptible === true;
      const nodes = groups.flatMap((group) => nodesOf(group, spot));
      const desired = targetOf(groups);
      const ready = nodes.filter((node) => node.ready).length;
      const launches = launchIssues(groups);
      // Asked only while nodes are owed: a group remembers what failed long after the nodes came.
      const told = desired > ready ? await latestShortage(groups, at.clients, at.ask, abort) : null;
      const seen = launches.some(isShortage) ? now() : null;
      const issues = oneOfEach([...conditionsOf(nodePool), ...launches].map((issue) => toFailure(issue, at.ref)));
      return {
        desired,
        ready,
        noticed: nodes.filter((node) => node.ready && node.noticed).length,
        ...boundsFor(pool, nodePool, zones),
        status: statusOf(nodePool, issues.length > 0),
        issues,
        capacityError: told ?? seen,
        nodes,
        step: zones,
        etag: null,
      };
    },

    async resize(pool, nodes, _key, abort) {
      const at = await reach(pool, abort);
      for (let tried = 1; ; tried++) {
        const { nodePool, groups, zones } = await look(at);
        refuseForeignControl(pool, nodePool, at.ref);
        refuseTooMany(nodes, boundsFor(pool, nodePool, zones).max, at.ref);
        const targets = groups.map((group) => group.target);
        const change = changeFor(pool, nodes, nodePool.autoscaling, targets, zones, at);
        if (change === null) return { pool: pool.name, token: await lastChange(at) };
        try {
          const { name } = await change();
          return { pool: pool.name, token: name };
        } catch (error) {
          if (!mayBeRepeated(error) || !(await at.ask.pause(tried))) throw error;
        }
      }
    },

    async remove(pool, nodes, key, abort) {
      const at = await reach(pool, abort);
      const ids = nodeIdsOf(nodes, at.ref);
      const { nodePool, groups } = await look(at);
      refuseForeignRemoval(pool, nodePool, at.ref);
      refuseForeignNodes(ids, groups, at.ref);
      await deleteNodes(stillLive(ids, groups), groups, key, at.clients, at.ask, abort);
      return { pool: pool.name, token: removalToken(ids) };
    },

    async poll(pool, operation, abort) {
      if (operation.token === NO_CHANGE) return { kind: "succeeded" };
      const at = await reach(pool, abort);
      const removed = removedBy(operation.token);
      if (removed !== null) {
        const { groups } = await look(at);
        return { kind: stillLive(removed, groups).length === 0 ? "succeeded" : "running" };
      }
      const name = `${locationOf(at.ref)}/operations/${operation.token}`;
      const reply = await at.ask.repeat("getOperation", operationReply, async () => {
        const [answer] = await at.clients.clusters.getOperation({ name }, at.call);
        return answer;
      });
      return outcomeOf(reply, at.ref);
    },
  };
}

const locationOf = ({ project, location }: GkeRef): string => `projects/${project}/locations/${location}`;
const clusterOf = (ref: GkeRef): string => `${locationOf(ref)}/clusters/${ref.cluster}`;
const nodePoolOf = (ref: GkeRef): string => `${clusterOf(ref)}/nodePools/${ref.nodePool}`;

function refOf(pool: Pool): GkeRef {
  if (pool.gke !== undefined) return pool.gke;
  throw new PoolError(
    "Invalid",
    `Pool ${pool.name} has no gke reference. Give its project, location, cluster and nodePool.`,
  );
}

/** What Google says of the node pool and the groups behind it. `zones` counts those that every size is multiplied by. */
async function look({ ref, clients, ask, abort, call }: Reach) {
  const nodePool = await ask.repeat("getNodePool", nodePoolReply, async () => {
    const [answer] = await clients.clusters.getNodePool({ name: nodePoolOf(ref) }, call);
    return answer;
  });
  refuseLost(nodePool, ref);
  const [groups, locations] = await Promise.all([
    groupsOf(nodePool, ref, clients, ask, abort),
    nodePool.locations.length > 0
      ? nodePool.locations
      : ask
          .repeat("getCluster", clusterReply, async () => {
            const [answer] = await clients.clusters.getCluster({ name: clusterOf(ref) }, call);
            return answer;
          })
          .then((cluster) => cluster.locations),
  ]);
  return { nodePool, groups, zones: Math.max(1, locations.length) };
}

/** A node pool that is going, or never came, is no pool. */
function refuseLost({ status, statusMessage }: GkeNodePool, ref: GkeRef): void {
  switch (status) {
    case "STOPPING":
      throw new PoolError("NotFound", `${named(ref)} is being deleted. Remove the pool from the policy.`);
    case "ERROR":
      throw new PoolError(
        "Invalid",
        `${toFailure({ code: "ERROR", message: statusMessage }, ref).message} Delete it at GKE, and create it again if it is wanted.`,
      );
    default:
  }
}

/** Setting a size that the cluster's own autoscaler governs would be a fight; so would bounds that nobody keeps. */
function refuseForeignControl(pool: Pool, { autoscaling }: GkeNodePool, ref: GkeRef): void {
  const autoscaled = autoscaling?.enabled === true;
  if (pool.control === "desired" && autoscaled)
    throw new PoolError(
      "Invalid",
      `${named(ref)}: the cluster's autoscaler sets its size and would undo vramp's. Switch autoscaling off (gcloud container clusters update ${ref.cluster} --no-enable-autoscaling --node-pool ${ref.nodePool}), or write \`control: bounds\`.`,
    );
  if (pool.control === "bounds" && !autoscaled)
    throw new PoolError(
      "Invalid",
      `${named(ref)}: \`control: bounds\` needs the cluster's autoscaler, and it is off. Switch autoscaling on for the node pool, or write \`control: desired\`.`,
    );
}

function refuseForeignRemoval(pool: Pool, nodePool: GkeNodePool, ref: GkeRef): void {
  refuseForeignControl(pool, nodePool, ref);
  if (pool.control === "bounds")
    throw new PoolError(
      "Invalid",
      `${named(ref)}: under \`control: bounds\` the cluster's autoscaler chooses the nodes that go. Lower the size instead, or write \`control: desired\`.`,
    );
}

function refuseTooMany(nodes: number, max: number, ref: GkeRef): void {
  if (nodes > max)
    throw new PoolError(
      "Invalid",
      `${named(ref)}: ${nodes} nodes were asked for, but GKE allows it ${max} (${NODES_PER_ZONE} in a zone). Lower max in the policy, or add another pool.`,
    );
}

/** The bounds that are not vramp's to move: those of an autoscaler that it does not steer, or GKE's own. */
function boundsFor(pool: Pool, { autoscaling }: GkeNodePool, zones: number) {
  const autoscaler = pool.control === "bounds" ? null : boundsOf(autoscaling, zones);
  return autoscaler ?? { min: 0, max: NODES_PER_ZONE * zones };
}

/** The call that brings the pool to the size, or null when no call can bring it nearer. */
function changeFor(
  pool: Pool,
  nodes: number,
  autoscaling: Autoscaling | null,
  targets: readonly number[],
  zones: number,
  { ref, clients, ask, call }: Reach,
): (() => Promise<GkeOperation>) | null {
  const name = nodePoolOf(ref);
  if (pool.control === "bounds") {
    const next = autoscaling === null ? null : autoscalingFor(nodes, autoscaling, zones);
    if (next === null) return null;
    return () =>
      ask.once("setNodePoolAutoscaling", operationReply, async () => {
        const [answer] = await clients.clusters.setNodePoolAutoscaling({ name, autoscaling: bodyOf(next) }, call);
        return answer;
      });
  }
  const nodeCount = sizePerZone(nodes, targets, zones);
  if (nodeCount === null) return null;
  return () =>
    ask.once("setNodePoolSize", operationReply, async () => {
      const [answer] = await clients.clusters.setNodePoolSize({ name, nodeCount }, call);
      return answer;
    });
}

/** Only what is set: sizes per zone and in total exclude one another. */
const bodyOf = (autoscaling: Autoscaling) => ({
  enabled: true,
  ...(autoscaling.totalMaxNodeCount > 0
    ? { totalMinNodeCount: autoscaling.totalMinNodeCount, totalMaxNodeCount: autoscaling.totalMaxNodeCount }
    : { minNodeCount: autoscaling.minNodeCount, maxNodeCount: autoscaling.maxNodeCount }),
  ...(isPolicy(autoscaling.locationPolicy) ? { locationPolicy: autoscaling.locationPolicy } : {}),
});

const isPolicy = (text: string): text is "BALANCED" | "ANY" => text === "BALANCED" || text === "ANY";

/** After a change was refused or its reply lost: both targets are absolute, so the next look decides whether to repeat it. */
const mayBeRepeated = (error: unknown): boolean =>
  error instanceof PoolError && (error.kind === "Throttled" || error.kind === "Unavailable");

/** The operation that made the pool as large as it is, unless it failed or is forgotten: the same request, the same answer. */
async function lastChange({ ref, clients, ask, call }: Reach): Promise<Operation["token"]> {
  const { operations } = await ask
    .repeat("listOperations", operationsReply, async () => {
      const [answer] = await clients.clusters.listOperations({ parent: locationOf(ref) }, call);
      return answer;
    })
    .catch((error: unknown) => {
      // Nothing has to be changed: that the list may not be read is no reason to fail.
      if (error instanceof PoolError && !error.retryable) return { operations: [] };
      throw error;
    });
  const target = `/clusters/${ref.cluster}/nodePools/${ref.nodePool}`;
  const [last] = operations
    .filter((operation) => operation.targetLink.endsWith(target) && RESIZES.has(operation.operationType))
    .toSorted((a, b) => b.startTime.localeCompare(a.startTime));
  return last === undefined || last.error !== null ? NO_CHANGE : last.name;
}

// GKE files a change of autoscaling under the cluster's updates as well.
const RESIZES = new Set(["SET_NODE_POOL_SIZE", "SET_NODE_POOL_AUTOSCALING", "UPDATE_CLUSTER"]);

const conditionsOf = ({ conditions }: GkeNodePool) =>
  conditions.map(({ code, canonicalCode, message }) => ({ code: code === "UNKNOWN" ? canonicalCode : code, message }));

function statusOf({ status }: GkeNodePool, troubled: boolean): PoolState["status"] {
  if (status === "PROVISIONING" || status === "RECONCILING") return "updating";
  return status === "RUNNING_WITH_ERROR" || troubled ? "degraded" : "active";
}

function outcomeOf(operation: GkeOperation, ref: GkeRef): OperationState {
  if (operation.status !== "DONE") return { kind: "running" };
  if (operation.error === null) return { kind: "succeeded" };
  const { code, message } = operation.error;
  return {
    kind: "failed",
    error: toFailure({ code: `code ${code}`, message: message || operation.statusMessage }, ref),
  };
}
