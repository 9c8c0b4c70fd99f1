import { z } from "zod";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import type { AgentPool, Instance, Operation } from "./aks-agent-pool.ts";
import { ArmFailure, type ArmOperation, type ArmReply, type ArmRequest, invalid } from "./aks-wire.ts";

/*
 * The part of Azure Resource Manager's REST API that vramp meets: agent pools and their machines, the operations that a
 * change begins, and the virtual machines of a scale set.
 */

const REGION = "westeurope";
const API: Readonly<Record<string, string>> = {
  "Microsoft.ContainerService": "2026-06-01",
  "Microsoft.Compute": "2024-07-01",
};
// A page of machines; small, so that a pool of a few nodes already has two.
const PAGE = 3;

export interface Resources {
  readonly pools: () => readonly AgentPool[];
  readonly now: Clock;
  /** Where this Resource Manager is, for the addresses in its replies. */
  readonly url: () => string;
}

type Handle = (pool: AgentPool, request: ArmRequest, resources: Resources) => ArmReply;

interface Route {
  readonly name: string;
  readonly method: string;
  readonly below: RegExp;
  readonly mutating: boolean;
  readonly handle: Handle;
}

const POOL_PATH =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]+)\/agentPools\/([^/]+)(\/.*)?$/i;
const OPERATION_PATH =
  /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.ContainerService\/locations\/\w+\/operations\/([^/]+)$/i;
const SCALE_SET_PATH =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Compute\/virtualMachineScaleSets\/([^/]+)\/virtualMachines$/i;

const POOL_ROUTES: readonly Route[] = [
  {
    name: "agentPools.get",
    method: "GET",
    below: /^$/,
    mutating: false,
    handle: (pool) => ({ status: 200, body: agentPoolJson(pool) }),
  },
  {
    name: "agentPools.createOrUpdate",
    method: "PUT",
    below: /^$/,
    mutating: true,
    handle(pool, { body, headers }, resources) {
      const operation = pool.update(body, headers["if-match"] ?? null, resources.now());
      return { status: 200, headers: following(pool, operation, resources), body: agentPoolJson(pool) };
    },
  },
  {
    name: "agentPools.deleteMachines",
    method: "POST",
    below: /^\/deleteMachines$/i,
    mutating: true,
    handle(pool, { body }, resources) {
      const operation = pool.deleteMachines(machineNames(body), resources.now());
      return { status: 202, headers: following(pool, operation, resources), body: null };
    },
  },
  {
    name: "agentPools.abortLatestOperation",
    method: "POST",
    below: /^\/abort$/i,
    mutating: true,
    handle: (pool, _request, resources) => ({
      status: 202,
      headers: following(pool, pool.abort(resources.now()), resources),
      body: null,
    }),
  },
  { name: "machines.list", method: "GET", below: /^\/machines$/i, mutating: false, handle: machineList },
];

/** The call that a request is; throws `ArmFailure` if none. */
export function route(request: ArmRequest, resources: Resources): ArmOperation {
  const { method, path, body } = request;
  const input = { path, ...(body === "" ? {} : { body: loggable(body) }), ifMatch: request.headers["if-match"] };
  const pool = POOL_PATH.exec(path);
  const found = POOL_ROUTES.find((candidate) => candidate.method === method && candidate.below.test(pool?.[5] ?? ""));
  if (pool !== null && found !== undefined)
    return {
      ...found,
      input,
      run: () => {
        refuseApiVersion(request, "Microsoft.ContainerService");
        return found.handle(poolAt(pool.slice(1, 5), resources), request, resources);
      },
    };
  const operation = OPERATION_PATH.exec(path);
  if (operation !== null && method === "GET")
    return {
      name: "operations.get",
      mutating: false,
      input,
      run: () => ({
        status: 200,
        headers: { "retry-after": "10" },
        body: operationJson(operation[1] ?? "", operation[2] ?? "", resources),
      }),
    };
  const scaleSet = SCALE_SET_PATH.exec(path);
  if (scaleSet !== null && method === "GET")
    return {
      name: "virtualMachines.list",
      mutating: false,
      input,
      run: () => {
        refuseApiVersion(request, "Microsoft.Compute");
        return virtualMachineList(scaleSet[3] ?? "", request, resources);
      },
    };
  throw new ArmFailure(404, "InvalidResourceType", `The sandbox has no ${method} ${path}`);
}

function refuseApiVersion({ query }: ArmRequest, provider: string): void {
  const version = query.get("api-version");
  if (version === null)
    throw new ArmFailure(
      400,
      "MissingApiVersionParameter",
      "The api-version query parameter (?api-version=) is required.",
    );
  if (version !== API[provider])
    throw new ArmFailure(
      400,
      "NoRegisteredProviderFound",
      `${provider} has no api-version '${version}' in the sandbox.`,
    );
}

function poolAt(names: readonly string[], { pools, now }: Resources): AgentPool {
  const wanted = names.join("/").toLowerCase();
  const found = pools().find(
    ({ spec }) => `${spec.subscription}/${spec.resourceGroup}/${spec.cluster}/${spec.name}`.toLowerCase() === wanted,
  );
  const [subscription, group, cluster, name] = names;
  if (found === undefined)
    throw new ArmFailure(
      404,
      "NotFound",
      `Could not find agent pool ${name} in subscription: ${subscription}, resourceGroup: ${group}, resourceName: ${cluster}.`,
      true,
    );
  found.advance(now());
  return found;
}

function following(pool: AgentPool, operation: Operation, { url }: Resources): Readonly<Record<string, string>> {
  const base = `${url()}/subscriptions/${pool.spec.subscription}/providers/Microsoft.ContainerService/locations/${REGION}`;
  return {
    "azure-asyncoperation": `${base}/operations/${operation.id}?api-version=2016-03-30`,
    location: `${base}/operationresults/${operation.id}?api-version=2016-03-30`,
    "retry-after": "10",
  };
}

const machinesBody = z.strictObject({ machineNames: z.array(z.string()) });

function machineNames(body: string): readonly string[] {
  const parsed = machinesBody.safeParse(loggable(body));
  if (parsed.success) return parsed.data.machineNames;
  throw invalid("The request content was invalid: machineNames is missing.");
}

const groupOf = ({ spec }: AgentPool): string => `MC_${spec.resourceGroup}_${spec.cluster}_${REGION}`;

/** An instance's resource id, with the resource group as it was typed. */
export const resourceIdOf = (pool: AgentPool, { index }: Instance): string =>
  `/subscriptions/${pool.spec.subscription}/resourceGroups/${groupOf(pool)}/providers/Microsoft.Compute/virtualMachineScaleSets/${pool.scaleSet}/virtualMachines/${index}`;

function agentPoolJson(pool: AgentPool) {
  const { spec, autoscaler, error } = pool;
  return {
    id: `/subscriptions/${spec.subscription}/resourcegroups/${spec.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${spec.cluster}/agentPools/${spec.name}`,
    name: spec.name,
    type: "Microsoft.ContainerService/managedClusters/agentPools",
    properties: {
      ...pool.settings,
      count: pool.count,
      eTag: pool.eTag,
      provisioningState: pool.state,
      powerState: { code: pool.stopped ? "Stopped" : "Running" },
      orchestratorVersion: "1.34",
      currentOrchestratorVersion: "1.34.2",
      nodeImageVersion: "AKSUbuntu-2404gen2containerd-202611.03.0",
      enableAutoScaling: autoscaler != null,
      ...(autoscaler == null ? {} : { minCount: autoscaler.min, maxCount: autoscaler.max }),
      ...(error === null ? {} : { status: { provisioningError: error } }),
    },
  };
}

function machineList(pool: AgentPool, { query, path }: ArmRequest, { url }: Resources): ArmReply {
  const from = Number(query.get("$skiptoken") ?? 0);
  const value = pool.instances.slice(from, from + PAGE).map((instance) => ({
    name: pool.nameOf(instance),
    type: "Microsoft.ContainerService/managedClusters/agentPools/machines",
    zones: [instance.zone],
    properties: { network: { ipAddresses: [] }, resourceId: resourceIdOf(pool, instance) },
  }));
  const more = from + PAGE < pool.instances.length;
  const nextLink = `${url()}${path}?api-version=${API["Microsoft.ContainerService"]}&$skiptoken=${from + PAGE}`;
  return { status: 200, body: { value, ...(more ? { nextLink } : {}) } };
}

function virtualMachineList(scaleSet: string, { query }: ArmRequest, { pools, now }: Resources): ArmReply {
  const pool = pools().find((candidate) => candidate.scaleSet === scaleSet);
  if (pool === undefined) throw new ArmFailure(404, "ResourceNotFound", `The scale set ${scaleSet} was not found.`);
  pool.advance(now());
  const value = pool.instances.map((instance) => ({
    id: resourceIdOf(pool, instance).replace(groupOf(pool), groupOf(pool).toUpperCase()),
    instanceId: String(instance.index),
    properties: {
      provisioningState: vmState(instance, now()),
      ...(query.get("$expand") === "instanceView"
        ? { instanceView: { statuses: [{ code: `PowerState/${instance.deallocated ? "deallocated" : "running"}` }] } }
        : {}),
    },
  }));
  return { status: 200, body: { value } };
}

function vmState({ readyAt, goneAt }: Instance, now: EpochSeconds): string {
  if (goneAt !== null) return "Deleting";
  return now < readyAt ? "Creating" : "Succeeded";
}

function operationJson(subscription: string, id: string, { pools, now }: Resources) {
  const pool = pools().find(
    ({ spec, operations }) => spec.subscription === subscription && operations.some((operation) => operation.id === id),
  );
  pool?.advance(now());
  const operation = pool?.operations.find((candidate) => candidate.id === id);
  if (operation === undefined) throw new ArmFailure(404, "NotFound", `The operation ${id} was not found.`);
  const running = operation.endsAt > now();
  return {
    name: id,
    status: running ? "InProgress" : operation.end,
    startTime: new Date(operation.startedAt * 1000).toISOString(),
    ...(running ? {} : { endTime: new Date(operation.endsAt * 1000).toISOString() }),
    ...(running || operation.error === null || !operation.told ? {} : { error: operation.error }),
  };
}

/** A body for the log of calls; what is no JSON is logged as it came. */
function loggable(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
