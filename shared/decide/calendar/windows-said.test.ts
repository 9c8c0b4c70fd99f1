import { describe, expect, test } from "vitest";
import type { Schedule } from "../../policy/schema/schedules.ts";
import { at, OFFICE } from "./calendar.fixture.ts";
import { DAY } from "./limits.ts";
import { NEVER, window } from "./windows.fixture.ts";
import { calendarAt, rangeText, windowsInForce } from "./windows.ts";

/** What is in force where nothing is. */
const NOTHING = {
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

const utc = (schedules: readonly Schedule[], now: string) => windowsInForce(schedules, "UTC", at(now));

test.each([
  [null, null, "by demand"],
  [2, null, ">= 2"],
  [null, 3, "<= 3"],
  [2, 4, "2 to 4"],
  [2, 2, "2"],
  [0, 0, "0"],
])("a floor of %s and a ceiling of %s are read as %s", (floor, ceiling, text) => {
  expect(rangeText({ floor, ceiling })).toBe(text);
});

test.each([
  [{ min: 2 }, null],
  [{ max: 3 }, null],
  [{ min: 2, max: 4 }, null],
  [{ min: 3, max: 3 }, 3],
  [{ exactly: 2 }, 2],
])("%j leaves one size only where floor and ceiling meet: %s", (nodes, exactly) => {
  expect(utc([window("day", "0 9 * * *", "0 17 * * *", nodes)], "2026-11-21T12:00:00Z").exactly).toBe(exactly);
});

describe("what governs, in words", () => {
  test("names the others that started at the same instant", () => {
    const schedules = [{ min: 4 }, { max: 3 }, { exactly: 1 }].map((nodes, i) =>
      window(`w${i}`, "0 8 * * *", "0 20 * * *", nodes),
    );

    expect(utc(schedules, "2026-11-21T12:00:00Z").detail).toBe("w2 (with w0, w1) since Sat 08:00 UTC: 1");
  });

  test("names no date while the weekday tells the day, up to a week", () => {
    const weekly = [window("weekly", "0 9 * * 1", "0 9 * * 1", { min: 1 })];

    expect(utc(weekly, "2026-11-24T00:00:00Z").detail).toBe("weekly since Mon 09:00 UTC: >= 1");
  });

  test.each([
    [900, "2026-12-01T08:50:00Z", "day starts Tue 09:00 UTC, led by 15m: >= 2"],
    [7 * DAY, "2026-11-25T00:00:00Z", "day starts Tue 09:00 UTC, led by 7d: >= 2"],
    [8 * DAY, "2026-11-25T00:00:00Z", "day starts Tue 2026-12-01 09:00 UTC, led by 8d: >= 2"],
  ])("tells when a window with a lead of %i s starts", (lead, now, detail) => {
    expect(utc([window("day", "0 9 1 12 *", "0 17 1 12 *", { min: 2 }, lead)], now).detail).toBe(detail);
  });

  test("a zero without wakeOn can be ended by nothing", () => {
    expect(windowsInForce(OFFICE, "Europe/Berlin", at("2026-11-21T12:00:00Z"))).toMatchObject({
      exactly: 0,
      wakeOn: [],
    });
  });
});

describe("when no window is open", () => {
  const morning = window("morning", "0 8 * * *", "0 10 * * *", { min: 1 });
  const noon = window("noon", "0 11 * * *", "0 13 * * *", { min: 1 });

  test.each([[[morning, noon]], [[noon, morning]]])(
    "the one that ended last is told, in any order (%#)",
    (schedules) => {
      expect(utc(schedules, "2026-11-21T15:00:00Z")).toMatchObject({
        since: at("2026-11-21T13:00:00Z"),
        reason: "WindowEnded",
        detail: "noon ended Sat 13:00 UTC; no window is open",
      });
    },
  );

  test.each(["2026-06-01T00:00:00Z", "1965-06-01T00:00:00Z"])("nor ever was or will be, nothing is told: %s", (now) => {
    expect(utc([window("never", NEVER, NEVER, { min: 1 })], now)).toEqual(NOTHING);
  });
});

describe("of several leads", () => {
  test.each([
    ["the second, which asks for more", [2, 4], "w1", 4],
    ["the first, which asks for more", [4, 2], "w0", 4],
    ["the one between", [2, 4, 3], "w1", 4],
    ["the first of two that ask for as many", [3, 3], "w0", 3],
  ])("%s governs", (_, floors, governing, floor) => {
    const schedules = floors.map((min, i) => window(`w${i}`, "0 9 * * *", "0 17 * * *", { min }, 900));

    expect(utc(schedules, "2026-11-21T08:50:00Z")).toMatchObject({ governing, floor });
  });

  test("none governs where an open window asks for as many", () => {
    const schedules = [
      window("night", "0 22 * * *", "0 12 * * *", { min: 2 }),
      window("day", "0 9 * * *", "0 22 * * *", { min: 2 }, 900),
    ];

    expect(utc(schedules, "2026-11-21T08:50:00Z")).toMatchObject({ governing: "night", floor: 2 });
  });
});

test.each(["1899-12-31T23:59:59Z", "9991-01-01T00:00:00Z"])(
  "%s is beyond the calendar: that is said, and no more",
  (now) => {
    expect(calendarAt(OFFICE, "Europe/Berlin", at(now))).toEqual({
      inForce: { ...NOTHING, problems: ["no schedule is followed: the calendar covers the years 1900 to 9990"] },
      placed: [],
    });
  },
);

test("between two boundaries the calendar is worked out once, and anew beyond them", () => {
  const schedules = [...OFFICE];
  const look = (local: string) => calendarAt(schedules, "Europe/Berlin", at(`${local}+01:00`));

  const saturday = look("2026-11-21T12:00:00");

  expect(look("2026-11-20T22:00:00")).toBe(saturday);
  expect(look("2026-11-21T21:59:59")).toBe(saturday);
  expect(look("2026-11-21T22:00:00")).not.toBe(saturday);
});
