import { CLOUDS, type Cloud, type Pool } from "../policy/schema/pools.ts";
import type { EksOptions } from "./eks/clients.ts";
import { PoolError } from "./errors.ts";
import type { NodePools } from "./node-pools.ts";

export interface PoolsOptions {
  readonly eks?: EksOptions;
}

/** The clouds that there is an adapter for. Importing it loads that cloud's SDK, so it waits until a pool needs it. */
const ADAPTERS: Partial<Record<Cloud, (options: PoolsOptions) => Promise<NodePools>>> = {
  eks: async (options) => (await import("./eks/eks.ts")).createEksPools(options.eks),
};

/** Every pool, each through its own cloud's adapter. */
export function createPools(options: PoolsOptions = {}): NodePools {
  const loaded = new Map<Cloud, Promise<NodePools>>();
  const adapterOf = async (pool: Pool): Promise<NodePools> => {
    const cloud = cloudOf(pool);
    const adapter = loaded.get(cloud) ?? ADAPTERS[cloud]?.(options);
    if (adapter === undefined)
      throw new PoolError(
        "Invalid",
        `Pool ${pool.name} is on ${cloud.toUpperCase()}, which is not supported yet. Use EKS node groups for now.`,
      );
    loaded.set(cloud, adapter);
    return adapter;
  };
  return {
    observe: async (pool, abort) => (await adapterOf(pool)).observe(pool, abort),
    resize: async (pool, nodes, key, abort) => (await adapterOf(pool)).resize(pool, nodes, key, abort),
    poll: async (pool, operation, abort) => (await adapterOf(pool)).poll(pool, operation, abort),
  };
}

/** The cloud that a pool's reference names. */
export function cloudOf(pool: Pool): Cloud {
  const cloud = CLOUDS.find((name) => pool[name] !== undefined);
  if (cloud !== undefined) return cloud;
  throw new PoolError("Invalid", `Pool ${pool.name} names no cloud. Give one of ${CLOUDS.join(", ")}.`);
}
