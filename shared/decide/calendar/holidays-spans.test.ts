import { describe, expect, test } from "vitest";
import { holidayDates } from "./holidays.ts";
import { event } from "./ics.fixture.ts";

/** The first and the last date of a day off with these properties, and how many dates there are. */
function span(...lines: string[]) {
  const { dates, problems } = holidayDates(event(...lines));
  const all = [...dates];
  return { first: all[0], last: all.at(-1), count: all.length, problems };
}

describe("a DURATION", () => {
  test.each([
    ["20261224", "P1W", "2026-12-30", 7],
    ["20261001", "P10W", "2026-12-09", 70],
    ["20261221", "P10D", "2026-12-30", 10],
    ["20261221", "+P2D", "2026-12-22", 2],
    ["20261224T140000", "PT10H", "2026-12-24", 1],
    ["20261224T140000", "PT11H", "2026-12-25", 2],
    ["20261224T235000", "PT10M", "2026-12-24", 1],
    ["20261224T235000", "PT11M", "2026-12-25", 2],
    ["20261224T235950", "PT10S", "2026-12-24", 1],
    ["20261224T235950", "PT11S", "2026-12-25", 2],
    ["20261224T223000", "PT1H30M", "2026-12-24", 1],
    ["20261224T223001", "PT1H30M", "2026-12-25", 2],
    ["20261224T120000", "P1DT12H0M1S", "2026-12-26", 3],
  ])("from %s, %s: to %s, %i dates", (start, duration, last, count) => {
    const first = `${start.slice(0, 4)}-${start.slice(4, 6)}-${start.slice(6, 8)}`;

    expect(span(`DTSTART:${start}`, `DURATION:${duration}`)).toEqual({ first, last, count, problems: [] });
  });

  test.each(["P", "PT", "P1DT", "-P1D", "1D", "P1Dx", "xP1D", "P1H", "PT1D"])("%s is none", (duration) => {
    expect(span("DTSTART:20261224", `DURATION:${duration}`)).toEqual({
      count: 0,
      problems: [`event "Day off" is left out: DURATION "${duration}" is no duration`],
    });
  });
});

test.each([
  ["20261224T140000", "20261225T000000", "2026-12-24"],
  ["20261224T140000", "20261225T000001", "2026-12-25"],
  ["20261224T140000", "20261225T000100", "2026-12-25"],
  ["20261224T140000Z", "20261225T010000Z", "2026-12-25"],
])("from %s to %s the last date is %s", (start, end, last) => {
  expect(span(`DTSTART:${start}`, `DTEND:${end}`)).toMatchObject({ first: "2026-12-24", last, problems: [] });
});

test.each([
  ["by an hour", "20261224T020000", "20261224T015959"],
  ["by a minute", "20261224T140100", "20261224T140002"],
  ["by a second", "20261224T140002", "20261224T140001"],
])("an event that ends before it starts, %s, is left out", (_, start, end) => {
  const { count, problems } = span(`DTSTART:${start}`, `DTEND:${end}`);

  expect(count).toBe(0);
  expect(problems).toEqual([expect.stringContaining('event "Day off" is left out: it spans -')]);
});

test.each([
  ["20280101", "DURATION:P366D", { first: "2028-01-01", last: "2028-12-31", count: 366, problems: [] }],
  [
    "20280101",
    "DURATION:P367D",
    { count: 0, problems: ['event "Day off" is left out: it spans 367 days; 0 to 366 are allowed'] },
  ],
  [
    "20261225",
    "DTEND:20261224",
    { count: 0, problems: ['event "Day off" is left out: it spans -1 days; 0 to 366 are allowed'] },
  ],
])("an event spans a leap year at most: %s, %s", (start, end, expected) => {
  expect(span(`DTSTART:${start}`, end)).toEqual(expected);
});
