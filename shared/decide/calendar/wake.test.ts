import { describe, expect, test } from "vitest";
import type { CalendarWake } from "../../model/memory.ts";
import type { Schedule } from "../../policy/schema/schedules.ts";
import { OFFICE } from "./calendar.fixture.ts";
import { calendarSize, wakeAfterRun } from "./wake.ts";
import { windowsInForce } from "./windows.ts";

const at = (local: string) => Date.parse(`${local}+01:00`) / 1000;
const SATURDAY = "2026-11-21T15:00:00";

const look = (local: string, wake: CalendarWake | null, more: { wakeOn?: "true" | "false"; held?: number } = {}) => {
  const now = at(local);
  const inForce = windowsInForce(OFFICE, "Europe/Berlin", now);
  return calendarSize({ inForce, held: more.held ?? null, wakeOn: more.wakeOn ?? "false", wake, now });
};

describe("the calendar's zero", () => {
  test("stands while there is no demand", () => {
    expect(look(SATURDAY, null)).toMatchObject({
      floor: 0,
      ceiling: 0,
      zero: "calendar",
      wake: null,
      reason: "WindowStarted",
    });
  });

  test("gives way to demand: one node at least, and as many as demand asks for [F55]", () => {
    const woken = look(SATURDAY, null, { wakeOn: "true" });

    expect(woken).toMatchObject({ floor: 1, ceiling: null, zero: null, reason: "Woken" });
    expect(woken.wake).toMatchObject({ schedule: "off-hours", at: at(SATURDAY) });
  });

  test("stays away, once ended, while its own condition no longer holds", () => {
    const { wake } = look(SATURDAY, null, { wakeOn: "true" });

    expect(look("2026-11-21T18:00:00", wake)).toMatchObject({ floor: 1, ceiling: null, reason: "Woken", wake });
  });

  test("returns with the window's next start, unless there is demand at that moment [F55]", () => {
    const { wake } = look(SATURDAY, null, { wakeOn: "true" });

    expect(look("2026-11-21T21:59:59", wake).reason).toBe("Woken");
    expect(look("2026-11-21T22:00:00", wake)).toMatchObject({ zero: "calendar", wake: null });
    expect(look("2026-11-21T22:00:00", wake, { wakeOn: "true" })).toMatchObject({ reason: "Woken", zero: null });
  });

  test("is forgotten, wake and all, when another window governs", () => {
    const { wake } = look("2026-11-23T03:00:00", null, { wakeOn: "true" });

    expect(look("2026-11-23T08:45:00", wake)).toMatchObject({ floor: 2, ceiling: 2, wake: null });
    expect(look("2026-11-23T10:00:00", wake)).toMatchObject({ floor: 2, ceiling: null, wake: null });
  });

  test("is not ended by the wake from another window that started at the same time", () => {
    const { wake } = look(SATURDAY, null, { wakeOn: "true" });
    if (wake === null) throw new Error("no wake");

    expect(look(SATURDAY, { ...wake, schedule: "night" })).toMatchObject({ floor: 0, zero: "calendar", wake: null });
  });

  test("gives the same answer to the same look twice", () => {
    const first = look(SATURDAY, null, { wakeOn: "true" });

    expect(look(SATURDAY, first.wake, { wakeOn: "true" })).toEqual(first);
  });

  test("may be written as max 0", () => {
    const schedules: Schedule[] = [{ name: "closed", start: "0 0 * * *", end: "0 0 * * *", nodes: { max: 0 } }];
    const now = at(SATURDAY);
    const inForce = windowsInForce(schedules, "UTC", now);

    expect(calendarSize({ inForce, held: null, wakeOn: "false", wake: null, now }).zero).toBe("calendar");
    expect(calendarSize({ inForce, held: null, wakeOn: "true", wake: null, now })).toMatchObject({
      floor: 1,
      ceiling: null,
    });
  });
});

describe("an operator's word", () => {
  test("at zero, is not ended by demand or by office hours", () => {
    expect(look(SATURDAY, null, { wakeOn: "true", held: 0 })).toMatchObject({
      zero: "operator",
      floor: null,
      wake: null,
    });
    expect(look("2026-11-23T10:00:00", null, { held: 0 })).toMatchObject({ zero: "operator", floor: null });
  });

  test("at another size, is not undone by off-hours", () => {
    expect(look(SATURDAY, null, { held: 3 })).toMatchObject({ zero: null, floor: null, ceiling: null });
  });
});

describe("a wake ends when demand is known to be idle [F55]", () => {
  const wake = { schedule: "off-hours", asserted: 1, at: 2 };

  test.each([
    ["false", 0, null],
    ["false", 1, wake],
    ["false", null, wake],
    ["true", 0, wake],
    ["pending", 0, wake],
    ["unknown", 0, wake],
    ["absent", 0, wake],
  ] as const)("wakeOn %s and demand for %s", (wakeOn, demand, left) => {
    expect(wakeAfterRun(wake, wakeOn, demand)).toBe(left);
  });
});
