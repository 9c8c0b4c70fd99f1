import type * as z from "zod/mini";
import type { NodeState } from "../../model/pool.ts";
import type { AksRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import type { Ask } from "./ask.ts";
import type { AksClient } from "./clients.ts";
import { named } from "./errors.ts";
import { MACHINES_READ } from "./limits.ts";
import {
  type AgentPoolReply,
  type Machine,
  machinesReply,
  type VirtualMachine,
  virtualMachinesReply,
} from "./replies.ts";

/*
 * The nodes of a pool. AKS lists its machines by name and resource id and says nothing of their state, so that is taken from
 * elsewhere: a pool that is Succeeded has all its machines in the cluster, for that is what AKS waits for; while it is not,
 * the scale set is asked for each machine's own state.
 */

// The API version that the scale set is asked in; its fields have been the same since 2019.
const COMPUTE_API = "2024-07-01";

/** The pool's machines. Gives up on a list that never ends; `NotFound` if there is no list, or none that names machines. */
export async function listMachines(
  { aks }: AksClient,
  ref: AksRef,
  ask: Ask,
  abort: AbortSignal,
): Promise<readonly Machine[]> {
  const { listed, machines } = await ask("machines.list", machinesReply, async () => {
    const found: unknown[] = [];
    const pages = aks.machines.list(ref.resourceGroup, ref.cluster, ref.agentPool, { abortSignal: abort });
    for await (const machine of pages) {
      found.push(machine);
      if (found.length > MACHINES_READ) throw new Error(`there are over ${MACHINES_READ} machines`);
    }
    return found;
  });
  if (listed === 0 || machines.length > 0) return machines;
  throw new PoolError(
    "NotFound",
    `${named(ref)}: machines.list names no virtual machine, so no node can be told from another. Check that the pool is a scale set.`,
  );
}

/**
 * A machine's Kubernetes provider id, as the Azure cloud provider writes it: the resource id with the resource group in
 * lower case.
 */
export const providerIdOf = ({ properties: { resourceId } }: Machine): string =>
  `azure://${resourceId.replace(/(?<=\/resourceGroups\/)[^/]+/i, (group) => group.toLowerCase())}`;

/** Whether the machines' states must be asked for: the pool is not settled, or keeps the machines that were evicted. */
export const statesMatter = (pool: AgentPoolReply): boolean =>
  pool.provisioningState !== "Succeeded" || pool.scaleSetEvictionPolicy === "Deallocate";

/** The machines as nodes. A machine whose state is not known is not ready. */
export function nodesOf(machines: readonly Machine[], isReady: (machine: Machine) => boolean): readonly NodeState[] {
  return machines.map((machine) => ({ id: providerIdOf(machine), ready: isReady(machine), noticed: false }));
}

/** Resource ids are the same whatever their case. */
const sameId = (id: string): string => id.toLowerCase();

/** The ids of those machines that their scale sets report as running and provisioned; in lower case. */
export async function readyMachines(
  client: AksClient,
  machines: readonly Machine[],
  ask: Ask,
  abort: AbortSignal,
): Promise<ReadonlySet<string>> {
  const lists = new Set(machines.map(({ properties }) => properties.resourceId.replace(/\/[^/]+$/, "")));
  const found: VirtualMachine[] = [];
  for (const list of lists) {
    let next: string | null = `${list}?api-version=${COMPUTE_API}&$expand=instanceView`;
    while (next !== null && found.length <= MACHINES_READ) {
      const page: string = next;
      const reply: z.output<typeof virtualMachinesReply> = await ask("virtualMachines.list", virtualMachinesReply, () =>
        client.read(page, abort),
      );
      found.push(...reply.value);
      // A next page elsewhere would take the token there.
      next = reply.nextLink != null && client.trusts(reply.nextLink) ? reply.nextLink : null;
    }
  }
  return new Set(found.filter(isUp).map((machine) => sameId(machine.id)));
}

/** Whether a machine is among those that `readyMachines` found. */
export const isAmong = (ready: ReadonlySet<string>, machine: Machine): boolean =>
  ready.has(sameId(machine.properties.resourceId));

/** AKS's bootstrap is an extension of the machine, so it is Succeeded only once the kubelet runs. */
function isUp({ properties: { provisioningState, instanceView } }: VirtualMachine): boolean {
  const power = instanceView?.statuses.find(({ code }) => code.startsWith("PowerState/"))?.code;
  return provisioningState === "Succeeded" && (power === undefined || power === "PowerState/running");
}

const PROVIDER_ID = /^azure:\/\/(\/subscriptions\/.+\/virtualMachineScaleSets\/([^/]+)\/virtualMachines\/[^/]+)$/i;

/** AKS calls a pool's scale set aks-<pool>-<eight digits>-vmss. */
const isScaleSetOf = (scaleSet: string, agentPool: string): boolean => {
  const name = sameId(scaleSet);
  return name.startsWith(`aks-${agentPool}-`) && /^\d+-vmss$/.test(name.slice(`aks-${agentPool}-`.length));
};

/**
 * The names of those machines that provider ids name; ids of the pool's own scale sets that are not listed are gone
 * already. Throws `Invalid` if an id is none, or another pool's.
 */
export function machineNamesOf(ids: readonly string[], machines: readonly Machine[], ref: AksRef): readonly string[] {
  const names = new Map(machines.map((machine) => [sameId(machine.properties.resourceId), machine.name]));
  const own = new Set(machines.map(({ properties }) => scaleSetIn(`azure://${properties.resourceId}`)));
  const found = ids.flatMap((id) => {
    const [, resourceId = "", scaleSet = ""] = PROVIDER_ID.exec(id) ?? [];
    if (resourceId === "")
      throw new PoolError(
        "Invalid",
        `${named(ref)}: ${id} is no AKS node. Give provider ids as \`kubectl get nodes -o custom-columns=ID:.spec.providerID\` prints them.`,
      );
    const name = names.get(sameId(resourceId));
    if (name !== undefined) return [name];
    if (own.has(sameId(scaleSet)) || isScaleSetOf(scaleSet, ref.agentPool)) return [];
    throw new PoolError(
      "Invalid",
      `${named(ref)}: node ${scaleSet}/${resourceId.split("/").at(-1)} belongs to another scale set than this pool's, and nothing was removed. Check which pool the node is in.`,
    );
  });
  return [...new Set(found)];
}

const scaleSetIn = (id: string): string => sameId(PROVIDER_ID.exec(id)?.[2] ?? "");
