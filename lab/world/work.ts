import type { Seconds } from "../../shared/policy/units.ts";
import type { Node } from "./node.ts";

/** What became of the demand. */
export interface WorkTally {
  readonly arrived: number;
  readonly onTime: number;
  readonly served: number;
  /** Node seconds of jobs that were cut off. */
  readonly lost: Seconds;
  /** How long each spell lasted in which what was taken up had waited too long. */
  readonly breaches: readonly Seconds[];
}

/** A line of requests or jobs and the nodes that take from it. */
export interface Work {
  /** One step from `now` on: takes in what comes, and lets these nodes work. */
  readonly step: (now: Seconds, serving: readonly Node[]) => void;
  /** A node died. */
  readonly cutOff: (node: Node, now: Seconds) => void;
  /** Whether a node that drains may go at `now`. */
  readonly idle: (node: Node, now: Seconds) => boolean;
  readonly waiting: () => number;
  readonly inService: (now: Seconds) => number;
  /** Arrivals in the step that was last taken. */
  readonly arrivedInStep: () => number;
  /** Whether nothing is left of what has arrived, nor is to come. */
  readonly done: () => boolean;
  readonly tally: () => WorkTally;
}
