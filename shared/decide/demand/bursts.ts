import type { Bursts } from "../../model/learned.ts";
import type { Seconds } from "../../policy/units.ts";
import { trim } from "../trim.ts";

/** WINDOW: how bursts are is known from the last day in which there was work. */
const WINDOW: Seconds = 86_400;
/** PRIOR: an hour without a burst is taken to have been seen. */
const PRIOR: Seconds = 3600;

const NO_BURSTS: Bursts = { line: 0, late: 0, watched: 0 };

/** What came between two samples. */
export interface Came {
  readonly came: number;
  readonly elapsed: Seconds;
  /** What one node serves, requests a second. */
  readonly rate: number;
  readonly maxWait: Seconds;
}

/**
 * Follows the line that would be if one node served it alone: what is longer than what the node serves within the wait would
 * have been late, and is counted and left out.
 */
export function addBurst(past: Bursts | null, { came, elapsed, rate, maxWait }: Came): Bursts {
  const before = past ?? NO_BURSTS;
  const line = Math.max(0, before.line + came - rate * elapsed);
  const late = Math.max(0, line - rate * maxWait);
  const working = came > 0 || line > 0 ? elapsed : 0;
  const fading = Math.exp(-working / WINDOW);
  return {
    line: trim(line - late),
    late: trim(before.late * fading + late),
    watched: trim(before.watched * fading + working),
  };
}

/** Requests that would have been late in an hour in which there was work, if one node had served alone. */
export const lateAlone = (bursts: Bursts | null): number =>
  bursts === null ? 0 : (3600 * bursts.late) / (bursts.watched + PRIOR);
