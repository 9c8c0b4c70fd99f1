import type { Seconds } from "../../shared/policy/units.ts";

/** What the metrics said at one time. */
export interface DemandSample {
  readonly at: Seconds;
  readonly waiting: number;
  readonly inService: number;
  /** Requests (or jobs) a second, over the last minute. */
  readonly arrivals: number;
}

/** `requested`: not yet granted. `draining`: on its way out, and not to be counted on. */
export type NodePhase = "requested" | "booting" | "ready" | "draining";

export interface NodeSight {
  readonly id: string;
  readonly phase: NodePhase;
  /** Under an interruption notice. */
  readonly noticed: boolean;
  /** Has work that would be lost if it died now. */
  readonly busy: boolean;
  readonly requestedAt: Seconds;
}

export interface PoolSight {
  readonly name: string;
  readonly desired: number;
  /** In the order they were requested. */
  readonly nodes: readonly NodeSight[];
  /** A call is in flight, so that another would be refused. */
  readonly updating: boolean;
  /** When the latest refusal to launch a node was seen. */
  readonly capacityError: Seconds | null;
}

export type Cause = "tick" | "alert" | "interruption" | "capacityError";

/** Everything a controller may know. There is no future in it, and no capacity. */
export interface Sight {
  readonly now: Seconds;
  readonly cause: Cause;
  /** Every sample that has come in so far, in order of time. The list grows: it is not to be kept. */
  readonly samples: readonly DemandSample[];
  /** What the line itself says at this moment: for peers that ask it (KEDA's scaler, SkyServe's load balancer), not a scrape. */
  readonly live: DemandSample;
  readonly pools: readonly PoolSight[];
}

/** What a controller wants. Pools that it leaves out stay as they are. */
export interface Answer {
  /** Desired size by pool, in nodes. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Nodes that are to go when a pool shrinks, by pool; the cloud chooses the others. */
  readonly remove?: Readonly<Record<string, readonly string[]>>;
  /** The nodes that have a pod and so may serve, for controllers that place pods themselves; every node otherwise. */
  readonly serving?: ReadonlySet<string>;
}

/** A resize that the cloud has taken. */
export interface Accepted {
  readonly pool: string;
  readonly from: number;
  readonly to: number;
}

/** A policy in the world: a service outside that looks, and asks for sizes. */
export interface Controller {
  /** How often it is woken. */
  readonly every: Seconds;
  /** Whether interruptions and capacity errors wake it too. */
  readonly wokenByEvents: boolean;
  /** Sizes to begin with, by pool: nodes that are ready when the world starts. */
  readonly initial: Readonly<Record<string, number>>;
  readonly act: (sight: Sight) => Answer;
  /** Whether an alert of its own begins to fire; asked whenever metrics are sampled. */
  readonly alert?: (sight: Sight) => boolean;
  /** Told what the cloud has taken of its last answer. */
  readonly accepted?: (changes: readonly Accepted[], now: Seconds) => void;
}
