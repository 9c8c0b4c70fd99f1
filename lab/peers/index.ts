import type { Controller } from "../world/controller.ts";
import type { WorldOptions } from "../world/options.ts";
import { clusterAutoscaler } from "./cluster-autoscaler.ts";
import type { Groups } from "./groups.ts";
import { createKeda } from "./hpa.ts";
import { karpenter } from "./karpenter.ts";
import { createNodeAutoscaler } from "./node-autoscaler.ts";
import { createRules } from "./rules.ts";
import { createSkyServe } from "./skyserve.ts";

/** The peers that react, in the order of reports; the static one needs its size found first. */
const NAMES = [
  "KEDA/HPA + CA, on-demand",
  "KEDA/HPA + CA, spot first",
  "KEDA/HPA + Karpenter, spot",
  "rules, on-demand",
  "rules, spot first",
  "SkyServe, default",
  "SkyServe, +2 overprovision",
] as const;
type PeerName = (typeof NAMES)[number];

/** A peer in one world, made anew for each run. */
export interface Contender {
  readonly name: PeerName;
  readonly create: () => Controller;
}

/** `AverageValue` of waiting and in flight: three quarters of a node's slots, and for jobs five to a node. */
const SHARE_OF_SLOTS = 0.75;
const JOBS_PER_POD = 5;
/** SkyServe's target: four fifths of what a node serves. */
const SHARE_OF_RATE = 0.8;

/** What the peers may use: the spot pools and one on-demand pool; null without such a one, for all fall back on it. */
export function groupsOf({ pools }: WorldOptions): Groups | null {
  const onDemand = pools.find((pool) => pool.market === "on-demand")?.name;
  return onDemand === undefined
    ? null
    : { spot: pools.filter((p) => p.market === "spot").map((p) => p.name), onDemand };
}

/**
 * The peers that a world has a place for, set for what one node of this workload serves: with the benchmark's own 4 requests a second in 32
 * slots they are the benchmark's. `maxNodes`: what the policy allows itself is allowed to them.
 */
export function peersOf(
  world: WorldOptions,
  groups: Groups,
  initialNodes: number,
  maxNodes: number,
): readonly Contender[] {
  const { demand } = world;
  const begin = { [groups.onDemand]: initialNodes };
  const onDemandOnly: Groups = { ...groups, spot: [] };
  const hasSpot = groups.spot.length > 0;
  const perPod = demand.kind === "service" ? Math.max(1, SHARE_OF_SLOTS * demand.slots) : JOBS_PER_POD;
  const keda = (nodes: Parameters<typeof createNodeAutoscaler>[1]) =>
    createNodeAutoscaler(createKeda({ perPod, maxPods: maxNodes, initialPods: initialNodes }), nodes, begin);
  const spotFirst: readonly Contender[] = [
    { name: "KEDA/HPA + CA, spot first", create: () => keda(clusterAutoscaler(groups)) },
    { name: "KEDA/HPA + Karpenter, spot", create: () => keda(karpenter(groups)) },
    { name: "rules, spot first", create: () => createRules(groups, begin) },
  ];
  const skyServe = (rate: number): readonly Contender[] => {
    const perReplica = SHARE_OF_RATE * rate;
    const create = (overprovision: number) => () =>
      createSkyServe({ groups, perReplica, overprovision, initialReplicas: initialNodes });
    return [
      { name: "SkyServe, default", create: create(0) },
      { name: "SkyServe, +2 overprovision", create: create(2) },
    ];
  };
  return [
    { name: "KEDA/HPA + CA, on-demand", create: () => keda(clusterAutoscaler(onDemandOnly)) },
    { name: "rules, on-demand", create: () => createRules(onDemandOnly, begin) },
    ...(hasSpot ? spotFirst : []),
    ...(hasSpot && demand.kind === "service" ? skyServe(demand.rate) : []),
  ];
}

/** A policy that others have, made anew for each run; null where it has no meaning in a world. */
export interface Peer {
  readonly name: string;
  readonly create: (world: WorldOptions) => Controller | null;
}

/** Far above what any family needs. */
const MAX_NODES = 64;
/** What every reactive peer begins with, ready. */
const INITIAL = 1;

function peerIn(world: WorldOptions, name: PeerName): Controller | null {
  const groups = groupsOf(world);
  if (groups === null) throw new RangeError("the peers need an on-demand pool to fall back on");
  const found = peersOf(world, groups, INITIAL, MAX_NODES).find((peer) => peer.name === name);
  return found?.create() ?? null;
}

/** Each peer for any world. */
export const PEERS: readonly Peer[] = NAMES.map((name) => ({ name, create: (world) => peerIn(world, name) }));
