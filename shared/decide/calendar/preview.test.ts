import fc from "fast-check";
import { expect, test } from "vitest";
import type { Schedule } from "../../policy/schema/schedules.ts";
import { at, OFFICE } from "./calendar.fixture.ts";
import { DAY, PREVIEW_ROWS } from "./limits.ts";
import { nextChange, preview } from "./preview.ts";
import { window } from "./windows.fixture.ts";
import { rangeText, windowsInForce } from "./windows.ts";

const EXAMPLE = { schedules: OFFICE, timeZone: "Europe/Berlin" };

test("a weekend: zero on Friday night, nothing new on Saturday and Sunday, awake before nine on Monday", () => {
  const rows = preview(EXAMPLE, at("2026-11-20T12:00:00+01:00"), 3 * DAY).map(
    ({ local, schedule, boundary, effect, changed }) => [local, schedule, boundary, effect, changed].join(" | "),
  );

  expect(rows).toEqual([
    "Fri 2026-11-20 22:00 Europe/Berlin | office-hours | end | 0 | true",
    "Fri 2026-11-20 22:00 Europe/Berlin | off-hours | start | 0 | true",
    "Sat 2026-11-21 22:00 Europe/Berlin | off-hours | start | 0 | false",
    "Sun 2026-11-22 22:00 Europe/Berlin | off-hours | start | 0 | false",
    "Mon 2026-11-23 08:45 Europe/Berlin | office-hours | lead | 2 | true",
    "Mon 2026-11-23 09:00 Europe/Berlin | off-hours | end | >= 2 | true",
    "Mon 2026-11-23 09:00 Europe/Berlin | office-hours | start | >= 2 | true",
  ]);
});

test("the first instant belongs to it and the last does not", () => {
  const boundary = at("2026-11-21T22:00:00+01:00");

  expect(preview(EXAMPLE, boundary, DAY).map((entry) => entry.at)).toEqual([boundary]);
});

test("across the shifts of the clock local times stay what they are", () => {
  const spring = preview({ ...EXAMPLE, timeZone: "America/New_York" }, at("2027-03-12T12:00:00Z"), 4 * DAY);
  const autumn = preview({ ...EXAMPLE, timeZone: "America/New_York" }, at("2027-11-05T12:00:00Z"), 4 * DAY);

  expect(spring.find((e) => e.local.startsWith("Fri 2027-03-12 22:00"))?.at).toBe(at("2027-03-12T22:00:00-05:00"));
  expect(spring.find((e) => e.local.startsWith("Mon 2027-03-15 09:00"))?.at).toBe(at("2027-03-15T09:00:00-04:00"));
  expect(autumn.find((e) => e.local.startsWith("Fri 2027-11-05 22:00"))?.at).toBe(at("2027-11-05T22:00:00-04:00"));
  expect(autumn.find((e) => e.local.startsWith("Mon 2027-11-08 08:45"))?.at).toBe(at("2027-11-08T08:45:00-05:00"));
});

test("a schedule that fires every minute ends the list instead of filling the memory [T15]", () => {
  const schedules: Schedule[] = [{ name: "busy", start: "* * * * *", end: "0 0 1 1 *", nodes: { min: 1 } }];

  expect(preview({ schedules, timeZone: "UTC" }, at("2026-11-21T00:00:00Z"), 366 * DAY)).toHaveLength(PREVIEW_ROWS);
});

test("the next change passes over boundaries that change nothing", () => {
  const change = nextChange(EXAMPLE, at("2026-11-21T12:00:00+01:00"));

  expect(change?.at).toBe(at("2026-11-23T08:45:00+01:00"));
  expect(change?.inForce.floor).toBe(2);
  expect(nextChange({ schedules: [], timeZone: "UTC" }, at("2026-11-21T12:00:00Z"))).toBeNull();
});

test.each([
  ["the floor alone", { min: 2 }, { floor: 2, ceiling: null }],
  ["the ceiling alone", { max: 3 }, { floor: null, ceiling: 3 }],
  ["both", { exactly: 0 }, { floor: 0, ceiling: 0 }],
])("the next change may be of %s", (_, nodes, expected) => {
  const schedules = [window("day", "0 9 * * *", "0 17 * * *", nodes)];

  const change = nextChange({ schedules, timeZone: "UTC" }, at("2026-11-21T08:00:00Z"));

  expect(change?.at).toBe(at("2026-11-21T09:00:00Z"));
  expect(change?.inForce).toMatchObject(expected);
});

// From midnight a start every other minute says the same anew; the end falls between two of them and is the first change.
test.each([
  ["64th", "7 2 * * *", "2026-11-21T02:07:00Z"],
  ["65th", "9 2 * * *", null],
])("the next change is looked for up to the 64th boundary: the %s", (_, end, expected) => {
  const schedules = [window("busy", "*/2 0-2 * * *", end, { min: 1 })];

  const change = nextChange({ schedules, timeZone: "UTC" }, at("2026-11-21T00:00:00Z"));

  expect(change?.at ?? null).toBe(expected === null ? null : at(expected));
});

test("beyond the years of the calendar nothing comes", () => {
  const now = at("9995-01-01T00:00:00Z");

  expect(preview(EXAMPLE, now, DAY)).toEqual([]);
  expect(nextChange(EXAMPLE, now)).toBeNull();
});

test("every row says what is in force at its instant, and between rows nothing changes", () => {
  const hour = fc.integer({ min: 0, max: 23 });
  const expression = fc.tuple(hour, fc.constantFrom("*", "1-5", "6")).map(([h, day]) => `30 ${h} * * ${day}`);
  const nodes = fc.constantFrom<Schedule["nodes"]>({ exactly: 0 }, { min: 2 }, { max: 3 }, { exactly: 4 });
  const schedule = fc.record({
    name: fc.constantFrom("a", "b"),
    start: expression,
    end: expression,
    nodes,
    lead: fc.constant(1800),
  });
  const zone = fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Nuuk");
  const from = fc.integer({ min: at("2027-03-10T00:00:00Z"), max: at("2027-04-05T00:00:00Z") });
  fc.assert(
    fc.property(fc.array(schedule, { minLength: 1, maxLength: 3 }), zone, from, (schedules, timeZone, start) => {
      const entries = preview({ schedules, timeZone }, start, 3 * DAY);
      const effect = (now: number) => rangeText(windowsInForce(schedules, timeZone, now));

      let [reached, expected] = [start, effect(start - 1)];
      for (const entry of entries) {
        expect(effect(entry.at)).toBe(entry.effect);
        // Sampled: what held after the row before still holds until this one.
        for (let now = reached; now < entry.at; now += 3600) expect(effect(now)).toBe(expected);
        if (entry.at > reached) expect(effect(entry.at - 1)).toBe(expected);
        [reached, expected] = [entry.at, entry.effect];
      }
    }),
    { numRuns: 50 },
  );
});
