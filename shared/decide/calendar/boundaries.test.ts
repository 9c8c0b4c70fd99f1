import { expect, test } from "vitest";
import { boundaries, outsideCalendar } from "./boundaries.ts";
import { around, at, daily, iso } from "./calendar.fixture.ts";
import { NEVER } from "./windows.fixture.ts";

const HOUR = 3600;
const DAY = 86_400;

test.each([
  // zone, daily time, any instant on the day before, when it fires on the day of the shift
  ["America/New_York", "30 2 * * *", "2027-03-13T18:00:00Z", "2027-03-14T07:00:00.000Z"],
  ["America/New_York", "0 9 * * *", "2027-03-13T18:00:00Z", "2027-03-14T13:00:00.000Z"],
  ["America/New_York", "30 1 * * *", "2027-11-06T18:00:00Z", "2027-11-07T05:30:00.000Z"],
  ["America/New_York", "0 2 * * *", "2027-11-06T18:00:00Z", "2027-11-07T07:00:00.000Z"],
  ["Europe/Berlin", "30 2 * * *", "2027-03-27T12:00:00Z", "2027-03-28T01:00:00.000Z"],
  ["Europe/Berlin", "0 22 * * *", "2027-03-28T12:00:00Z", "2027-03-28T20:00:00.000Z"],
  ["Europe/Berlin", "30 2 * * *", "2027-10-30T12:00:00Z", "2027-10-31T00:30:00.000Z"],
  // Half an hour: 02:00 to 02:30 is skipped in spring (October) and 01:30 to 02:00 repeated in autumn (April).
  ["Australia/Lord_Howe", "15 2 * * *", "2027-10-02T12:00:00Z", "2027-10-02T15:30:00.000Z"],
  ["Australia/Lord_Howe", "45 1 * * *", "2027-04-03T12:00:00Z", "2027-04-03T14:45:00.000Z"],
  // The gap ends at midnight, so the time fires on the next date.
  ["America/Nuuk", "30 23 * * *", "2027-03-27T12:00:00Z", "2027-03-28T01:00:00.000Z"],
])("%s: %s fires once on the day the clock shifts [F23]", (zone, start, before, expected) => {
  const schedule = daily(start);

  const ahead = around(schedule, zone, at(before));
  const after = around(schedule, zone, at(expected));

  expect(iso(ahead.nextStart)).toBe(expected);
  expect(iso(after.lastStart)).toBe(expected);
  expect((after.nextStart ?? 0) - at(expected)).toBeGreaterThanOrEqual(20 * HOUR);
});

test("quarter-hours fire once in an overlap, and once for all those that a gap skips [F23]", () => {
  const schedule = daily("*/15 * * * *");

  const secondPass = around(schedule, "Europe/Berlin", at("2027-10-31T01:20:00Z")); // 02:20 for the second time
  const gapEnd = around(schedule, "Europe/Berlin", at("2027-03-28T00:59:59Z"));

  expect(iso(secondPass.lastStart)).toBe("2027-10-31T00:45:00.000Z");
  expect(iso(secondPass.nextStart)).toBe("2027-10-31T02:00:00.000Z");
  expect(iso(gapEnd.lastStart)).toBe("2027-03-28T00:45:00.000Z");
  expect(iso(gapEnd.nextStart)).toBe("2027-03-28T01:00:00.000Z");
});

test("a window that lies within the spring gap does not stay open", () => {
  const schedule = daily("15 2 * * *", { end: "45 2 * * *" });

  const after = around(schedule, "Europe/Berlin", at("2027-03-28T01:00:00Z"));

  expect(after.open).toBe(false);
  expect(after.lastStart).toBe(after.lastEnd);
});

test("a window whose end is its start is always open", () => {
  const schedule = daily("0 0 * * *", { end: "0 0 * * *" });

  expect(around(schedule, "UTC", at("2026-11-21T00:00:00Z")).open).toBe(true);
  expect(around(schedule, "UTC", at("2026-11-21T23:59:59Z")).open).toBe(true);
});

test("a window whose end is its start opens anew each time", () => {
  const schedule = daily("0 0 * * *", { end: "0 0 * * *" });

  expect(iso(around(schedule, "UTC", at("2026-11-21T23:59:59Z")).opened)).toBe("2026-11-21T00:00:00.000Z");
});

test.each([
  ["neither starts nor ends", NEVER, NEVER, "2026-06-01T12:00:00Z", { open: false, opened: null }],
  ["never starts", NEVER, "0 9 * * *", "2026-06-01T12:00:00Z", { open: false, opened: null }],
  [
    "never ends",
    "0 9 * * *",
    NEVER,
    "2026-06-01T12:00:00Z",
    { open: true, opened: at("2026-06-01T09:00:00Z"), lastEnd: null, nextEnd: null },
  ],
  [
    "never ends, before 1970, when times are negative",
    "0 9 * * *",
    NEVER,
    "1965-06-01T12:00:00Z",
    { open: true, opened: at("1965-06-01T09:00:00Z"), lastEnd: null, nextEnd: null },
  ],
])("a window that %s", (_, start, end, now, expected) => {
  expect(around(daily(start, { end }), "UTC", at(now))).toMatchObject(expected);
});

test.each([
  ["min", { nodes: { min: 2 }, lead: 900 }, "2026-11-21T08:45:00.000Z"],
  ["exactly", { nodes: { exactly: 2 }, lead: 900 }, "2026-11-21T08:45:00.000Z"],
  ["no lead", { nodes: { min: 2 } }, null],
  ["no floor", { nodes: { max: 3 }, lead: 900 }, null],
  ["a floor of zero", { nodes: { exactly: 0 }, lead: 900 }, null],
  ["a max of zero below its min", { nodes: { min: 2, max: 0 }, lead: 900 }, null],
  ["no start to come", { start: NEVER, nodes: { min: 2 }, lead: 900 }, null],
])("the lead of a window with %s begins", (_, more, expected) => {
  expect(iso(around(daily("0 9 * * *", more), "UTC", at("2026-11-21T00:00:00Z")).leadStart)).toBe(expected);
});

test.each([
  ["UTC", "2026-06-01T12:00:00Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"],
  ["America/New_York", "2027-01-01T04:59:59Z", "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z"],
  ["America/New_York", "1970-01-01T04:59:59Z", "1969-01-01T05:00:00Z", "1970-01-01T05:00:00Z"],
])(
  "without a boundary the answer holds for the year of the wall clock: %s at %s",
  (zone, now, validFrom, validUntil) => {
    expect(around(daily(NEVER, { end: NEVER }), zone, at(now))).toMatchObject({
      validFrom: at(validFrom),
      validUntil: at(validUntil),
    });
  },
);

test.each([
  ["1899-12-31T23:59:59Z", false],
  ["1900-01-01T00:00:00Z", true],
  ["9990-12-31T23:59:59Z", true],
  ["9991-01-01T00:00:00Z", false],
])("the calendar covers the years 1900 to 9990: %s, %s", (now, covered) => {
  expect(outsideCalendar(at(now))).toBe(
    covered ? null : "no schedule is followed: the calendar covers the years 1900 to 9990",
  );
});

test("a boundary belongs to what it begins, and everything holds until the next one", () => {
  const schedule = daily("0 9 * * *", { end: "0 17 * * *", lead: 900 });

  const justBefore = around(schedule, "UTC", at("2026-11-21T08:59:59Z"));
  const justAt = around(schedule, "UTC", at("2026-11-21T09:00:00Z"));

  expect(justBefore).toMatchObject({ open: false, nextStart: at("2026-11-21T09:00:00Z") });
  expect(justBefore).toMatchObject({ validFrom: at("2026-11-21T08:45:00Z"), validUntil: at("2026-11-21T09:00:00Z") });
  expect(justAt).toMatchObject({
    open: true,
    opened: at("2026-11-21T09:00:00Z"),
    lastStart: at("2026-11-21T09:00:00Z"),
  });
  expect(justAt).toMatchObject({ validFrom: at("2026-11-21T09:00:00Z"), validUntil: at("2026-11-21T17:00:00Z") });
});

test.each(["0 0 30 2 *", "0 0 31 4,6,9,11 *", "*/5 * 30 feb *"])(
  "%s, which never fires, is given up on without a long search [T15]",
  (start) => {
    const began = process.cpuUsage();
    for (let year = 2026; year < 2056; year++)
      expect(around(daily(start), "Europe/Berlin", at(`${year}-06-01T00:00:00Z`)).nextStart).toBeNull();

    // A search without end costs croner over 20 ms each time, hence more than a second for these.
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1000).toBeLessThan(400);
  },
);

test("29 February is found from four years away", () => {
  const found = around(daily("0 0 29 2 *"), "UTC", at("2028-02-29T00:00:00Z"));

  expect([iso(found.lastStart), iso(found.nextStart)]).toEqual([
    "2028-02-29T00:00:00.000Z",
    "2032-02-29T00:00:00.000Z",
  ]);
});

test("a start skips holidays, by the date on its own wall clock, and an end does not unless it says so", () => {
  const holidays = new Set(["2026-12-25"]); // a Friday
  const now = at("2026-12-24T20:00:00Z");
  const weekdays = { start: "0 9 * * 1-5", end: "0 17 * * 1-5" };

  const starts = around(daily("", { ...weekdays, skipHolidays: "start" }), "Asia/Tokyo", now, holidays);
  const ends = around(daily("", { ...weekdays, skipHolidays: "end" }), "Asia/Tokyo", now, holidays);

  expect([iso(starts.nextStart), iso(starts.nextEnd)]).toEqual([
    "2026-12-28T00:00:00.000Z",
    "2026-12-25T08:00:00.000Z",
  ]);
  expect([iso(ends.nextStart), iso(ends.nextEnd)]).toEqual(["2026-12-25T00:00:00.000Z", "2026-12-28T08:00:00.000Z"]);
});

test("midnight after a holiday is no holiday", () => {
  const schedule = daily("0 0 * * *", { skipHolidays: "start" });

  const found = around(schedule, "UTC", at("2026-12-24T12:00:00Z"), new Set(["2026-12-25"]));

  expect(iso(found.nextStart)).toBe("2026-12-26T00:00:00.000Z");
});

test("holidays without end make a schedule that never fires", () => {
  const everyDay = Array.from(
    { length: 12 * 366 },
    (_, i) => iso(at("2020-01-01T00:00:00Z") + i * DAY)?.slice(0, 10) ?? "",
  );

  const found = around(
    daily("*/5 * * * *", { skipHolidays: "start" }),
    "UTC",
    at("2026-06-01T00:00:00Z"),
    new Set(everyDay),
  );

  expect([found.lastStart, found.nextStart]).toEqual([null, null]);
});

test.each([
  [{ start: "a b c d e" }, "its start"],
  [{ end: "61 * * * *" }, "its end"],
  [{ start: "1:2 3 4 5 6" }, "its start"],
  [{ timeZone: "Mars/Olympus" }, "time zone"],
  [{ timeZone: "" }, "time zone"],
])("a schedule that cannot be followed is named: %j [F57]", (wrong, why) => {
  const found = boundaries({ ...daily("0 9 * * *"), ...wrong }, "UTC", at("2026-11-21T00:00:00Z"), new Set());

  expect(found).toMatchObject({ kind: "unfollowable", detail: expect.stringContaining(why) });
});

test("a question mark, which would mean another time at each look, makes a schedule that cannot be followed", () => {
  const found = boundaries(daily("? 9 * * *"), "UTC", at("2026-11-21T00:00:00Z"), new Set());

  expect(found).toEqual({
    kind: "unfollowable",
    detail: 'schedule daily is ignored: its start "? 9 * * *" is not a cron expression',
  });
});
