import type { Learned } from "../../model/learned.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import type { PoolSize } from "../size.ts";
import { worthKeeping } from "./idle.ts";
import { canFollow } from "./line.ts";
import { coldStartOf } from "./stakes.ts";

/** IDLE: the last node stays that long without work where nobody knows what a node serves, nor may guess. */
const IDLE: Seconds = 600;
/** WITHIN_WAIT: jobs that one node is taken to serve within their wait, before it is known. */
const WITHIN_WAIT = 10;

/** What decides what is due without work, or without nodes. */
export interface Resting {
  readonly pools: readonly PoolSize[];
  readonly now: EpochSeconds;
  readonly maxWait: Seconds;
  /** What one node serves, requests a second; null while nobody knows. */
  readonly rate: number | null;
  /** See `careOf`. */
  readonly care: number;
  readonly waiting: number;
  /** Since when nothing has arrived, waited or been served; null while something does, or nobody knows. */
  readonly idleSince: EpochSeconds | null;
}

/** What is due where there is no work, or no node that will serve it. */
export interface Rest {
  /** Whether there is nothing to do, and no node worth keeping for what may come. */
  readonly sleeps: boolean;
  /** Nodes that had better be asked for at once, while work is there and no node that will serve it; else 0. */
  readonly together: number;
  /** Whether a second node is worth keeping for bursts. */
  readonly second: boolean;
}

const rateOf = ({ rate, maxWait }: Resting): number | null =>
  rate ?? (canFollow(maxWait) ? WITHIN_WAIT / maxWait : null);

/** Weighs nodes without work, and work without nodes, by what was learned of pauses, boots and bursts. */
export function restOf(learned: Learned, resting: Resting): Rest {
  const { pools, now, maxWait, care, waiting, idleSince } = resting;
  const rate = rateOf(resting);
  const cold = rate === null ? null : coldStartOf(learned, pools, { rate, care, maxWait });
  const worth = (pause: Seconds): boolean =>
    cold === null ? pause < IDLE : worthKeeping(learned.gaps, pause, cold.stakes);
  const held = pools.some((p) => p.desired > 0);
  const lasting = pools.some((p) => p.ready > p.noticed);
  return {
    sleeps: idleSince !== null && !(held && worth(now - idleSince)),
    together: cold !== null && waiting > 0 && !lasting ? cold.together : 0,
    second: cold?.second === true,
  };
}
