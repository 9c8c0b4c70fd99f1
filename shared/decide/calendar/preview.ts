import type { Schedule } from "../../policy/schema/schedules.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import { CHANGE_SEARCH, PREVIEW_ROWS } from "./limits.ts";
import type { Dates } from "./recurrence.ts";
import { calendarAt, type Placed, rangeText, type WindowsInForce, windowsInForce } from "./windows.ts";
import { wallText } from "./zone.ts";

/** One boundary of one schedule, and the size from then on. */
export interface PreviewEntry {
  readonly at: EpochSeconds;
  /** In the schedule's zone: `Fri 2026-11-27 22:00 Europe/Berlin`. */
  readonly local: string;
  readonly schedule: string;
  readonly boundary: "start" | "end" | "lead";
  /** What is in force from `at` on, all schedules together: `0`, `>= 2`, `<= 3`, `2 to 4` or `by demand`. */
  readonly effect: string;
  /** Whether that differs from what was in force just before `at`. */
  readonly changed: boolean;
}

/** `schedules: []` gives `by demand`, for ever. */
export interface CalendarArguments {
  readonly schedules: readonly Schedule[];
  /** The policy's zone, for schedules without their own. */
  readonly timeZone: string;
  readonly holidays?: Dates;
}

const BOUNDARIES = ["end", "lead", "start"] as const;

function isAt({ at: around }: Placed, boundary: PreviewEntry["boundary"], at: EpochSeconds): boolean {
  switch (boundary) {
    case "start":
      return around.lastStart === at;
    case "end":
      return around.lastEnd === at;
    case "lead":
      return around.leadStart === at;
    default:
      return boundary satisfies never;
  }
}

/**
 * Every boundary in `[from, from + span)`, in order of time; at one instant ends before leads before starts, as they take
 * effect. At most `PREVIEW_ROWS` and those of one more instant.
 */
export function preview(calendar: CalendarArguments, from: EpochSeconds, span: Seconds): PreviewEntry[] {
  const { schedules, timeZone, holidays } = calendar;
  const entries: PreviewEntry[] = [];
  let before = windowsInForce(schedules, timeZone, Math.ceil(from) - 1, holidays);
  while (before.until !== null && before.until < from + span && entries.length < PREVIEW_ROWS) {
    const at = before.until;
    const { inForce, placed } = calendarAt(schedules, timeZone, at, holidays);
    const effect = rangeText(inForce);
    const changed = effect !== rangeText(before);
    for (const boundary of BOUNDARIES)
      for (const one of placed)
        if (isAt(one, boundary, at)) {
          const { zone } = one.at;
          const local = `${wallText(zone.wallAt(at), true)} ${zone.name}`;
          entries.push({ at, local, schedule: one.schedule.name, boundary, effect, changed });
        }
    before = inForce;
  }
  return entries;
}

/**
 * When the calendar next changes what it allows, and to what: unlike `WindowsInForce.until` it passes over boundaries that
 * change nothing, such as off-hours that start again on Saturday. Null if that is further than `CHANGE_SEARCH` boundaries away.
 */
export function nextChange(
  calendar: CalendarArguments,
  now: EpochSeconds,
): { at: EpochSeconds; inForce: WindowsInForce } | null {
  const { schedules, timeZone, holidays } = calendar;
  const present = windowsInForce(schedules, timeZone, now, holidays);
  let next = present;
  for (let looked = 0; looked < CHANGE_SEARCH && next.until !== null; looked++) {
    const at = next.until;
    next = windowsInForce(schedules, timeZone, at, holidays);
    if (next.floor !== present.floor || next.ceiling !== present.ceiling) return { at, inForce: next };
  }
  return null;
}
