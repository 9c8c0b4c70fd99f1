import { z } from "zod";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import type { Shortage } from "./compute-group.ts";
import type { Cluster, Operation } from "./gke-cluster.ts";
import { checked, checkedSize, type NodePool } from "./gke-node-pool.ts";
import { type GoogleOperation, type GoogleRequest, invalid, notFound, parseBody } from "./gke-wire.ts";

/** The calls of GKE that vramp makes, and as strict as GKE: a field that it does not know is refused. */

export interface Clusters {
  /** The cluster, brought up to now, or undefined. */
  find(project: string, location: string, cluster: string): Cluster | undefined;
  /** All clusters of a location. */
  in(project: string, location: string): readonly Cluster[];
}

const LOCATION = /^\/v1\/projects\/([^/]+)\/locations\/([^/]+)\/(.+)$/;

/** The call that a request makes; undefined if it is none of GKE's. */
export function gkeOperation(request: GoogleRequest, clusters: Clusters, now: Clock): GoogleOperation | undefined {
  const [, project = "", location = "", rest = ""] = LOCATION.exec(request.path) ?? [];
  const place = { project, location };
  const parts = rest.split("/");
  if (request.method === "GET" && parts[0] === "operations")
    return parts.length === 1
      ? listOperations(place, clusters, now)
      : getOperation(place, parts[1] ?? "", clusters, now);
  const [kind, cluster = "", poolKind, last = ""] = parts;
  if (kind !== "clusters" || parts.length > 4) return undefined;
  const at = { ...place, cluster, clusters };
  if (request.method === "GET" && poolKind === undefined) return getCluster(at);
  if (poolKind !== "nodePools" || last === "") return undefined;
  const [nodePool = "", verb] = last.split(":");
  if (request.method === "GET" && verb === undefined) return getNodePool({ ...at, nodePool }, now);
  if (request.method === "POST" && verb === "setSize") return setSize({ ...at, nodePool }, request.body, now);
  if (request.method === "POST" && verb === "setAutoscaling")
    return setAutoscaling({ ...at, nodePool }, request.body, now);
  return undefined;
}

interface Place {
  readonly project: string;
  readonly location: string;
}
interface ClusterAt extends Place {
  readonly cluster: string;
  readonly clusters: Clusters;
}
interface NodePoolAt extends ClusterAt {
  readonly nodePool: string;
}

const nameOf = ({ project, location }: Place): string => `projects/${project}/locations/${location}`;

function clusterAt({ clusters, ...at }: ClusterAt): Cluster {
  const found = clusters.find(at.project, at.location, at.cluster);
  if (found === undefined) throw notFound(`${nameOf(at)}/clusters/${at.cluster}`);
  return found;
}

function poolAt(at: NodePoolAt): { readonly cluster: Cluster; readonly pool: NodePool } {
  const cluster = clusterAt(at);
  const pool = cluster.pools.get(at.nodePool);
  if (pool === undefined) throw notFound(`${nameOf(at)}/clusters/${at.cluster}/nodePools/${at.nodePool}`);
  return { cluster, pool };
}

const getCluster = (at: ClusterAt): GoogleOperation => ({
  name: "getCluster",
  permission: "container.clusters.get",
  mutating: false,
  input: { name: `${nameOf(at)}/clusters/${at.cluster}` },
  run: () => ({ name: at.cluster, location: at.location, locations: clusterAt(at).locations, status: "RUNNING" }),
});

const getNodePool = (at: NodePoolAt, now: Clock): GoogleOperation => ({
  name: "getNodePool",
  permission: "container.clusters.get",
  mutating: false,
  input: { name: `${nameOf(at)}/clusters/${at.cluster}/nodePools/${at.nodePool}` },
  run: () => {
    const { cluster, pool } = poolAt(at);
    return described(cluster, pool, now());
  },
});

const sizeBody = z.strictObject({ name: z.string().optional(), nodeCount: z.int().min(0) });

const setSize = (at: NodePoolAt, body: string, now: Clock): GoogleOperation => ({
  name: "setNodePoolSize",
  permission: "container.clusters.update",
  mutating: true,
  input: { nodePool: at.nodePool, ...loggable(body) },
  run: () => {
    const { nodeCount } = parsed(sizeBody, body);
    const { cluster, pool } = poolAt(at);
    const size = checkedSize(nodeCount);
    return operationJson(
      cluster.begin(pool, "SET_NODE_POOL_SIZE", (when) => pool.setSize(size, when), now()),
      now(),
    );
  },
});

const count = z.int().min(0).optional();
const autoscalingBody = z.strictObject({
  name: z.string().optional(),
  autoscaling: z.strictObject({
    enabled: z.boolean().default(false),
    minNodeCount: count,
    maxNodeCount: count,
    totalMinNodeCount: count,
    totalMaxNodeCount: count,
    // The SDK sends enums as numbers.
    locationPolicy: z
      .union([z.enum(["BALANCED", "ANY"]), z.literal([1, 2])])
      .transform((policy) => (typeof policy === "string" ? policy : policy === 1 ? "BALANCED" : "ANY"))
      .optional(),
  }),
});

const setAutoscaling = (at: NodePoolAt, body: string, now: Clock): GoogleOperation => ({
  name: "setNodePoolAutoscaling",
  permission: "container.clusters.update",
  mutating: true,
  input: { nodePool: at.nodePool, ...loggable(body) },
  run: () => {
    const autoscaling = checked(parsed(autoscalingBody, body).autoscaling);
    const { cluster, pool } = poolAt(at);
    const run = () => pool.setAutoscaling(autoscaling);
    return operationJson(cluster.begin(pool, "SET_NODE_POOL_AUTOSCALING", run, now()), now());
  },
});

const operationsIn = ({ project, location }: Place, clusters: Clusters): readonly Operation[] =>
  clusters.in(project, location).flatMap((cluster) => cluster.operations);

const listOperations = (at: Place, clusters: Clusters, now: Clock): GoogleOperation => ({
  name: "listOperations",
  permission: "container.operations.list",
  mutating: false,
  input: { parent: nameOf(at) },
  run: () => ({ operations: operationsIn(at, clusters).map((operation) => operationJson(operation, now())) }),
});

const getOperation = (at: Place, name: string, clusters: Clusters, now: Clock): GoogleOperation => ({
  name: "getOperation",
  permission: "container.operations.get",
  mutating: false,
  input: { name: `${nameOf(at)}/operations/${name}` },
  run: () => {
    const found = operationsIn(at, clusters).find((operation) => operation.name === name);
    if (found === undefined) throw notFound(`${nameOf(at)}/operations/${name}`);
    return operationJson(found, now());
  },
});

/** A body by its schema, refused as Google's JSON transcoding refuses it. */
function parsed<S extends z.ZodType>(schema: S, body: string): z.output<S> {
  const { data, error } = schema.safeParse(parseBody(body));
  if (error === undefined) return data;
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys")
    throw invalid(`Invalid JSON payload received. Unknown name "${issue.keys.join('", "')}": Cannot find field.`);
  throw invalid(`Invalid value at '${issue?.path.join(".") || "body"}'.`);
}

/** A body for the log of calls; what is no JSON object is logged as it came. */
function loggable(body: string): object {
  try {
    const read: unknown = JSON.parse(body);
    return typeof read === "object" && read !== null ? read : { body };
  } catch {
    return { body };
  }
}

function described(cluster: Cluster, pool: NodePool, now: EpochSeconds) {
  const { spec } = pool;
  const trouble = pool.trouble(now);
  return {
    name: spec.name,
    config: { machineType: spec.machineType ?? "g2-standard-8", spot: spec.spot ?? false, labels: spec.labels ?? {} },
    initialNodeCount: pool.initialNodeCount,
    ...(spec.locations === undefined ? {} : { locations: spec.locations }),
    selfLink: `https://container.googleapis.com/v1/${pool.name}`,
    version: "1.34.1-gke.1000",
    instanceGroupUrls:
      pool.phase === "PROVISIONING"
        ? []
        : pool.groups.map((group) => `https://www.googleapis.com/compute/v1/${group.path}`),
    autoscaling: pool.autoscaling,
    status: statusOf(cluster, pool, now),
    conditions: trouble === null ? [] : [condition(trouble, pool)],
    etag: "0",
  };
}

function statusOf(cluster: Cluster, pool: NodePool, now: EpochSeconds): string {
  if (pool.phase !== "READY") return pool.phase;
  if (cluster.inFlight(now)?.pool === pool) return "RECONCILING";
  return pool.trouble(now) === null ? "RUNNING" : "RUNNING_WITH_ERROR";
}

const condition = (because: Shortage, pool: NodePool) =>
  because === "capacity"
    ? {
        code: "GCE_STOCKOUT",
        canonicalCode: "RESOURCE_EXHAUSTED",
        message: `Google Compute Engine does not have enough resources available to fulfill the request: ${pool.groups[0]?.spec.zone}.`,
      }
    : {
        code: "GCE_QUOTA_EXCEEDED",
        canonicalCode: "RESOURCE_EXHAUSTED",
        message: "Google Compute Engine: Quota 'NVIDIA_L4_GPUS' exceeded.",
      };

function operationJson(operation: Operation, now: EpochSeconds) {
  const { name, type, pool, startedAt, runsAt, endsAt, error } = operation;
  const ended = endsAt <= now;
  const underWay = runsAt <= now ? "RUNNING" : "PENDING";
  return {
    name,
    operationType: type,
    status: ended ? "DONE" : underWay,
    selfLink: `https://container.googleapis.com/v1/projects/111122223333/locations/${pool.spec.location}/operations/${name}`,
    targetLink: `https://container.googleapis.com/v1/${pool.name.replace(pool.spec.project, "111122223333")}`,
    location: pool.spec.location,
    startTime: iso(startedAt),
    ...(ended ? { endTime: iso(endsAt) } : {}),
    ...(ended && error !== null ? { error, statusMessage: error.message } : {}),
  };
}

const iso = (at: EpochSeconds): string => new Date(at * 1000).toISOString();
