import { expect, test } from "vitest";
import { holidayDates, holidaySet } from "./holidays.ts";
import { calendar, event } from "./ics.fixture.ts";
import { ICS_BYTES } from "./limits.ts";

/** A calendar with Christmas of 2026 that is this many characters long. */
function ofLength(length: number): string {
  const padded = (padding: string) => event("DTSTART;VALUE=DATE:20261225", `COMMENT:${padding}`);
  return padded("x".repeat(length - padded("").length));
}

test("a file of a mebibyte is read, and none of a longer one", () => {
  const longest = holidayDates(ofLength(ICS_BYTES));
  const longer = holidayDates(ofLength(ICS_BYTES + 1));

  expect(longest).toEqual({ dates: new Set(["2026-12-25"]), problems: [] });
  expect(longer).toEqual({
    dates: new Set(),
    problems: ["the holiday file is longer than 1048576 characters; none of it is used"],
  });
});

test("an event that would bring the dates above 20,000 is left out, and those before it count", () => {
  // 200 days in each of 100 years.
  const most = ["BEGIN:VEVENT", "DTSTART:20010101", "DURATION:P200D", "RRULE:FREQ=YEARLY", "END:VEVENT"];
  const more = ["BEGIN:VEVENT", "SUMMARY:Christmas", "DTSTART:20261225", "END:VEVENT"];

  const { dates, problems } = holidayDates(calendar(...most, ...more));

  expect(dates.size).toBe(20_000);
  expect(dates.has("2026-12-25")).toBe(false);
  expect(problems).toEqual(['event "Christmas" is left out: over 20000 dates']);
});

test("a yearly rule without an end is carried on for 100 years, its first one included", () => {
  const everyYear = [...holidayDates(event("DTSTART:20261225", "RRULE:FREQ=YEARLY")).dates];
  const everyLeapYear = [...holidayDates(event("DTSTART:20240229", "RRULE:FREQ=YEARLY")).dates];

  expect([everyYear.length, everyYear.at(-1)]).toEqual([100, "2125-12-25"]);
  // 2024 to 2120 by fours, without 2100; 2124 would be the hundred-and-first year.
  expect([everyLeapYear.length, everyLeapYear.at(-1)]).toEqual([24, "2120-02-29"]);
});

test.each([
  ["its summary", ["SUMMARY:Day off", "UID:7@example.org"], "Day off"],
  ["its UID where it has no summary", ["UID:7@example.org"], "7@example.org"],
  ["neither", [], "without a name"],
  ["the first 100 characters of a long summary", [`SUMMARY:${"x".repeat(101)}`], "x".repeat(100)],
])("an event that is left out is told by %s", (_, lines, name) => {
  const { problems } = holidayDates(calendar("BEGIN:VEVENT", ...lines, "DTSTART:soon", "END:VEVENT"));

  expect(problems).toEqual([`event "${name}" is left out: DTSTART "soon" is no date`]);
});

test("a policy's holidays are one set, the same one at each look", () => {
  const holidays = { dates: ["2026-12-24", "2026-12-25", "2026-12-24"] };

  expect(holidaySet(holidays)).toEqual(new Set(["2026-12-24", "2026-12-25"]));
  expect(holidaySet({ ...holidays })).toBe(holidaySet(holidays));
  expect(holidaySet({ dates: ["2026-12-24"] })).toEqual(new Set(["2026-12-24"]));
});

test("a policy without holidays has an empty set, the same one at each look", () => {
  expect(holidaySet(undefined)).toEqual(new Set());
  expect(holidaySet(undefined)).toBe(holidaySet(undefined));
});
