import { z } from "zod";
import type { Clock } from "../../shared/model/clock.ts";
import type { GkeRef, Pool } from "../../shared/policy/schema/pools.ts";
import type { LaunchError } from "../clouds/compute-group.ts";
import { type Gke, type GoogleCall, startGke } from "../clouds/gke.ts";
import type { NodePool, NodePoolPace } from "../clouds/gke-node-pool.ts";
import type { Beginning, Cloud, CloudChange, CloudPool } from "./pool.ts";

/** A pool of the policy that is a GKE node pool, and how it begins. */
export interface GkePool extends Beginning {
  readonly workload: string;
  readonly pool: Pool;
  readonly ref: GkeRef;
}

interface GkeCloudPool extends CloudPool {
  readonly nodePool: NodePool;
}

export interface GkeCloud extends Cloud {
  readonly gke: Gke;
  /** The launches that Compute Engine refused, the newest first in each pool. */
  errors(): readonly LaunchError[];
}

/** The sandbox's Google Cloud, with these node pools as if they had been there for long. */
export async function startGoogle(
  pools: readonly GkePool[],
  now: Clock,
  pace: Partial<NodePoolPace> = {},
): Promise<GkeCloud> {
  const gke = await startGke({ now });
  const made = pools.map((pool) => cloudPool(pool, gke, now, pace));
  return {
    gke,
    pools: made,
    errors: () => made.flatMap(({ nodePool }) => nodePool.groups.flatMap((g) => g.errors.map(({ error }) => error))),
    changes: () => gke.calls.flatMap((call) => changeOf(call, made)),
    environment: { VRAMP_GKE_ENDPOINT: gke.url, VRAMP_COMPUTE_ENDPOINT: gke.url },
    stop: gke.stop,
  };
}

function cloudPool(
  { workload, pool, ref, size }: GkePool,
  gke: Gke,
  now: Clock,
  pace: Partial<NodePoolPace>,
): GkeCloudPool {
  const nodePool = gke.createNodePool(
    { ...ref, name: ref.nodePool, size, spot: pool.capacity === "spot", pace },
    // One zone, so that every size can be had.
    [ref.location],
  );
  const groups = () => {
    gke.advance();
    return nodePool.groups;
  };
  return {
    pool,
    workload,
    began: size,
    nodePool,
    desired: () => groups().reduce((sum, group) => sum + group.target, 0),
    ready: () =>
      groups().flatMap(({ instances, spec }) =>
        instances
          .filter(({ status, action }) => status === "RUNNING" && action === "NONE")
          .map(({ name }) => `gce://${spec.project}/${spec.zone}/${name}`),
      ),
    limit: (nodes, because) => nodePool.limitCapacity(nodes, because),
    setDesired: (nodes) => nodePool.setDesired(nodes, now()),
  };
}

const resize = z.object({ nodePool: z.string(), nodeCount: z.int() });
const deletion = z.object({ path: z.string(), body: z.string() });
const deleted = z.object({ instances: z.array(z.string()) });

function changeOf(
  { operation, input, at, outcome }: GoogleCall,
  pools: readonly GkeCloudPool[],
): readonly CloudChange[] {
  const said = { at, call: operation, accepted: outcome?.status === 200 };
  if (operation === "setNodePoolSize") {
    const { nodePool, nodeCount } = resize.parse(input);
    const found = pools.find(({ pool }) => pool.gke?.nodePool === nodePool);
    return found === undefined ? [] : [{ ...said, pool: found.pool.name, nodes: nodeCount, removes: [] }];
  }
  if (operation !== "instanceGroupManagers.deleteInstances") return [];
  const { path, body } = deletion.parse(input);
  const found = pools.find(({ nodePool }) => nodePool.groups.some((group) => group.path === path));
  const { instances } = deleted.parse(JSON.parse(body));
  return [{ ...said, pool: found?.pool.name ?? "", nodes: null, removes: instances }];
}
