import { objectivePolicy, rulesPolicy } from "./controllers/policy.ts";
import { createVramp } from "./controllers/vramp.ts";
import { PEERS, type Peer } from "./peers/index.ts";
import { createStatic } from "./peers/static.ts";
import type { Controller } from "./world/controller.ts";
import type { WorldOptions } from "./world/options.ts";

/** What runs a world: a static size, which has to be found first, or a policy by name. */
export type PolicyRef =
  | { readonly kind: "static"; readonly nodes: number }
  | { readonly kind: "named"; readonly name: string };

/** The on-demand pool's first node is ready when a world begins, for vramp as for every peer. */
function begin({ pools }: WorldOptions): Readonly<Record<string, number>> {
  const onDemand = pools.find((pool) => pool.market === "on-demand");
  return onDemand === undefined ? {} : { [onDemand.name]: 1 };
}

/** Every policy that is measured but the static one, in the order of the report. */
export const POLICIES: readonly Peer[] = [
  ...PEERS,
  { name: "vramp, rules", create: (world) => createVramp(rulesPolicy(world), begin(world)) },
  { name: "vramp, objective", create: (world) => createVramp(objectivePolicy(world), begin(world)) },
];

/** A fresh controller for one run; null where the policy has no meaning in the world. */
export function controllerFor(ref: PolicyRef, world: WorldOptions): Controller | null {
  if (ref.kind === "static") {
    const pool = Object.keys(begin(world))[0];
    return pool === undefined ? null : createStatic(pool, ref.nodes);
  }
  const policy = POLICIES.find((each) => each.name === ref.name);
  if (policy !== undefined) return policy.create(world);
  throw new RangeError(`there is no policy ${ref.name}; there are ${POLICIES.map((p) => p.name).join(", ")}`);
}
