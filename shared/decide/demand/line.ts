import type { Line, Order } from "../../model/learned.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import { sumOf } from "../capacity/survival.ts";
import { trim } from "../trim.ts";
import { AVERAGED } from "./forecast.ts";

/** MAX_ENTRIES: of the line; what comes close together is taken as one. */
const MAX_ENTRIES = 32;
/** MAX_CAME: samples are never closer than every few seconds. */
const MAX_CAME = 16;

/** SEVERAL_LOOKS: a wait that is longer lasts for several looks, so that the line can be followed from one to the next. */
const SEVERAL_LOOKS: Seconds = 120;
/** STALE: share of the wait after which those who came first have waited long. */
const STALE = 0.5;

/** One sample of a line. */
export interface SampledLine {
  readonly at: EpochSeconds;
  /** Since the sample before. */
  readonly elapsed: Seconds;
  readonly waiting: number;
  /** Arrivals a second, over the last minute. */
  readonly rate: number;
  readonly maxWait: Seconds;
}

interface Followed {
  readonly line: Line;
  /** Requests that became late since the sample before. */
  readonly late: number;
  /** Requests that came since. */
  readonly came: number;
}

/** Who came since the sample before: of those who came within the minute that the rate is of, who was not seen to come before. */
function cameSince(before: readonly Order[], { elapsed, rate }: SampledLine): number {
  return elapsed >= AVERAGED ? rate * elapsed : rate * AVERAGED - sumOf(before);
}

/**
 * Follows a line from sample to sample, first come, first served: who came between two samples came in the middle, and so did
 * who left. Late is who waits longer than the wait, whether served since or not.
 */
export function follow(past: Line | null, sample: SampledLine): Followed {
  const { at, elapsed, waiting, maxWait } = sample;
  const middle = at - elapsed / 2;
  const before = past ?? { overdue: 0, entries: [], came: [] };
  const minute = before.came.filter((each) => each.at > at - AVERAGED);
  const stood = before.overdue + sumOf(before.entries);
  const came = Math.max(0, cameSince(minute, sample), waiting - stood);
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
  const seen = [...minute, { at, nodes: trim(came) }].slice(-MAX_CAME);
  return { line: { overdue: trim(overdue), entries: entries.slice(-MAX_ENTRIES), came: seen }, late, came };
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
