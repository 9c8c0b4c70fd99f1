import fc from "fast-check";
import { expect, test } from "vitest";
import { around, at, daily, iso } from "./calendar.fixture.ts";

const MINUTE = 60;
const DAY = 86_400;

// ---- The independent reading of a zone that the tests compare with: minute by minute, from Intl's own calendar fields.

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the wall clock of a zone shows, in minutes as if it kept UTC. */
function wallMinute(zone: string, minute: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    formats.set(zone, format);
  }
  const [day = 0, month = 0, year = 0, hour = 0, min = 0] = (format.format(minute * 60_000).match(/\d+/g) ?? []).map(
    Number,
  );
  return Date.UTC(year, month - 1, day, hour, min) / 60_000;
}

/** The same for a run of minutes; asks Intl every quarter of an hour, as no zone shifts in between nowadays. */
function wallMinutes(zone: string, from: number, count: number): number[] {
  const walls: number[] = [];
  let offset = 0;
  for (let minute = from; minute < from + count; minute++) {
    if (walls.length === 0 || minute % 15 === 0) offset = wallMinute(zone, minute) - minute;
    walls.push(minute + offset);
  }
  return walls;
}

/**
 * Instants at which wall times that match fire, given what the clock showed each minute from `from` on: when it first shows
 * them, or first jumps over them. The first minute cannot tell and never fires.
 */
function firings(walls: readonly number[], from: number, matches: (wallMinute: number) => boolean): number[] {
  const fired: number[] = [];
  let shown = walls[0] ?? 0;
  walls.forEach((wall, index) => {
    let fires = false;
    for (let passed = shown + 1; passed <= wall; passed++) fires ||= matches(passed);
    if (fires) fired.push((from + index) * MINUTE);
    shown = Math.max(shown, wall);
  });
  return fired;
}

// ---- Every zone

interface Shift {
  readonly zone: string;
  /** The first minute of the new offset, and by how many minutes the clock went forward. */
  readonly minute: number;
  readonly forward: number;
}

function shiftsOf(zone: string, fromYear: number, toYear: number): Shift[] {
  const shifts: Shift[] = [];
  const offset = (minute: number) => wallMinute(zone, minute) - minute;
  const week = 7 * 24 * 60;
  const end = Date.UTC(toYear + 1) / 60_000;
  for (let minute = Date.UTC(fromYear) / 60_000; minute < end; minute += week) {
    const before = offset(minute);
    if (offset(minute + week) === before) continue;
    let [same, other] = [minute, minute + week];
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (offset(middle) === before) same = middle;
      else other = middle;
    }
    shifts.push({ zone, minute: other, forward: offset(other) - before });
  }
  return shifts;
}

test("in every zone that shifts in 2026 to 2028, a daily schedule fires exactly once a day, at the right instant [F23]", () => {
  const shifts = Intl.supportedValuesOf("timeZone").flatMap((zone) => shiftsOf(zone, 2026, 2028));
  expect(new Set(shifts.map(({ zone }) => zone)).size).toBeGreaterThan(100);

  const kept = new Map<string, readonly number[]>(); // zones that shift alike show alike
  for (const { zone, minute, forward } of shifts) {
    const before = wallMinute(zone, minute - 1) + 1;
    // The wall times that the shift skips or repeats, and those on either side.
    const first = Math.min(before, before + forward);
    const span = Math.abs(forward);
    const from = minute - 26 * 60;
    const alike = `${minute} ${before} ${forward}`;
    const walls = kept.get(alike) ?? wallMinutes(zone, from, 52 * 60);
    kept.set(alike, walls);
    for (const wall of [first, first + Math.floor(span / 2), first + span]) {
      const time = new Date(wall * 60_000);
      const schedule = daily(`${time.getUTCMinutes()} ${time.getUTCHours()} * * *`);
      const run = firings(walls, from, (w) => (w - wall) % (24 * 60) === 0);
      const named = `${zone} ${schedule.start} ${iso(minute * 60)}`;

      expect(run.length, named).toBeGreaterThanOrEqual(2);
      expect(around(schedule, zone, (run[0] ?? 0) - 1).nextStart, named).toBe(run[0]);
      run.forEach((expected, i) => {
        const here = around(schedule, zone, expected);
        expect(here.lastStart, named).toBe(expected);
        if (i + 1 < run.length) expect(here.nextStart, named).toBe(run[i + 1]);
      });
    }
  }
}, 60_000);

// ---- Any cron, any zone, any time

const list = (min: number, max: number) =>
  fc
    .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 })
    .map((values) => ({ text: values.join(","), values }));
const every = (min: number, max: number) =>
  fc.integer({ min: 2, max: 20 }).map((step) => ({
    text: `*/${step}`,
    values: Array.from({ length: max - min + 1 }, (_, i) => min + i).filter((v) => (v - min) % step === 0),
  }));
const star = fc.constant({ text: "*", values: null });
const field = (min: number, max: number) => fc.oneof(list(min, max), list(min, max), every(min, max), star);

const cron = fc
  .record({
    minute: field(0, 59),
    hour: field(0, 23),
    day: fc.oneof(star, list(1, 31)),
    weekday: fc.oneof(star, list(0, 6)),
  })
  .map(({ minute, hour, day, weekday }) => ({
    text: `${minute.text} ${hour.text} ${day.text} * ${weekday.text}`,
    matches: (wall: number) => {
      const date = new Date(wall * 60_000);
      const onDay = day.values?.includes(date.getUTCDate());
      const onWeekday = weekday.values?.includes(date.getUTCDay());
      // crontab(5): when both are restricted, either will do.
      const dated = onDay === undefined || onWeekday === undefined ? (onDay ?? onWeekday ?? true) : onDay || onWeekday;
      const hit = (values: number[] | null, value: number) => values === null || values.includes(value);
      return dated && hit(minute.values, date.getUTCMinutes()) && hit(hour.values, date.getUTCHours());
    },
  }));

const SHIFTY = [
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "America/Nuuk",
  "Africa/Casablanca",
].flatMap((zone) => shiftsOf(zone, 2026, 2028));
/** Half of the instants lie within a day of a shift, the others anywhere. */
const place = fc.oneof(
  fc
    .record({ shift: fc.constantFrom(...SHIFTY), away: fc.integer({ min: -DAY, max: DAY }) })
    .map(({ shift, away }) => ({ zone: shift.zone, now: shift.minute * 60 + away })),
  fc.record({
    zone: fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
    now: fc.integer({ min: at("2026-01-01T00:00:00Z"), max: at("2029-01-01T00:00:00Z") }),
  }),
);

test("the boundaries of any schedule are those that a clock watched minute by minute shows", () => {
  const back = 36 * 60;
  fc.assert(
    fc.property(cron, place, ({ text, matches }, { zone, now }) => {
      const minute = Math.floor(now / 60);
      const run = firings(wallMinutes(zone, minute - back, 2 * back), minute - back, matches);
      const past = run.filter((t) => t <= now);
      const future = run.filter((t) => t > now);

      const found = around(daily(text), zone, now);

      const earliest = (minute - back) * 60;
      const latest = (minute + back - 1) * 60;
      const last = found.lastStart ?? Number.NEGATIVE_INFINITY;
      const next = found.nextStart ?? Number.POSITIVE_INFINITY;
      if (past.length > 0) expect(last).toBe(past.at(-1));
      else expect(last).toBeLessThanOrEqual(earliest);
      if (future.length > 0) expect(next).toBe(future[0]);
      else expect(next).toBeGreaterThan(latest);
    }),
    { numRuns: 300 },
  );
});

test("what holds at one instant holds for as long as it says", () => {
  fc.assert(
    fc.property(cron, cron, place, fc.double({ min: 0, max: 1, noNaN: true }), (start, end, { zone, now }, share) => {
      const schedule = daily(start.text, { end: end.text, lead: 1800 });
      const found = around(schedule, zone, now);
      const later = found.validFrom + (found.validUntil - found.validFrom) * share * 0.999999;

      expect(found.validFrom).toBeLessThanOrEqual(now);
      expect(found.validUntil).toBeGreaterThan(now);
      expect(around(schedule, zone, later)).toEqual(found);
    }),
    { numRuns: 200 },
  );
});
