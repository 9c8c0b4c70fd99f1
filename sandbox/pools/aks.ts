import { z } from "zod";
import type { Clock } from "../../shared/model/clock.ts";
import type { AksRef, Pool } from "../../shared/policy/schema/pools.ts";
import { type Aks, startAks } from "../clouds/aks.ts";
import type { AgentPool, AgentPoolPace, CloudError } from "../clouds/aks-agent-pool.ts";
import type { ArmCall } from "../clouds/aks-wire.ts";
import type { Beginning, Cloud, CloudChange, CloudPool, Shortage } from "./pool.ts";

/** A pool of the policy that is an AKS agent pool, and how it begins. */
export interface AksPool extends Beginning {
  readonly workload: string;
  readonly pool: Pool;
  readonly ref: AksRef;
}

interface AksCloudPool extends CloudPool {
  readonly agentPool: AgentPool;
}

export interface AksCloud extends Cloud {
  readonly aks: Aks;
}

/** What Azure says of a shortage. */
const ERRORS: Readonly<Record<Shortage, CloudError>> = {
  capacity: {
    code: "OverconstrainedZonalAllocationRequest",
    message:
      "Allocation failed. VM(s) with the following constraints cannot be allocated, because it is too restrictive.",
  },
  quota: {
    code: "QuotaExceeded",
    message: "Operation could not be completed as it results in exceeding approved standardNCADSA100v4Family quota.",
  },
};

/** The sandbox's Azure, over TLS, with these agent pools as if they had been there for long. */
export async function startAzure(
  pools: readonly AksPool[],
  now: Clock,
  pace: Partial<AgentPoolPace> = {},
): Promise<AksCloud> {
  const aks = await startAks({ now });
  const made = pools.map((pool) => cloudPool(pool, aks, now, pace));
  return {
    aks,
    pools: made,
    changes: () => aks.calls.flatMap((call) => changeOf(call, made)),
    environment: { VRAMP_AKS_ENDPOINT: aks.url },
    stop: aks.stop,
  };
}

function cloudPool(
  { workload, pool, ref, size }: AksPool,
  aks: Aks,
  now: Clock,
  pace: Partial<AgentPoolPace>,
): AksCloudPool {
  const agentPool = aks.createAgentPool({
    ...ref,
    name: ref.agentPool,
    count: size,
    spot: pool.capacity === "spot",
    pace,
  });
  const current = () => aks.agentPool(ref.agentPool);
  return {
    pool,
    workload,
    began: size,
    agentPool,
    desired: () => current().count,
    ready: () =>
      current()
        .instances.filter(({ readyAt, goneAt, deallocated }) => readyAt <= now() && goneAt === null && !deallocated)
        .map((instance) => `azure://${withLowerCaseGroup(aks.resourceId(agentPool, instance))}`),
    limit: (nodes, because) => agentPool.limit({ nodes, error: ERRORS[because] }),
    setDesired: (nodes) => agentPool.setCount(nodes, now()),
  };
}

/** As the Azure cloud provider writes a provider id. */
const withLowerCaseGroup = (id: string): string =>
  id.replace(/(?<=\/resourceGroups\/)[^/]+/, (group) => group.toLowerCase());

const resize = z.object({ path: z.string(), body: z.object({ properties: z.object({ count: z.int() }) }) });
const removal = z.object({ path: z.string(), body: z.object({ machineNames: z.array(z.string()) }) });

function changeOf({ operation, input, at, status }: ArmCall, pools: readonly AksCloudPool[]): readonly CloudChange[] {
  const said = { at, call: operation, accepted: status === 200 || status === 202 };
  const named = (path: string) =>
    pools.find(({ pool }) => path.split("/")[10]?.toLowerCase() === pool.aks?.agentPool)?.pool.name ?? "";
  if (operation === "agentPools.createOrUpdate") {
    const { path, body } = resize.parse(input);
    return [{ ...said, pool: named(path), nodes: body.properties.count, removes: [] }];
  }
  if (operation !== "agentPools.deleteMachines") return [];
  const { path, body } = removal.parse(input);
  return [{ ...said, pool: named(path), nodes: null, removes: body.machineNames }];
}
