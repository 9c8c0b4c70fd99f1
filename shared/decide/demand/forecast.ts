import type { Learned, Rate } from "../../model/learned.ts";
import type { Series } from "../../model/series.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import { trim } from "../trim.ts";

// SPACING, MAX_RATES: ten minutes of measurements, whatever a source's step.
const SPACING: Seconds = 10;
const MAX_RATES = 64;
const KEPT: Seconds = 600;
/** MAX_FORECASTS: one a minute over the longest horizon there is in practice, and as many again for other wake-ups. */
const MAX_FORECASTS = 32;

/** LEVEL: the noise of a minute averages out, and a change is still seen within the boot of a node. */
const LEVEL: Seconds = 240;
/** MEMORY: weight of what is known of the errors against the newest one: some hours of looks. */
const MEMORY = 0.99;
/** SAMPLE_AGE: how old the newest sample is on average when it is read. */
const SAMPLE_AGE: Seconds = 30;
/** What arrivals a second are usually averaged over already. */
export const AVERAGED: Seconds = 60;
/** How often arrivals are usually measured. */
export const SAMPLED: Seconds = 15;
/** What may wait longer than this need not be foreseen for as long. */
const SHORT_WAIT: Seconds = 60;
const MIN_HORIZON: Seconds = 30;
/** USUAL: what is usual is known of about the last hour. */
const USUAL: Seconds = 3600;
/** FEW: arrivals that the usual counts for, for a few in some minutes say little (the gamma prior of a Poisson rate). */
const FEW = 5;

/** What is expected to arrive, in requests a second: what arrives now. Its growth, extrapolated, cost more than it saved. */
export interface Forecast {
  readonly level: number;
  /** How far arrivals exceed what was expected, typically. */
  readonly spread: number;
  readonly horizon: Seconds;
}

/** The measurements with those of a series that are news, of the last minutes. */
export function addRates(rates: readonly Rate[], series: Series): readonly Rate[] {
  const all = [...rates];
  for (const [at, value] of series.samples) {
    const last = all.at(-1);
    if (last === undefined || at >= last.at + SPACING) all.push({ at, rate: trim(Math.max(0, value)) });
  }
  const newest = all.at(-1)?.at ?? 0;
  return all.filter((each) => each.at > newest - KEPT).slice(-MAX_RATES);
}

function meanSince(rates: readonly Rate[], over: Seconds): number {
  const newest = rates.at(-1)?.at ?? 0;
  let [sum, count] = [0, 0];
  for (const { at, rate } of rates) {
    if (at <= newest - over) continue;
    sum += rate;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

/** What usually arrives a second, once `rate` was seen for so long. Null before anything was seen. */
export const usualAfter = (past: number | null, rate: number, elapsed: Seconds): number =>
  trim(rate + ((past ?? rate) - rate) * Math.exp(-elapsed / USUAL));

/** What decides how much of a forecast follows from the measurements. */
export interface Horizon {
  readonly boot: Seconds;
  readonly maxWait: Seconds;
  /** What usually arrives, where so little does that it tells more than the last minutes do; else null. */
  readonly usual: number | null;
}

/** What the measurements let expect at the horizon of one boot. */
export function forecastOf(rates: readonly Rate[], variance: number, { boot, maxWait, usual }: Horizon): Forecast {
  const over = Math.max(LEVEL, maxWait);
  const recent = meanSince(rates, over);
  const level = usual === null || usual <= 0 ? recent : (recent * over + FEW) / (over + FEW / usual);
  const horizon = Math.max(MIN_HORIZON, boot + 2 * SAMPLE_AGE + LEVEL / 2 - Math.max(0, maxWait - SHORT_WAIT));
  return { level, spread: Math.sqrt(variance), horizon };
}

type Errors = Pick<Learned, "forecasts" | "variance">;

/** Holds what arrived against what had been expected: only what exceeded it does harm, and only what lasts for the wait. */
export function judgeForecasts(past: Errors, rates: readonly Rate[], maxWait: Seconds, now: EpochSeconds): Errors {
  const newest = Math.min(now, rates.at(-1)?.at ?? Number.NEGATIVE_INFINITY);
  const actual = meanSince(rates, Math.max(1, maxWait - AVERAGED + SAMPLED));
  let { variance } = past;
  const due = past.forecasts.filter((f) => f.at <= newest);
  for (const { rate } of due) variance = variance * MEMORY + (1 - MEMORY) * Math.max(0, actual - rate) ** 2;
  return { variance: trim(variance), forecasts: past.forecasts.filter((f) => f.at > newest) };
}

/** The forecasts with the one made now. */
export const addForecast = (all: readonly Rate[], { level, horizon }: Forecast, now: EpochSeconds): readonly Rate[] =>
  [...all, { at: now + Math.round(horizon), rate: trim(level) }].slice(-MAX_FORECASTS);
