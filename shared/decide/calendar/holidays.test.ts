import fc from "fast-check";
import { expect, test } from "vitest";
import { holidayDates } from "./holidays.ts";
import { calendar, event } from "./ics.fixture.ts";

test.each([
  ["an all-day event covers its date", ["DTSTART;VALUE=DATE:20261225"], ["2026-12-25"]],
  ["DTEND is exclusive", ["DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227"], ["2026-12-25", "2026-12-26"]],
  ["a DTEND equal to DTSTART is one day", ["DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261225"], ["2026-12-25"]],
  ["DURATION counts days", ["DTSTART;VALUE=DATE:20261231", "DURATION:P2D"], ["2026-12-31", "2027-01-01"]],
  [
    "a timed event covers each date it touches",
    ["DTSTART;TZID=Europe/Berlin:20261224T140000", "DTEND;TZID=Europe/Berlin:20261225T010000"],
    ["2026-12-24", "2026-12-25"],
  ],
  [
    "a timed event that ends at midnight does not touch the next date",
    ["DTSTART:20261224T140000", "DTEND:20261225T000000"],
    ["2026-12-24"],
  ],
  ["a parameter may hold a colon", ['DTSTART;TZID="x:y":20261224T140000'], ["2026-12-24"]],
  [
    "a yearly rule ends with its UNTIL",
    ["DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY;UNTIL=20281224"],
    ["2026-12-25", "2027-12-25"],
  ],
  [
    "a yearly rule includes the date of its UNTIL",
    ["DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY;UNTIL=20281225"],
    ["2026-12-25", "2027-12-25", "2028-12-25"],
  ],
  [
    "so does that of a timed event, whatever the hour",
    ["DTSTART:20261224T140000", "RRULE:FREQ=YEARLY;UNTIL=20271224"],
    ["2026-12-24", "2027-12-24"],
  ],
  [
    "a property whose name ends in DTEND is another",
    ["DTSTART;VALUE=DATE:20261225", "X-2DTEND:20270101"],
    ["2026-12-25"],
  ],
  [
    "a yearly 29 February falls in leap years only",
    ["DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY;COUNT=2"],
    ["2024-02-29", "2028-02-29"],
  ],
  ["a cancelled event does not count", ["STATUS:CANCELLED", "DTSTART;VALUE=DATE:20261225"], []],
  [
    "an alarm's own properties are not the event's",
    ["BEGIN:VALARM", "DURATION:P9D", "END:VALARM", "DTSTART;VALUE=DATE:20261225"],
    ["2026-12-25"],
  ],
])("%s", (_, lines, dates) => {
  const holidays = holidayDates(event(...lines));

  expect([...holidays.dates]).toEqual(dates);
  expect(holidays.problems).toEqual([]);
});

test("folded lines and bare newlines are read", () => {
  const text = event("DTSTART;VALUE=DA", " TE:20261225").replaceAll("\r\n", "\n");

  expect([...holidayDates(text).dates]).toEqual(["2026-12-25"]);
});

test.each([
  ["DTSTART;VALUE=DATE:20261131", "is no date"],
  ["DTSTART;VALUE=DATE:tomorrow", "is no date"],
  ["DTSTART;VALUE=DATE:x20261225", "is no date"],
  ["DTSTART;VALUE=DATE:20261225x", "is no date"],
  ["DTSTART;VALUE=DATE:20261225\r,", "is no date"],
  ["DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:soon", 'DTEND "soon" is no date'],
  ["DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:x20261226", "is no date"],
  ["DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261226x", "is no date"],
  ["RRULE:FREQ=YEARLY;INTERVAL=2\r\nDTSTART;VALUE=DATE:20261225", "not supported"],
  ["RRULE:FREQ=YEARLY;COUNT=x2\r\nDTSTART;VALUE=DATE:20261225", "not supported"],
  ["RRULE:FREQ=YEARLY;COUNT=2x\r\nDTSTART;VALUE=DATE:20261225", "not supported"],
  ["RRULE:FREQ=YEARLY;UNTIL=never\r\nDTSTART;VALUE=DATE:20261225", "not supported"],
  ["RRULE:FREQ=YEARLY;UNTIL=20281224T\r\nDTSTART;VALUE=DATE:20261225", "not supported"],
  ["RRULE:FREQ=WEEKLY\r\nDTSTART;VALUE=DATE:20261225", "not supported"],
  ["RRULE:FREQ=YEARLY;BYDAY=4TH\r\nDTSTART;VALUE=DATE:20261225", "not supported"],
  ["EXDATE:20261225\r\nDTSTART;VALUE=DATE:20261225", "not supported"],
  ["DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261224", "spans"],
  ["DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20990101", "spans"],
  ["DTSTART;VALUE=DATE:20261225\r\nDURATION:soon", "no duration"],
])("an event that cannot be read (%j) is named and left out, and the others count", (lines, why) => {
  const good = ["BEGIN:VEVENT", "DTSTART;VALUE=DATE:20270101", "END:VEVENT"];
  const bad = ["BEGIN:VEVENT", "SUMMARY:Odd one", ...lines.split("\r\n"), "END:VEVENT"];

  const holidays = holidayDates(calendar(...bad, ...good));

  expect([...holidays.dates]).toEqual(["2027-01-01"]);
  expect(holidays.problems).toEqual([expect.stringContaining('event "Odd one" is left out')]);
  expect(holidays.problems[0]).toContain(why);
});

test.each([
  "",
  "<html>502 Bad Gateway</html>",
  "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225",
  "x".repeat(2 ** 21),
])("what is no whole calendar gives no dates and one problem [F56]", (text) => {
  const holidays = holidayDates(text);

  expect(holidays.dates.size).toBe(0);
  expect(holidays.problems).toHaveLength(1);
});

test("no text makes it throw, and every date is a date [F56]", () => {
  const line = fc.oneof(
    fc.constantFrom("BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM", "END:VALARM", "STATUS:CANCELLED"),
    fc.tuple(fc.constantFrom("DTSTART", "DTEND", "DURATION", "RRULE", "UID"), fc.string()).map((p) => p.join(":")),
    fc.integer({ min: 0, max: 99_999_999 }).map((n) => `DTSTART:${String(n).padStart(8, "0")}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      for (const date of holidayDates(calendar(...lines)).dates) expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }),
  );
});
