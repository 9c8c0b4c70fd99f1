import type { EpochSeconds, Seconds } from "../policy/units.ts";

/** Requests (or jobs) a second, as measured at one time. */
export interface Rate {
  readonly at: EpochSeconds;
  readonly rate: number;
}

/** Nodes that a pool was asked for at one time and that are not ready yet. */
export interface Order {
  readonly at: EpochSeconds;
  readonly nodes: number;
}

/** What was learned of one pool: how it delivers and how long its nodes live. */
export interface LearnedPool {
  /** As last seen, in nodes. `given` leaves out those under notice. */
  readonly desired: number;
  readonly ready: number;
  readonly noticed: number;
  readonly given: number;
  /** Oldest first; they add up to what it owes. */
  readonly orders: readonly Order[];
  /** Since when it has lost none of the nodes it was given, though it may hold none now; null before that, and since it lost some. */
  readonly upSince: EpochSeconds | null;
  /** Losses so far, the older ones counting less. */
  readonly losses: number;
  /** What its spells without a loss add up to, on the scale that `survival` reads them on. */
  readonly exposure: number;
  /** Since it refused, or took nodes back, it is asked for no more than a probe. */
  readonly shut: boolean;
  /** Nodes that it is known to have room for while it is shut: those it held when it refused more, or took some back. */
  readonly limit: number;
  /** When that was, or when it was last probed. */
  readonly triedAt: EpochSeconds;
  /** Whether a probe is out and has not been answered. */
  readonly probing: boolean;
  /** Refusals in a row. */
  readonly refusals: number;
  /** When the latest refusal that was taken in was made. */
  readonly heard: EpochSeconds | null;
}

/** Pauses in which nothing arrived, waited or was served, by the classes of their age: how long they were seen, and how many ended. */
export interface Gaps {
  readonly lasted: readonly Seconds[];
  readonly ended: readonly number[];
}

/** Who waits, by when they came, the first first. `overdue`: those who are late already. `came`: all who came in the last minute. */
export interface Line {
  readonly overdue: number;
  readonly entries: readonly Order[];
  readonly came: readonly Order[];
}

/** What bursts would do to a single node: the line it would have, what would have been late, and the time in which it had work. */
export interface Bursts {
  readonly line: number;
  readonly late: number;
  readonly watched: Seconds;
}

/** What a workload with an objective has learned. Bounded: every list has a limit where it is written. */
export interface Learned {
  /** When it was last brought up to date. */
  readonly at: EpochSeconds;
  /** Arrivals of the last minutes, oldest first. */
  readonly rates: readonly Rate[];
  /** What was expected to arrive, by the time it was expected for. */
  readonly forecasts: readonly Rate[];
  /** Mean square by which arrivals exceeded what was expected. */
  readonly variance: number;
  /** What usually arrives a second; null before anything was measured. */
  readonly usual: number | null;
  /** The backlog as last measured; null before the first time. */
  readonly backlog: { readonly at: EpochSeconds; readonly waiting: number; readonly since: EpochSeconds | null } | null;
  /** When work was last seen to arrive, wait or be served. */
  readonly busyAt: EpochSeconds;
  /** Work that came and the seconds it came in; the older counting less. */
  readonly arrived: number;
  readonly watched: Seconds;
  /** How much more than usual a late request is to be avoided, by what was late so far. */
  readonly care: number;
  /** Work served by nodes that were busy throughout, and the node seconds that took; the older counting less. */
  readonly served: number;
  readonly nodeSeconds: Seconds;
  readonly inService: number;
  /** From a node's order until it is ready. */
  readonly boot: Seconds;
  /** By how much that deviates, as a mean square; null before the first boot. */
  readonly bootVariance: number | null;
  /** Null before the first pause. */
  readonly gaps: Gaps | null;
  /** Null before the backlog is first known. */
  readonly line: Line | null;
  /** Null before it is known what a node serves. */
  readonly bursts: Bursts | null;
  /** The size that was last found to be needed, and since when fewer would have done; null while they would not. */
  readonly nodes: number;
  readonly surplusSince: EpochSeconds | null;
  /** Probes that may be made now. */
  readonly probes: number;
  /** How much more than usual calls to the clouds are to be avoided, by how many there were so far. */
  readonly thrift: number;
  /** Nodes that were held in the mean; the older ones counting less. */
  readonly held: number;
  readonly pools: Readonly<Record<string, LearnedPool>>;
}
