import type { Seconds } from "../../policy/units.ts";

/**
 * NOTICED: how long nodes under notice are reckoned to serve still. On AWS it is two minutes less the half minute in which the
 * kubelet drains them, on Google's and Azure's clouds next to nothing.
 */
const NOTICED: Seconds = 60;
/** ASKED: until a loss is seen and the replacement is asked for. */
const ASKED: Seconds = 20;
/** CATCHING_UP: what is asked for after a loss, as a multiple of what arrives, so that the line gets short again. */
const CATCHING_UP = 5;

/** Requests a second, and the times that decide how many of them are late. */
export interface Load {
  readonly arriving: number;
  readonly boot: Seconds;
  readonly maxWait: Seconds;
}

/**
 * Requests that are late if `left` requests a second are served from the loss of a zone until its replacement is ready.
 * What comes in may wait: the first is late once the line is longer than the wait, and the last is the one that comes so
 * shortly before the replacement that it is served in time after all.
 */
export function lateAfterLoss({ arriving, boot, maxWait }: Load, left: number): number {
  const short = arriving - left;
  if (short <= 0) return 0;
  const gap = Math.max(0, boot + ASKED - NOTICED);
  const first = (maxWait * left) / short;
  const last = (gap * (1 - left / (CATCHING_UP * arriving)) - maxWait) / (1 - 1 / CATCHING_UP);
  return arriving * Math.max(0, last - first);
}
