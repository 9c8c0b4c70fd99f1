import { Cron } from "croner";
import { parseCron } from "../../policy/cron.ts";
import { HORIZON_YEARS } from "../../policy/limits.ts";
import { DAY, KEPT_EXPRESSIONS } from "./limits.ts";
import { dateOf, type WallSeconds } from "./zone.ts";

/**
 * When a cron expression matches the wall clock. croner is asked in UTC, where every wall time exists exactly once, and the
 * zone does the rest: croner's own reading of daylight saving skips a gap for `0,30 2 * * *`, fires twice in an overlap for
 * it, and loses a gap that ends at midnight (`30 23 * * *` in America/Nuuk, March 2027).
 */
export interface Recurrence {
  readonly lastAtOrBefore: (wall: WallSeconds) => WallSeconds | null;
  readonly firstAfter: (wall: WallSeconds) => WallSeconds | null;
}

/** Dates (`2026-12-25`) on which a recurrence does not fire. */
export type Dates = ReadonlySet<string>;

const startOfDay = (wall: WallSeconds): WallSeconds => Math.floor(wall / DAY) * DAY;
const seconds = (date: Date): WallSeconds => date.getTime() / 1000;

/**
 * croner in UTC, fenced by its year field: without one it looks 400 years far for an expression that never fires, which
 * takes tens of milliseconds. Null for what `validate` refuses, and for a colon, which makes croner read the text as a date.
 */
function fenced(expression: string, year: number): Cron | null {
  if (expression.includes(":")) return null;
  const years = `${year - HORIZON_YEARS}-${year + HORIZON_YEARS}`;
  try {
    parseCron(expression, "UTC");
    return new Cron(`0 ${expression} ${years}`, { mode: "7-part", utcOffset: 0, paused: true });
  } catch {
    return null; // croner throws a TypeError or a RangeError for what is no cron expression.
  }
}

/** Reading an expression costs more than asking it, so those in use are kept. The key says all that the value depends on. */
const kept = new Map<string, Cron | null>();

function keptFenced(expression: string, year: number): Cron | null {
  const key = `${year} ${expression}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= KEPT_EXPRESSIONS) kept.clear();
  const cron = fenced(expression, year);
  kept.set(key, cron);
  return cron;
}

/**
 * An expression's matches in the years around `year`, the dates of `except` left out; null if it is no cron expression.
 * Every search moves by at least a day or ends, so none takes more steps than the horizon has days.
 */
export function recurrence(expression: string, year: number, except: Dates): Recurrence | null {
  const cron = keptFenced(expression, year);
  if (cron === null) return null;
  return {
    lastAtOrBefore: (wall) => {
      let before = wall + 1;
      for (;;) {
        const [match] = cron.previousRuns(1, new Date(before * 1000));
        if (match === undefined) return null;
        if (!except.has(dateOf(seconds(match)))) return seconds(match);
        before = startOfDay(seconds(match));
      }
    },
    firstAfter: (wall) => {
      let after = wall;
      for (;;) {
        const match = cron.nextRun(new Date(after * 1000));
        if (match === null) return null;
        if (!except.has(dateOf(seconds(match)))) return seconds(match);
        after = startOfDay(seconds(match)) + DAY - 1;
      }
    },
  };
}
