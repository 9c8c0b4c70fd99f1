import type { Seconds } from "../../shared/policy/units.ts";
import type { NodeSight, PoolSight, Sight } from "../world/controller.ts";

/** The pools that a peer may use: spot zones in a fixed order, and on-demand. */
export interface Groups {
  readonly spot: readonly string[];
  readonly onDemand: string;
}

/** Every node there is, oldest first, with its pool. */
export function nodesOf({ pools }: Sight): readonly (NodeSight & { readonly pool: string })[] {
  return pools
    .flatMap(({ name, nodes }) => nodes.map((node) => ({ ...node, pool: name })))
    .toSorted((a, b) => a.requestedAt - b.requestedAt);
}

/** Nodes that are there or granted, without those on their way out. */
export const living = ({ nodes }: PoolSight): number =>
  nodes.filter((node) => node.phase === "booting" || node.phase === "ready").length;

export const sizesOf = ({ pools }: Sight): Record<string, number> =>
  Object.fromEntries(pools.map((pool) => [pool.name, pool.desired]));

/** Hands out spot groups in turn, leaving out some; null when none is left. */
export function createTurns(groups: readonly string[]): (skip: (group: string) => boolean) => string | null {
  let next = 0;
  return (skip) => {
    for (let i = 0; i < groups.length; i += 1) {
      const group = groups[(next + i) % groups.length];
      if (group === undefined || skip(group)) continue;
      next = (next + i + 1) % groups.length;
      return group;
    }
    return null;
  };
}

/** Notes refusals that were not seen before, by pool. */
export function createErrors(): (pool: PoolSight) => boolean {
  const last = new Map<string, Seconds>();
  return ({ name, capacityError }) => {
    if (capacityError === null || last.get(name) === capacityError) return false;
    last.set(name, capacityError);
    return true;
  };
}
