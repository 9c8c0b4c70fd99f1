import type { Learned } from "../../model/learned.ts";
import type { Objective } from "../../policy/schema/workload.ts";
import type { Seconds } from "../../policy/units.ts";
import { trim } from "../trim.ts";

/** WINDOW: what was late fades over two days, so that one bad hour neither rules nor is forgotten. */
const WINDOW: Seconds = 2 * 86_400;
/** PRIOR: before anything is known, so much time is taken to have been as late as is aimed at. */
const PRIOR: Seconds = 0.3 * 86_400;
/** AIM: share of what may be late that is aimed at, for what is seen of lateness are samples. */
const AIM = 0.3;
/** STRENGTH, RANGE: how care answers to lateness, and how far it may go either way. */
const STRENGTH = 2;
const RANGE = [0.25, 8] as const;
/** A sample speaks for no longer than this: after a gap nobody knows. */
const LONGEST: Seconds = 60;

type Tally = Pick<Learned, "arrived" | "late" | "watched">;

/** Work that came at `rate` for `elapsed` seconds and was late at the rate `late`; what came before counts less. */
export function addLateness(past: Tally, rate: number, late: number, elapsed: Seconds): Tally {
  const span = Math.min(LONGEST, elapsed);
  const fading = Math.exp(-span / WINDOW);
  return {
    arrived: trim(past.arrived * fading + rate * span),
    late: trim(past.late * fading + late * span),
    watched: trim(past.watched * fading + span),
  };
}

/**
 * How much more than usual a late request is to be avoided: 1 while lateness is as aimed at, more once more was late. Dual
 * ascent on the error budget, with a bounded range.
 */
export function careOf({ arrived, late, watched }: Tally, { attainment }: Objective): number {
  if (arrived <= 0 || watched <= 0) return 1;
  const allowed = AIM * (1 - attainment);
  const prior = (PRIOR * arrived) / watched;
  const ratio = (late + allowed * prior) / (allowed * (arrived + prior));
  // So little work that it rounds to none says nothing.
  if (Number.isNaN(ratio)) return 1;
  return Math.min(RANGE[1], Math.max(RANGE[0], ratio ** STRENGTH));
}
