import type { Reason } from "../../model/reasons.ts";
import type { Condition } from "../../policy/schema/common.ts";
import type { Schedule } from "../../policy/schema/schedules.ts";
import { type EpochSeconds, formatDuration } from "../../policy/units.ts";
import { type Boundaries, boundaries, leadFloor, outsideCalendar } from "./boundaries.ts";
import { WEEK } from "./limits.ts";
import type { Dates } from "./recurrence.ts";
import { wallText, type Zone } from "./zone.ts";

/**
 * What the calendar says of a workload's size at one instant.
 *
 * One window governs: of the windows open now, the one that started last. *The most recent boundary wins*: a start lets its
 * window govern; an end closes its window and lets the one that started last among those still open govern again, or none.
 * Windows that started at the same instant govern together, the most restrictive first: the smallest `exactly`; else the
 * smallest `max`; and the largest `min`, though never above that `max`.
 */
export interface WindowsInForce {
  /** Nodes, at least; null without a floor. */
  readonly floor: number | null;
  /** Nodes, at most; null without a ceiling. Never below `floor`. */
  readonly ceiling: number | null;
  /** The one size that floor and ceiling allow, or null. */
  readonly exactly: number | null;
  /** Name of the schedule that binds; null when no window is open and none is about to. */
  readonly governing: string | null;
  /** When the governing window opened or its lead began; when the last window ended if none is open; null if none ever did. */
  readonly since: EpochSeconds | null;
  /** The governing window's latest start, which says its size anew; null when none governs. */
  readonly asserted: EpochSeconds | null;
  /** The next boundary of any schedule (start, end or lead), whether or not it changes anything; null if there is none. */
  readonly until: EpochSeconds | null;
  /** What may end the zero that is in force; empty otherwise. */
  readonly wakeOn: readonly Condition[];
  readonly reason: Extract<Reason, "WindowStarted" | "WindowEnded" | "Unaffected">;
  readonly detail: string;
  /** Schedules that cannot be followed, each with why. `validate` refuses them. */
  readonly problems: readonly string[];
}

/** A schedule with its boundaries around one instant. */
export interface Placed {
  readonly schedule: Schedule;
  readonly at: Boundaries;
}

/** The calendar around one instant: what is in force, and where each schedule stands. */
export interface CalendarState {
  readonly inForce: WindowsInForce;
  readonly placed: readonly Placed[];
}

interface Range {
  readonly floor: number | null;
  readonly ceiling: number | null;
}

type Verdict = Omit<WindowsInForce, "until" | "problems" | "exactly">;

const NO_HOLIDAYS: Dates = new Set();

/** How people read a range of sizes: `0`, `>= 2`, `<= 3`, `2 to 4`, or `by demand`. */
export function rangeText({ floor, ceiling }: Range): string {
  if (floor !== null && floor === ceiling) return String(floor);
  if (floor !== null && ceiling !== null) return `${floor} to ${ceiling}`;
  if (floor !== null) return `>= ${floor}`;
  return ceiling === null ? "by demand" : `<= ${ceiling}`;
}

const smallest = (numbers: readonly (number | undefined)[]): number | null => {
  const given = numbers.filter((n) => n !== undefined);
  return given.length === 0 ? null : Math.min(...given);
};

/** The most restrictive reading of windows that govern together. */
function combined(windows: readonly Schedule[]): Range {
  const exactly = smallest(windows.map(({ nodes }) => nodes.exactly));
  if (exactly !== null) return { floor: exactly, ceiling: exactly };
  const ceiling = smallest(windows.map(({ nodes }) => nodes.max));
  const mins = windows.map(({ nodes }) => nodes.min).filter((n) => n !== undefined);
  const floor = mins.length === 0 ? null : Math.min(Math.max(...mins), ceiling ?? Number.POSITIVE_INFINITY);
  return { floor, ceiling };
}

/** The first of these windows that the combined range comes from: `exactly` before `max` before `min`. */
function binding(tied: readonly Placed[], { floor, ceiling }: Range): Placed | undefined {
  const has = (test: (nodes: Schedule["nodes"]) => boolean) => tied.find(({ schedule }) => test(schedule.nodes));
  return (
    has((n) => n.exactly === floor && floor !== null) ?? has((n) => n.max === ceiling && ceiling !== null) ?? tied[0]
  );
}

const placeText = (zone: Zone, at: EpochSeconds, withDate: boolean) =>
  `${wallText(zone.wallAt(at), withDate)} ${zone.name}`;

/** What the open windows say, leads aside. */
function fromOpen(placed: readonly Placed[], withDate: (at: EpochSeconds) => boolean): Verdict | null {
  const open = placed.filter(({ at }) => at.open);
  const asserted = Math.max(...open.map(({ at }) => at.lastStart ?? Number.NEGATIVE_INFINITY));
  const tied = open.filter(({ at }) => at.lastStart === asserted);
  const range = combined(tied.map(({ schedule }) => schedule));
  const bound = binding(tied, range);
  if (bound === undefined) return null;
  const since = bound.at.opened ?? asserted;
  const others = tied.filter((other) => other !== bound).map(({ schedule }) => schedule.name);
  const company = others.length === 0 ? "" : ` (with ${others.join(", ")})`;
  return {
    ...range,
    governing: bound.schedule.name,
    since,
    asserted,
    wakeOn: range.ceiling === 0 ? (bound.schedule.wakeOn ?? []) : [],
    reason: "WindowStarted",
    detail: `${bound.schedule.name}${company} since ${placeText(bound.at.zone, since, withDate(since))}: ${rangeText(range)}`,
  };
}

/** What a calendar says that says nothing. */
const SILENT: WindowsInForce = {
  floor: null,
  ceiling: null,
  exactly: null,
  governing: null,
  since: null,
  asserted: null,
  until: null,
  wakeOn: [],
  reason: "Unaffected",
  detail: "no window is open",
  problems: [],
};

/** What holds when no window is open. */
function betweenWindows(placed: readonly Placed[], withDate: (at: EpochSeconds) => boolean): Verdict {
  const since = Math.max(...placed.map(({ at }) => at.lastEnd ?? Number.NEGATIVE_INFINITY));
  const ended = placed.find(({ at }) => at.lastEnd === since);
  if (ended === undefined) return SILENT;
  const detail = `${ended.schedule.name} ended ${placeText(ended.at.zone, since, withDate(since))}; no window is open`;
  return { ...SILENT, since, reason: "WindowEnded", detail };
}

interface Leading extends Placed {
  readonly floor: number;
  readonly leadStart: EpochSeconds;
  readonly start: EpochSeconds;
}

/** The window whose lead asks for the most nodes now. Its floor holds already, whatever governs, so that nodes are ready on time. */
function leading(placed: readonly Placed[], now: EpochSeconds): Leading | null {
  let most: Leading | null = null;
  for (const { schedule, at } of placed) {
    const { leadStart, nextStart: start } = at;
    const floor = leadFloor(schedule);
    if (floor === null || start === null || leadStart === null || leadStart > now) continue;
    if (most === null || floor > most.floor) most = { schedule, at, floor, leadStart, start };
  }
  return most;
}

function withLead(verdict: Verdict, { schedule, at, floor, leadStart, start }: Leading): Verdict {
  if (verdict.floor !== null && verdict.floor >= floor) return verdict;
  const ceiling = verdict.ceiling === null ? null : Math.max(verdict.ceiling, floor);
  const when = placeText(at.zone, start, start - leadStart > WEEK);
  return {
    floor,
    ceiling,
    governing: schedule.name,
    since: leadStart,
    asserted: leadStart,
    wakeOn: [],
    reason: "WindowStarted",
    detail: `${schedule.name} starts ${when}, led by ${formatDuration(start - leadStart)}: ${rangeText({ floor, ceiling })}`,
  };
}

interface Computed {
  readonly state: CalendarState;
  readonly from: EpochSeconds;
  readonly until: EpochSeconds;
}

function compute(schedules: readonly Schedule[], timeZone: string, now: EpochSeconds, holidays: Dates): Computed {
  const placed: Placed[] = [];
  const problems: string[] = [];
  for (const schedule of schedules) {
    const at = boundaries(schedule, timeZone, now, holidays);
    if (at.kind === "known") placed.push({ schedule, at });
    else problems.push(at.detail);
  }
  const times = placed.flatMap(({ at }) => [at.nextStart, at.nextEnd, at.leadStart]).filter((t) => t !== null);
  const next = Math.min(...times.filter((time) => time > now));
  // A weekday tells the day while the window is no older than a week at its very end, hence for as long as this holds.
  const withDate = (at: EpochSeconds) => next - at > WEEK;
  const verdict = fromOpen(placed, withDate) ?? betweenWindows(placed, withDate);
  const lead = leading(placed, now);
  const led = lead === null ? verdict : withLead(verdict, lead);
  return {
    state: {
      inForce: {
        ...led,
        exactly: led.floor === led.ceiling ? led.floor : null,
        until: Number.isFinite(next) ? next : null,
        problems,
      },
      placed,
    },
    from: Math.max(...placed.map(({ at }) => at.validFrom)),
    until: Math.min(...placed.map(({ at }) => at.validUntil)),
  };
}

interface Kept extends Computed {
  readonly timeZone: string;
  readonly holidays: Dates;
}

/**
 * The last state of each workload's calendar. Nothing changes between two boundaries, so the state computed for one instant
 * is the state of all of `[from, until)`. It depends on the arguments alone: what is kept here saves time and changes no answer.
 */
const kept = new WeakMap<readonly Schedule[], Kept>();

/** The calendar of a workload around `now`. Never throws; a schedule that cannot be followed stands in `problems`. */
export function calendarAt(
  schedules: readonly Schedule[],
  timeZone: string,
  now: EpochSeconds,
  holidays: Dates = NO_HOLIDAYS,
): CalendarState {
  const outside = outsideCalendar(now);
  if (outside !== null) return { inForce: { ...SILENT, problems: [outside] }, placed: [] };
  const last = kept.get(schedules);
  if (last && now >= last.from && now < last.until && last.timeZone === timeZone && last.holidays === holidays)
    return last.state;
  const computed = compute(schedules, timeZone, now, holidays);
  kept.set(schedules, { ...computed, timeZone, holidays });
  return computed.state;
}

/** What the calendar says of the size at `now`: see `WindowsInForce`. `timeZone` is the policy's, for schedules without their own. */
export function windowsInForce(
  schedules: readonly Schedule[],
  timeZone: string,
  now: EpochSeconds,
  holidays: Dates = NO_HOLIDAYS,
): WindowsInForce {
  return calendarAt(schedules, timeZone, now, holidays).inForce;
}
