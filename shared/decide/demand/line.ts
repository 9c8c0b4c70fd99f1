import type { Line } from "../../model/learned.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import { trim } from "../trim.ts";

/** MAX_ENTRIES: of the line; what comes close together is taken as one. */
const MAX_ENTRIES = 32;

/** SEVERAL_LOOKS: a wait that is longer lasts for several looks, so that the line can be followed from one to the next. */
const SEVERAL_LOOKS: Seconds = 120;
/** STALE: share of the wait after which those who came first have waited long. */
const STALE = 0.5;

/** What is seen of a line at one look. */
export interface LookedAtLine {
  readonly at: EpochSeconds;
  readonly elapsed: Seconds;
  readonly waiting: number;
  /** What came since the look before. */
  readonly arrived: number;
  readonly maxWait: Seconds;
}

interface Followed {
  readonly line: Line;
  /** Requests that became late since the look before. */
  readonly late: number;
}

/**
 * Follows a line from look to look, first come, first served: who came between two looks came in the middle, and so did who
 * left. Late is who waits longer than the wait, whether served since or not.
 */
export function follow(past: Line | null, { at, elapsed, waiting, arrived, maxWait }: LookedAtLine): Followed {
  const middle = at - elapsed / 2;
  const before = past ?? { overdue: 0, entries: [] };
  const stood = before.entries.reduce((sum, e) => sum + e.nodes, before.overdue);
  const came = Math.max(arrived, waiting - stood, 0);
  let leaving = stood + came - waiting;
  const served = Math.min(leaving, before.overdue);
  leaving -= served;
  let [overdue, late] = [before.overdue - served, 0];
  const entries: { at: number; nodes: number }[] = [];
  for (const entry of [...before.entries, { at: middle, nodes: came }]) {
    const left = Math.min(leaving, entry.nodes);
    leaving -= left;
    const stays = entry.nodes - left;
    if (middle - entry.at > maxWait) late += left;
    if (at - entry.at > maxWait) {
      late += stays;
      overdue += stays;
    } else if (stays > 0) {
      const last = entries.at(-1);
      if (last !== undefined && entry.at - last.at < maxWait / MAX_ENTRIES) last.nodes = trim(last.nodes + stays);
      else entries.push({ at: entry.at, nodes: trim(stays) });
    }
  }
  return { line: { overdue: trim(overdue), entries: entries.slice(-MAX_ENTRIES) }, late };
}

/** What is known of how much comes: requests, and the seconds they came in. */
interface Known {
  readonly arrived: number;
  readonly watched: Seconds;
}

/** Whether a wait lasts for several looks: that of jobs, rather than of requests. */
export const canFollow = (maxWait: Seconds): boolean => maxWait > SEVERAL_LOOKS;

/** Whether less comes than one node serves, for waits that let the line be followed. Then each request counts, and each boot. */
export const isSparse = ({ arrived, watched }: Known, rate: number | null, maxWait: Seconds): boolean =>
  canFollow(maxWait) && rate !== null && arrived <= rate * watched;

/** Whether who came first has waited so long that no node is to spare. */
export function isStale(line: Line | null, maxWait: Seconds, now: EpochSeconds): boolean {
  if (line === null) return false;
  return line.overdue > 0 || (line.entries[0]?.at ?? now) < now - STALE * maxWait;
}
