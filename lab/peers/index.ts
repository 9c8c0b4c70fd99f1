import type { Controller } from "../world/controller.ts";
import type { WorldOptions } from "../world/options.ts";
import { clusterAutoscaler } from "./cluster-autoscaler.ts";
import type { Groups } from "./groups.ts";
import { createKeda } from "./hpa.ts";
import { karpenter } from "./karpenter.ts";
import { createNodeAutoscaler } from "./node-autoscaler.ts";
import { createRules } from "./rules.ts";
import { createSkyServe } from "./skyserve.ts";

/** A policy that others have, made anew for each run; null where it has no meaning in a world. */
export interface Peer {
  readonly name: string;
  readonly create: (world: WorldOptions) => Controller | null;
}

/** `AverageValue` of waiting and in flight: three quarters of a node's slots, and for jobs five to a node. */
const PER_POD = { service: 24, jobs: 5 } as const;
/** Far above what any family needs. */
const MAX_PODS = 64;
/** SkyServe's target: four fifths of what a node serves. */
const PER_REPLICA = 3.2;
/** What every reactive peer begins with, ready. */
const INITIAL = 1;

function groupsOf({ pools }: WorldOptions, spot: boolean): Groups {
  const onDemand = pools.find((pool) => pool.market === "on-demand")?.name;
  if (onDemand === undefined) throw new RangeError("the peers need an on-demand pool to fall back on");
  return { spot: spot ? pools.filter((p) => p.market === "spot").map((p) => p.name) : [], onDemand };
}

const begin = ({ onDemand }: Groups) => ({ [onDemand]: INITIAL });

function keda(world: WorldOptions, spot: boolean, nodes: typeof karpenter): Controller {
  const groups = groupsOf(world, spot);
  const pods = createKeda({ perPod: PER_POD[world.demand.kind], maxPods: MAX_PODS, initialPods: INITIAL });
  return createNodeAutoscaler(pods, nodes(groups), begin(groups));
}

function rules(world: WorldOptions, spot: boolean): Controller {
  const groups = groupsOf(world, spot);
  return createRules(groups, begin(groups));
}

/** SkyServe scales services by their request rate; a queue of jobs has none that says how much work it is. */
function skyServe(world: WorldOptions, overprovision: number): Controller | null {
  if (world.demand.kind !== "service") return null;
  const groups = groupsOf(world, true);
  return createSkyServe({ groups, perReplica: PER_REPLICA, overprovision, initialReplicas: INITIAL });
}

/** The peers that react; the static one needs its size found first. */
export const PEERS: readonly Peer[] = [
  { name: "KEDA/HPA + CA, on-demand", create: (world) => keda(world, false, clusterAutoscaler) },
  { name: "KEDA/HPA + CA, spot first", create: (world) => keda(world, true, clusterAutoscaler) },
  { name: "KEDA/HPA + Karpenter, spot", create: (world) => keda(world, true, karpenter) },
  { name: "rules, on-demand", create: (world) => rules(world, false) },
  { name: "rules, spot first", create: (world) => rules(world, true) },
  { name: "SkyServe, default", create: (world) => skyServe(world, 0) },
  { name: "SkyServe, +2 overprovision", create: (world) => skyServe(world, 2) },
];
