import type { Schedule } from "../../policy/schema/schedules.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import { type Dates, recurrence } from "./recurrence.ts";
import { type WallSeconds, type Zone, zoneNamed } from "./zone.ts";

/** Where one schedule stands around an instant. Times are null where the schedule has no such boundary within the horizon. */
export interface Boundaries {
  readonly kind: "known";
  readonly zone: Zone;
  /** The latest boundary is a start. */
  readonly open: boolean;
  /** When the open window opened: the first start since it was last closed. */
  readonly opened: EpochSeconds | null;
  readonly lastStart: EpochSeconds | null;
  readonly lastEnd: EpochSeconds | null;
  readonly nextStart: EpochSeconds | null;
  readonly nextEnd: EpochSeconds | null;
  /** When the lead of the next start begins; null if the window has no lead, or no floor to lead with. */
  readonly leadStart: EpochSeconds | null;
  /** All of the above is the same for every instant in `[validFrom, validUntil)`. */
  readonly validFrom: EpochSeconds;
  readonly validUntil: EpochSeconds;
}

/** A schedule that cannot be followed. `validate` refuses such a policy; a decision must still not throw. */
export interface Unfollowable {
  readonly kind: "unfollowable";
  readonly detail: string;
}

const NO_DATES: Dates = new Set();
const yearOf = (wall: WallSeconds): number => new Date(wall * 1000).getUTCFullYear();
const startOfYear = (year: number): WallSeconds => Date.UTC(year) / 1000;

/** Years the calendar answers for: with its horizon, within what a date can hold and clear of two-digit years. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 9990;

/** Why the calendar has nothing to say of an instant, or null if it has. */
export function outsideCalendar(now: EpochSeconds): string | null {
  const covered = now >= startOfYear(FIRST_YEAR) && now < startOfYear(LAST_YEAR + 1);
  return covered ? null : `no schedule is followed: the calendar covers the years ${FIRST_YEAR} to ${LAST_YEAR}`;
}

/** The nodes a window needs to have ready when it starts, or null if it needs none. */
export function leadFloor({ nodes }: Schedule): number | null {
  const floor = nodes.exactly ?? Math.min(nodes.min ?? 0, nodes.max ?? Number.POSITIVE_INFINITY);
  return floor > 0 ? floor : null;
}

/**
 * The boundaries of one schedule around `now`, which `outsideCalendar` has let pass. They are found on the wall clock, whose order the zone never turns around: a
 * window that lies within a spring gap starts and ends at one instant, in that order, and is not left open. Where start and
 * end are the same wall time, the end comes first, so `0 0 * * *` to `0 0 * * *` is open all day.
 */
export function boundaries(
  schedule: Schedule,
  timeZone: string,
  now: EpochSeconds,
  holidays: Dates,
): Boundaries | Unfollowable {
  const cannot = (detail: string): Unfollowable => ({
    kind: "unfollowable",
    detail: `schedule ${schedule.name} is ignored: ${detail}`,
  });
  const zoneName = schedule.timeZone ?? timeZone;
  const zone = zoneNamed(zoneName);
  if (zone === null) return cannot(`the runtime knows no time zone ${JSON.stringify(zoneName)}`);
  const wall = zone.latestWall(now);
  const year = yearOf(wall);
  const starts = recurrence(schedule.start, year, schedule.skipHolidays === "start" ? holidays : NO_DATES);
  const ends = recurrence(schedule.end, year, schedule.skipHolidays === "end" ? holidays : NO_DATES);
  if (starts === null) return cannot(`its start ${JSON.stringify(schedule.start)} is not a cron expression`);
  if (ends === null) return cannot(`its end ${JSON.stringify(schedule.end)} is not a cron expression`);

  const instant = (time: WallSeconds | null) => (time === null ? null : zone.instantOf(time));
  const lastStartWall = starts.lastAtOrBefore(wall);
  const lastEndWall = ends.lastAtOrBefore(wall);
  const open = lastStartWall !== null && (lastEndWall === null || lastEndWall <= lastStartWall);
  const openedWall = lastEndWall === null ? lastStartWall : starts.firstAfter(lastEndWall - 1);
  const lastStart = instant(lastStartWall);
  const lastEnd = instant(lastEndWall);
  const nextStart = instant(starts.firstAfter(wall));
  const nextEnd = instant(ends.firstAfter(wall));
  const leads = schedule.lead !== undefined && leadFloor(schedule) !== null;
  const leadStart = leads && nextStart !== null ? nextStart - schedule.lead : null;

  // The horizon moves with the year of the wall clock, so nothing is valid beyond it.
  const turning = [zone.instantOf(startOfYear(year)), zone.instantOf(startOfYear(year + 1))];
  const known = [...turning, lastStart, lastEnd, nextStart, nextEnd, leadStart].filter((time) => time !== null);
  return {
    kind: "known",
    zone,
    open,
    opened: open ? instant(openedWall) : null,
    lastStart,
    lastEnd,
    nextStart,
    nextEnd,
    leadStart,
    validFrom: Math.max(...known.filter((time) => time <= now)),
    validUntil: Math.min(...known.filter((time) => time > now)),
  };
}
