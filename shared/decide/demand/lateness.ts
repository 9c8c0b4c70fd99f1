import type { Learned } from "../../model/learned.ts";
import type { Objective } from "../../policy/schema/workload.ts";
import type { Seconds } from "../../policy/units.ts";
import { trim } from "../trim.ts";
import { SAMPLED } from "./forecast.ts";

const DAY: Seconds = 86_400;
/** WINDOW: what usually comes in is known from the last two days. */
const WINDOW: Seconds = 2 * DAY;
/** AIM: share of what may be late that is aimed at: what samples show of lateness is up to a fifth too little. */
const AIM = 0.45;
/** SHORT: of shorter waits still less is seen, for they are over between two samples. */
const SHORT: Seconds = 60;
/** GAIN: by how much the logarithm of care falls in a day without lateness, and rises in one with twice what is aimed at. */
const GAIN = 1;
/** AT_FIRST: care before anything is known; it falls within a day, and what was late early is not made good for days. */
export const AT_FIRST = 2;
const RANGE = [0.25, 75] as const;
/** A sample speaks for no longer than this: after a gap nobody knows. */
const LONGEST: Seconds = 60;
/** SURGE: what a moment brings counts as no more than so many times the usual. */
const SURGE = 4;

type Tally = Pick<Learned, "arrived" | "watched" | "care">;

/** Requests a second that come in and that are late, for so many seconds. */
interface Seen {
  readonly rate: number;
  readonly late: number;
  readonly elapsed: Seconds;
}

const withinRange = (care: number): number => Math.min(RANGE[1], Math.max(RANGE[0], care));

/** What samples show of the lateness beyond a wait, as a share of what they show beyond one of a minute. */
const seenOf = (maxWait: Seconds): number => Math.min(1, (maxWait / (maxWait + SAMPLED)) * ((SHORT + SAMPLED) / SHORT));

/**
 * Integrates the error budget (dual ascent): care rises with every request that was late and falls with what might have
 * been. As long as it is within its range, the share that is late comes to what is aimed at, whatever the world is like.
 */
export function addLateness(past: Tally, { rate, late, elapsed }: Seen, { attainment, maxWait }: Objective): Tally {
  const span = Math.min(LONGEST, elapsed);
  const fading = Math.exp(-span / WINDOW);
  const arrived = past.arrived * fading + rate * span;
  const watched = past.watched * fading + span;
  const allowed = AIM * seenOf(maxWait) * (1 - attainment);
  const daily = allowed * DAY * Math.max(arrived / watched, rate / SURGE);
  // So little work that it rounds to none says nothing.
  const change = daily > 0 ? (GAIN * span * (late - allowed * rate)) / daily : 0;
  const care = withinRange(withinRange(past.care) * Math.exp(change));
  return { arrived: trim(arrived), watched: trim(watched), care: trim(care) };
}

/** How much more than usual a late request is to be avoided. */
export const careOf = ({ care }: Pick<Tally, "care">): number => withinRange(care);
