import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { type GroupPace, InstanceGroup, type Shortage } from "./compute-group.ts";
import { invalid } from "./gke-wire.ts";

export interface Autoscaling {
  readonly enabled: boolean;
  readonly minNodeCount?: number | undefined;
  readonly maxNodeCount?: number | undefined;
  readonly totalMinNodeCount?: number | undefined;
  readonly totalMaxNodeCount?: number | undefined;
  readonly locationPolicy?: "BALANCED" | "ANY" | undefined;
}

export interface NodePoolPace extends GroupPace {
  /** How long an operation is PENDING, when nothing has changed yet, and then RUNNING. */
  readonly pending: Seconds;
  readonly running: Seconds;
  /** How long GKE takes to notice that launches fail. */
  readonly health: Seconds;
  /** How often the cluster's autoscaler looks. */
  readonly autoscaler: Seconds;
}

// A GPU node takes minutes to boot and install its driver; GKE passes a size on within seconds.
const PACE: NodePoolPace = { launch: 180, drain: 60, pending: 2, running: 20, health: 60, autoscaler: 60 };

// What GKE allows in one zone of a node pool.
const NODES_PER_ZONE = 1000;

export interface NodePoolSpec {
  readonly project: string;
  /** A region or a zone. */
  readonly location: string;
  readonly cluster: string;
  readonly name: string;
  /** Nodes in each zone. */
  readonly size: number;
  /** Zones of the node pool; the cluster's when absent. */
  readonly locations?: readonly string[];
  readonly spot?: boolean;
  readonly autoscaling?: Autoscaling;
  readonly labels?: Readonly<Record<string, string>>;
  readonly machineType?: string;
  readonly pace?: Partial<NodePoolPace>;
}

/** A life's stage that no operation leads to or from. */
export type Phase = "PROVISIONING" | "READY" | "STOPPING" | "ERROR";

/** One node pool and the managed instance groups behind it, one in each zone. */
export class NodePool {
  readonly spec: NodePoolSpec;
  readonly pace: NodePoolPace;
  readonly groups: readonly InstanceGroup[];
  phase: Phase = "READY";
  #initial: number;
  #autoscaling: Autoscaling;
  #limit: { readonly nodes: number; readonly because: Shortage } | null = null;
  #autoscaledAt: EpochSeconds;

  constructor(spec: NodePoolSpec, zones: readonly string[], at: EpochSeconds) {
    this.spec = spec;
    this.pace = { ...PACE, ...spec.pace };
    this.#initial = spec.size;
    this.#autoscaledAt = at;
    this.#autoscaling = checked(spec.autoscaling ?? { enabled: false });
    this.groups = zones.map((zone) => {
      const base = `gke-${spec.cluster}-${spec.name}-${digest(`${spec.name}/${zone}`)}`;
      const refusal = () => this.#refusal();
      const { project, spot = false } = spec;
      return new InstanceGroup({ project, zone, name: `${base}-grp`, base, spot, pace: this.pace, refusal }, spec.size);
    });
  }

  /** What GKE calls the size: the one that was last given to it, whatever became of it. */
  get initialNodeCount(): number {
    return this.#initial;
  }
  get autoscaling(): Autoscaling {
    return this.#autoscaling;
  }
  get target(): number {
    return this.groups.reduce((sum, group) => sum + group.target, 0);
  }
  get name(): string {
    const { project, location, cluster, name } = this.spec;
    return `projects/${project}/locations/${location}/clusters/${cluster}/nodePools/${name}`;
  }

  advance(now: EpochSeconds): void {
    for (const group of this.groups) group.advance(now);
    if (now - this.#autoscaledAt < this.pace.autoscaler) return;
    this.#autoscaledAt = now;
    if (this.#autoscaling.enabled) this.#autoscale(now);
  }

  /** Launches that fail, once GKE has noticed. */
  trouble(now: EpochSeconds): Shortage | null {
    const failing = this.groups.flatMap((group) => group.trouble ?? []);
    return failing.find(({ since }) => now >= since + this.pace.health)?.because ?? null;
  }

  setSize(nodeCount: number, at: EpochSeconds): void {
    this.#initial = nodeCount;
    for (const group of this.groups) group.resize(nodeCount, at);
  }

  setAutoscaling(autoscaling: Autoscaling): void {
    this.#autoscaling = checked(autoscaling);
  }

  /** Someone else sets the groups' sizes, so that the pool has so many nodes, as evenly as can be. */
  setDesired(nodes: number, at: EpochSeconds): void {
    this.groups.forEach((group, index) => {
      const share = Math.floor(nodes / this.groups.length) + (index < nodes % this.groups.length ? 1 : 0);
      if (share !== group.target) group.resize(share, at);
    });
  }

  /** What Compute Engine gives this node pool from now on; launches beyond it fail. */
  limitCapacity(nodes: number, because: Shortage = "capacity"): void {
    this.#limit = { nodes, because };
  }

  #refusal(): Shortage | null {
    const machines = this.groups.reduce((sum, group) => sum + group.machines, 0);
    return this.#limit !== null && machines >= this.#limit.nodes ? this.#limit.because : null;
  }

  /** The cluster's autoscaler knows no pods here; it only keeps the size within its bounds. */
  #autoscale(at: EpochSeconds): void {
    const zones = this.groups.length;
    const { minNodeCount = 0, maxNodeCount = 0, totalMinNodeCount = 0, totalMaxNodeCount = 0 } = this.#autoscaling;
    const [min, max] =
      totalMaxNodeCount > 0 ? [totalMinNodeCount, totalMaxNodeCount] : [minNodeCount * zones, maxNodeCount * zones];
    const wanted = Math.min(Math.max(this.target, min), max);
    if (wanted !== this.target) this.setDesired(wanted, at);
  }
}

/** What GKE takes as autoscaling; throws what it answers to the rest. */
export function checked(autoscaling: Autoscaling): Autoscaling {
  const { enabled, minNodeCount = 0, maxNodeCount = 0, totalMinNodeCount = 0, totalMaxNodeCount = 0 } = autoscaling;
  if (!enabled) return { enabled };
  if (maxNodeCount + minNodeCount > 0 && totalMaxNodeCount + totalMinNodeCount > 0)
    throw invalid(
      "Cannot specify both min_node_count/max_node_count and total_min_node_count/total_max_node_count for node pool autoscaling.",
    );
  const max = Math.max(maxNodeCount, totalMaxNodeCount);
  if (max < 1) throw invalid("Max node count must be greater than or equal to 1 when autoscaling is enabled.");
  if (Math.max(minNodeCount, totalMinNodeCount) > max)
    throw invalid("Min node count must not be greater than max node count.");
  return autoscaling;
}

export function checkedSize(nodeCount: number): number {
  if (nodeCount > NODES_PER_ZONE)
    throw invalid(`Invalid value for field "node_count": "${nodeCount}" exceeds ${NODES_PER_ZONE} nodes per zone.`);
  return nodeCount;
}

const digest = (text: string): string =>
  [...text]
    .reduce((sum, char) => (sum * 131 + char.charCodeAt(0)) % 2 ** 32, 17)
    .toString(16)
    .padStart(8, "0");
