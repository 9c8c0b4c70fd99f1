import type { Gaps } from "../../model/learned.ts";
import type { Seconds } from "../../policy/units.ts";
import { trim } from "../trim.ts";

/** FIRST_AGE, AGES: pauses are told apart from a minute on, by ages that grow by the square root of two, up to four hours. */
const FIRST_AGE: Seconds = 60;
const AGES = 17;
/** PRIOR: pauses of the usual kind that are taken to have been seen of each age: their hazard falls as they last. */
const PRIOR = 4;
const USUAL = 0.5;
/** FADING: what the end of a pause leaves of the weight of those before it, of its own age. */
const FADING = 0.98;

/** The age at which the class `i` of pauses begins; those younger than the first are not told apart from work. */
const ageOf = (i: number): Seconds => FIRST_AGE * 2 ** (i / 2);

const NO_GAPS: Gaps = { lasted: Array.from({ length: AGES }, () => 0), ended: Array.from({ length: AGES }, () => 0) };

/** What pauses of each age came to, with one more that was seen from one age to another, and whether it ended there. */
export function addGap(past: Gaps | null, from: Seconds, to: Seconds, ended: boolean): Gaps {
  const gaps = past ?? NO_GAPS;
  if (to <= FIRST_AGE || to < from) return gaps;
  const here = (i: number): boolean => ended && to > ageOf(i) && (to <= ageOf(i + 1) || i === AGES - 1);
  const spent = (i: number): Seconds => {
    const until = i === AGES - 1 ? to : Math.min(to, ageOf(i + 1));
    return Math.max(0, until - Math.max(from, ageOf(i)));
  };
  return {
    lasted: gaps.lasted.map((seconds, i) => trim((seconds + spent(i)) * (here(i) ? FADING : 1))),
    ended: gaps.ended.map((n, i) => trim(here(i) ? (n + 1) * FADING : n)),
  };
}

/** How often a pause of the class ends, a second. */
function hazardOf(gaps: Gaps, i: number): number {
  const [lasted, ended] = [gaps.lasted[i] ?? 0, gaps.ended[i] ?? 0];
  const usual = USUAL * Math.log(ageOf(i + 1) / ageOf(i));
  return (ended + PRIOR * usual) / (lasted + PRIOR * (ageOf(i + 1) - ageOf(i)));
}

/** What is weighed while nothing is to do, in one currency. */
export interface Stakes {
  /** What keeping the nodes costs a second. */
  readonly keeping: number;
  /** What it costs to have none when work comes: their boot, and what is late by then. */
  readonly starting: number;
}

/**
 * Whether nodes without work are worth keeping: whether there is any time, up to which work comes so probably that the boots
 * and the lateness it saves exceed what waiting for it costs. By the pauses seen so far, of those that lasted as long.
 */
export function worthKeeping(past: Gaps | null, age: Seconds, { keeping, starting }: Stakes): boolean {
  const gaps = past ?? NO_GAPS;
  let [survival, waited] = [1, 0];
  for (let i = 0; i < AGES; i += 1) {
    const left = ageOf(i + 1) - Math.max(ageOf(i), age);
    if (left <= 0 && i < AGES - 1) continue;
    const hazard = hazardOf(gaps, i);
    const span = Math.max(left, FIRST_AGE);
    const through = Math.exp(-hazard * span);
    waited += (survival * (1 - through)) / hazard;
    survival *= through;
    if (keeping * waited < starting * (1 - survival)) return true;
  }
  return age < FIRST_AGE;
}

/** What decides how much is late when work comes and there is no node. */
export interface Start {
  /** From the request until a node is ready, and how that deviates. */
  readonly boot: Seconds;
  readonly spread: Seconds;
  readonly maxWait: Seconds;
  /** What one node serves, requests a second. */
  readonly rate: number;
}

/** LOGISTIC: the deviation of a logistic distribution, in its scale. */
const LOGISTIC = Math.PI / Math.sqrt(3);
/** REACTION: from work's arrival until a node is asked for: a sample, its way, and half a tick. */
const REACTION: Seconds = 60;
/** FOLLOWING: what follows on the first request while a node boots, as a share of what one node serves. */
const FOLLOWING = 0.5;
/** CERTAIN: so many scales beyond the wait, a boot is surely too long. */
const CERTAIN = 30;
/**
 * FIRST_OF: by how many deviations sooner the first of one, two, three or four nodes is ready, and what is left of the
 * deviation: the first order statistic of so many normal variables.
 */
const FIRST_OF = [
  { sooner: 0, spread: 1 },
  { sooner: 0.564, spread: 0.826 },
  { sooner: 0.846, spread: 0.748 },
  { sooner: 1.029, spread: 0.701 },
] as const;

/** Requests that are late for there being no node when work comes: the first, and those that come until its wait is over. */
export function lateAfterStart({ boot, spread, maxWait, rate }: Start): number {
  const scale = Math.max(1, spread) / LOGISTIC;
  const beyond = (boot + REACTION - maxWait) / scale;
  const probable = 1 / (1 + Math.exp(-beyond));
  const excess = scale * (beyond > CERTAIN ? beyond : Math.log1p(Math.exp(beyond)));
  return probable + FOLLOWING * rate * excess;
}

/** So many nodes asked for at once where there is none, and what that costs: their boots, and what is late all the same. */
export interface Together {
  readonly nodes: number;
  readonly cost: number;
}

/** How many nodes are best asked for where there is none, for the sake of the one that is ready first. */
export function bestTogether(start: Start, bootCosts: number, lateCosts: number): Together {
  const { boot, spread } = start;
  const options = FIRST_OF.map((first, i): Together => {
    const late = lateAfterStart({ ...start, boot: boot - first.sooner * spread, spread: first.spread * spread });
    return { nodes: i + 1, cost: (i + 1) * bootCosts + late * lateCosts };
  });
  return options.reduce((best, option) => (option.cost < best.cost ? option : best));
}

/** How far demand is to be foreseen: 0 when all of it may wait for a node, 1 when it may wait no longer than a look takes. */
export const foresight = (boot: Seconds, maxWait: Seconds): number =>
  Math.min(1, Math.max(0, (boot + REACTION - maxWait) / boot));
