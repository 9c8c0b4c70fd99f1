import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import type { Groups } from "./autoscaling.ts";
import { AwsFailure, type AwsOperation, type AwsRequest, type AwsService, json, REST_JSON } from "./aws-wire.ts";
import { NodeGroup, type NodeGroupSpec, type Update } from "./eks-node-group.ts";
import { parseUpdate } from "./eks-relations.ts";

/** EKS's managed node groups, as much of them as vramp meets, and strict: it refuses what EKS refuses. */
export interface Eks {
  readonly service: AwsService;
  /** The Auto Scaling groups behind the node groups. */
  readonly groups: Groups;
  /** Makes a node group (and its cluster) with its nodes in service. */
  createNodegroup(spec: NodeGroupSpec): NodeGroup;
  /** The node group, brought up to now; throws if there is none. */
  nodegroup(region: string, cluster: string, name: string): NodeGroup;
  deleteNodegroup(region: string, cluster: string, name: string): void;
  /** Brings everything up to now. Requests do so by themselves. */
  advance(): void;
}

export function createEks(now: Clock): Eks {
  const nodegroups = new Map<string, NodeGroup>();
  const clusters = new Set<string>();

  const find = (region: string, cluster: string, name: string): NodeGroup => {
    if (!clusters.has(id(region, cluster)))
      throw notFound(`No cluster found for name: ${cluster}.`, { clusterName: cluster });
    const found = nodegroups.get(id(region, cluster, name));
    if (found === undefined)
      throw notFound(`No node group found for name: ${name}.`, { clusterName: cluster, nodegroupName: name });
    found.advance(now());
    return found;
  };

  return {
    service: { protocol: REST_JSON, operation: (request) => route(request, find, now) },
    groups: {
      in: (region) =>
        [...nodegroups.values()]
          .filter((nodegroup) => nodegroup.spec.region === region && !nodegroup.groupGone)
          .map((nodegroup) => nodegroup.group),
    },
    createNodegroup(spec) {
      const key = id(spec.region, spec.cluster, spec.name);
      if (nodegroups.has(key)) throw new Error(`there is a node group ${key} already`);
      const nodegroup = new NodeGroup(spec, now());
      clusters.add(id(spec.region, spec.cluster));
      nodegroups.set(key, nodegroup);
      return nodegroup;
    },
    nodegroup: find,
    deleteNodegroup: (region, cluster, name) => void nodegroups.delete(id(region, cluster, name)),
    advance() {
      for (const nodegroup of nodegroups.values()) nodegroup.advance(now());
    },
  };
}

const id = (...parts: readonly string[]): string => parts.join("/");

const notFound = (message: string, about: Readonly<Record<string, string>>): AwsFailure =>
  new AwsFailure(404, "ResourceNotFoundException", message, about);

type Find = (region: string, cluster: string, name: string) => NodeGroup;

const NODEGROUP = /^\/clusters\/([^/]+)\/node-groups\/([^/]+)$/;
const UPDATE_CONFIG = /^\/clusters\/([^/]+)\/node-groups\/([^/]+)\/update-config$/;
const UPDATE = /^\/clusters\/([^/]+)\/updates\/([^/]+)$/;

function route(request: AwsRequest, find: Find, now: Clock): AwsOperation {
  const { method, path, region, query, body } = request;
  const matched = (expected: string, pattern: RegExp): readonly string[] | null =>
    method === expected ? (pattern.exec(path)?.slice(1).map(decodeURIComponent) ?? null) : null;

  const [cluster = "", name = ""] = matched("GET", NODEGROUP) ?? matched("POST", UPDATE_CONFIG) ?? [];
  if (matched("GET", NODEGROUP) !== null)
    return {
      name: "DescribeNodegroup",
      mutating: false,
      input: { clusterName: cluster, nodegroupName: name },
      run: () => json(200, { nodegroup: described(find(region, cluster, name), now()) }),
    };
  if (matched("POST", UPDATE_CONFIG) !== null)
    return {
      name: "UpdateNodegroupConfig",
      mutating: true,
      input: { clusterName: cluster, nodegroupName: name, ...loggable(body) },
      run: () => {
        const nodegroup = find(region, cluster, name);
        return json(200, { update: updateJson(nodegroup.update(parseUpdate(body, nodegroup.named), now()), now()) });
      },
    };
  const [updateCluster = "", updateId = ""] = matched("GET", UPDATE) ?? [];
  if (matched("GET", UPDATE) !== null) {
    const nodegroupName = query.get("nodegroupName");
    return {
      name: "DescribeUpdate",
      mutating: false,
      input: { name: updateCluster, nodegroupName, updateId },
      run: () => {
        const known = nodegroupName === null ? [] : find(region, updateCluster, nodegroupName).updates;
        const update = known.find((candidate) => candidate.id === updateId);
        if (update === undefined) throw notFound(`No update found for ID: ${updateId}`, { clusterName: updateCluster });
        return json(200, { update: updateJson(update, now()) });
      },
    };
  }
  throw new AwsFailure(404, "UnknownOperationException", `EKS has no ${method} ${path} in the sandbox`);
}

/** A body for the log of calls; what is no JSON object is logged as it came. */
function loggable(body: string): object {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? parsed : { body };
  } catch {
    return { body };
  }
}

function described(nodegroup: NodeGroup, now: EpochSeconds) {
  const { spec, group } = nodegroup;
  const trouble = nodegroup.trouble(now);
  const arn = `arn:aws:eks:${spec.region}:111122223333:nodegroup/${spec.cluster}/${spec.name}/0ab1`;
  return {
    nodegroupName: spec.name,
    nodegroupArn: arn,
    clusterName: spec.cluster,
    createdAt: nodegroup.createdAt,
    modifiedAt: nodegroup.updates.at(-1)?.createdAt ?? nodegroup.createdAt,
    status: nodegroup.status(now),
    capacityType: spec.capacityType ?? "ON_DEMAND",
    scalingConfig: nodegroup.scaling,
    instanceTypes: [nodegroup.instanceType],
    amiType: "AL2023_x86_64_NVIDIA",
    nodeRole: "arn:aws:iam::111122223333:role/node",
    labels: nodegroup.labels,
    taints: nodegroup.taints,
    resources: nodegroup.phase === "CREATING" ? {} : { autoScalingGroups: [{ name: group.spec.name }] },
    health: { issues: trouble === null ? [] : [healthIssue(trouble.because, trouble.message, group.spec.name)] },
    updateConfig: { maxUnavailable: 1 },
    tags: {},
  };
}

// EKS has a code of its own for full subnets; every other failed launch is one code, and EC2's text tells them apart.
const healthIssue = (because: "capacity" | "quota" | "addresses", message: string, resource: string) => ({
  code: because === "addresses" ? "InsufficientFreeAddresses" : "AsgInstanceLaunchFailures",
  message,
  resourceIds: [resource],
});

function updateJson(update: Update, now: EpochSeconds) {
  const ended = update.error === null ? "Successful" : "Failed";
  const running = update.endsAt > now;
  return {
    id: update.id,
    status: running ? "InProgress" : ended,
    type: "ConfigUpdate",
    params: update.params,
    createdAt: update.createdAt,
    errors: running || update.error === null ? [] : [{ ...update.error, resourceIds: [] }],
  };
}
