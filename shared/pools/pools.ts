import { createIdentities, type Identities } from "../identity/identities.ts";
import { CLOUDS, type Cloud } from "../policy/clouds.ts";
import type { Pool } from "../policy/schema/pools.ts";
import type { AksOptions } from "./aks/clients.ts";
import type { EksOptions } from "./eks/clients.ts";
import { PoolError } from "./errors.ts";
import type { GkeOptions } from "./gke/clients.ts";
import type { NodePools } from "./node-pools.ts";

export interface PoolsOptions {
  /** Whom vramp can act as in other accounts and clouds. */
  readonly identities?: Identities;
  readonly eks?: EksOptions;
  readonly gke?: GkeOptions;
  readonly aks?: AksOptions;
}

type Wired = PoolsOptions & { readonly identities: Identities };

/** The clouds that there is an adapter for. Importing it loads that cloud's SDK, so it waits until a pool needs it. */
const ADAPTERS: Readonly<Record<Cloud, (options: Wired) => Promise<NodePools>>> = {
  eks: async (options) =>
    (await import("./eks/eks.ts")).createEksPools({ identities: options.identities, ...options.eks }),
  gke: async (options) =>
    (await import("./gke/gke.ts")).createGkePools({ identities: options.identities, ...options.gke }),
  aks: async (options) =>
    (await import("./aks/aks.ts")).createAksPools({ identities: options.identities, ...options.aks }),
};

/** Every pool, each through its own cloud's adapter. */
export function createPools({ identities = createIdentities(), ...rest }: PoolsOptions = {}): NodePools {
  const options = { identities, ...rest };
  const loaded = new Map<Cloud, Promise<NodePools>>();
  const adapterOf = async (pool: Pool): Promise<NodePools> => {
    const cloud = cloudOf(pool);
    const adapter = loaded.get(cloud) ?? ADAPTERS[cloud](options);
    loaded.set(cloud, adapter);
    return adapter;
  };
  return {
    observe: async (pool, abort) => (await adapterOf(pool)).observe(pool, abort),
    resize: async (pool, nodes, key, abort) => (await adapterOf(pool)).resize(pool, nodes, key, abort),
    remove: async (pool, nodes, key, abort) => (await adapterOf(pool)).remove(pool, nodes, key, abort),
    poll: async (pool, operation, abort) => (await adapterOf(pool)).poll(pool, operation, abort),
  };
}

/** The cloud that a pool's reference names. */
export function cloudOf(pool: Pool): Cloud {
  const cloud = CLOUDS.find((name) => pool[name] !== undefined);
  if (cloud !== undefined) return cloud;
  throw new PoolError("Invalid", `Pool ${pool.name} names no cloud. Give one of ${CLOUDS.join(", ")}.`);
}
