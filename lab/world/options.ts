import type { Seconds } from "../../shared/policy/units.ts";
import type { TracedJob } from "../traces/demand.ts";

/** A pool of the world: one zone and one market. */
export interface WorldPool {
  readonly name: string;
  readonly market: "spot" | "on-demand";
  /** The spot trace's column; null for on-demand, which every zone has. */
  readonly zone: string | null;
  /** US dollars for one node for one hour. */
  readonly price: number;
}

/** What comes in for a service: the mean number of requests in each interval, from time 0. */
export interface ServiceDemand {
  readonly kind: "service";
  readonly interval: Seconds;
  readonly means: readonly number[];
  /** Requests a second that one node serves. */
  readonly rate: number;
  /** Requests that one node has in service at once. */
  readonly slots: number;
}

/** What comes in for a queue of jobs, times from 0; one job at a time on a node. */
export interface JobDemand {
  readonly kind: "jobs";
  readonly jobs: readonly TracedJob[];
}

/** How long a node takes from request to ready: log-normal, cut off at both ends. */
export interface BootTime {
  readonly median: Seconds;
  /** Deviation of the logarithm. */
  readonly sigma: number;
  readonly min: Seconds;
  readonly max: Seconds;
}

/** How many mutating calls the cloud takes. */
export interface CallLimits {
  /** For the whole account, in any 60 s. */
  readonly perMinute: number;
  /** For how long a call keeps its pool from the next one. */
  readonly inFlight: Seconds;
}

/** Spot capacity of a zone over time, in nodes: how much there is from each of these times on. */
export interface Capacity {
  readonly times: readonly Seconds[];
  readonly nodes: readonly number[];
}

/** Everything that makes a world. Times are seconds from its start. */
export interface WorldOptions {
  readonly seed: number;
  /** How long demand comes in. */
  readonly length: Seconds;
  readonly demand: ServiceDemand | JobDemand;
  readonly pools: readonly WorldPool[];
  /** By zone. */
  readonly spot: Readonly<Record<string, Capacity>>;
  /** On-demand nodes there are in all; null for as many as are asked for. */
  readonly onDemandCap: number | null;
  readonly boot: BootTime;
  /** From a spot notice to the node's death. */
  readonly notice: Seconds;
  readonly calls: CallLimits;
  /** Share of metric samples that never arrive, 0 to 1. */
  readonly missingSamples: number;
  /** The wait that counts as on time. */
  readonly maxWait: Seconds;
}

/** The step of the world. */
export const STEP: Seconds = 10;

/** From a request to its node, which is billed from then on, or to the refusal. */
export const LAUNCH: Seconds = 30;

/** The least that a node is billed for. */
export const MINIMUM_BILLED: Seconds = 60;

/** How long before its death a node under notice stops serving requests: the kubelet's drain. */
export const SERVING_ENDS: Seconds = 30;

/** How often a pool with fewer nodes than desired asks the cloud again. */
export const RETRY: Seconds = 60;

/** How often metrics are sampled, and how long a sample takes to be seen: it is 15 to 30 s old when it is read. */
export const SAMPLING: Seconds = 15;
export const SAMPLE_DELAY: Seconds = 15;

/** What arrivals are counted over. */
export const ARRIVALS_OVER: Seconds = 60;

/** How long the world runs on after the last arrival for what still waits. */
export const TAIL: Seconds = 2 * 3600;

export const DEFAULT_BOOT: BootTime = { median: 240, sigma: 0.35, min: 150, max: 900 };
export const DEFAULT_NOTICE: Seconds = 120;
export const DEFAULT_CALLS: CallLimits = { perMinute: 10, inFlight: 10 };
export const PRICE_ON_DEMAND = 3.06;
export const PRICE_SPOT = 0.918;
