import { describe, expect, test } from "vitest";
import type { Schedule } from "../../policy/schema/schedules.ts";
import { at, OFFICE } from "./calendar.fixture.ts";
import { window } from "./windows.fixture.ts";
import { windowsInForce } from "./windows.ts";

const HOUR = 3600;

/** 09:00 on weekdays to five, and its counterpart. */
const FIVE = [
  window("night", "0 22 * * *", "0 9 * * 1-5", { exactly: 0 }),
  window("day", "0 9 * * 1-5", "0 22 * * *", { exactly: 5 }),
];

/** What is in force at a local time of Berlin in winter. */
const berlin = (schedules: readonly Schedule[], local: string) =>
  windowsInForce(schedules, "Europe/Berlin", at(`${local}+01:00`));

describe("the most recent boundary wins [F53]", () => {
  test.each([
    ["2026-11-20T21:59:59", { floor: 2, ceiling: null, governing: "office-hours" }],
    ["2026-11-20T22:00:00", { exactly: 0, governing: "off-hours" }],
    ["2026-11-21T09:00:00", { exactly: 0, governing: "off-hours" }],
    ["2026-11-21T22:00:00", { exactly: 0, governing: "off-hours" }],
    ["2026-11-22T15:00:00", { exactly: 0, governing: "off-hours" }],
    ["2026-11-22T22:00:00", { exactly: 0, governing: "off-hours" }],
    ["2026-11-23T08:44:59", { exactly: 0, governing: "off-hours" }],
    ["2026-11-23T08:45:00", { floor: 2, ceiling: 2, governing: "office-hours" }],
    ["2026-11-23T09:00:00", { floor: 2, ceiling: null, governing: "office-hours" }],
    ["2026-11-23T22:00:00", { exactly: 0, governing: "off-hours" }],
  ])("office hours and off-hours: %s", (local, expected) => {
    expect(berlin(OFFICE, local)).toMatchObject(expected);
  });

  test.each([
    ["2026-11-20T21:59:59", 5],
    ["2026-11-20T22:00:00", 0],
    ["2026-11-21T12:00:00", 0],
    ["2026-11-21T22:00:00", 0],
    ["2026-11-22T22:30:00", 0],
    ["2026-11-23T08:59:59", 0],
    ["2026-11-23T09:00:00", 5],
  ])("nightly zero and weekday five: %s is %i", (local, exactly) => {
    expect(berlin(FIVE, local)).toMatchObject({ floor: exactly, ceiling: exactly, exactly });
  });

  test("off-hours that start again on Saturday are still the off-hours of Friday", () => {
    const sunday = berlin(OFFICE, "2026-11-22T12:00:00");

    expect(sunday.since).toBe(at("2026-11-20T22:00:00+01:00"));
    expect(sunday.asserted).toBe(at("2026-11-21T22:00:00+01:00"));
    expect(sunday.until).toBe(at("2026-11-22T22:00:00+01:00"));
    expect(sunday.detail).toBe("off-hours since Fri 22:00 Europe/Berlin: 0");
  });

  test("a window that ends hands back to the one that started last among those still open", () => {
    const schedules = [
      window("day", "0 8 * * *", "0 20 * * *", { min: 2 }),
      window("batch", "0 12 * * *", "0 13 * * *", { min: 6 }),
      window("late", "0 18 * * *", "0 23 * * *", { max: 1 }),
    ];

    const governing = ["11:00", "12:00", "13:00", "18:00", "21:00", "23:00"].map(
      (time) => windowsInForce(schedules, "UTC", at(`2026-11-21T${time}:00Z`)).governing,
    );

    expect(governing).toEqual(["day", "batch", "day", "late", "late", null]);
  });

  test("between windows nothing is asked, and the last end is told", () => {
    const between = windowsInForce(
      [window("day", "0 8 * * 1-5", "0 20 * * 1-5", { min: 2 })],
      "UTC",
      at("2026-11-21T12:00:00Z"),
    );

    expect(between).toMatchObject({ floor: null, ceiling: null, governing: null, reason: "WindowEnded" });
    expect(between.detail).toBe("day ended Fri 20:00 UTC; no window is open");
  });

  test("a window open for longer than a week is told with its date", () => {
    const summer = [window("summer", "0 0 1 6 *", "0 0 1 9 *", { max: 1 })];

    expect(windowsInForce(summer, "UTC", at("2026-06-02T00:00:00Z")).detail).toBe(
      "summer since Mon 2026-06-01 00:00 UTC: <= 1",
    );
  });
});

describe("windows that start together: the most restrictive [F53]", () => {
  const tied = (...nodes: Schedule["nodes"][]) =>
    windowsInForce(
      nodes.map((n, i) => window(`w${i}`, "0 8 * * *", "0 20 * * *", n)),
      "UTC",
      at("2026-11-21T12:00:00Z"),
    );

  test.each([
    [[{ min: 4 }, { max: 3 }, { exactly: 1 }], { floor: 1, ceiling: 1, governing: "w2" }],
    [[{ exactly: 3 }, { exactly: 1 }], { floor: 1, ceiling: 1, governing: "w1" }],
    [[{ min: 4 }, { max: 3 }], { floor: 3, ceiling: 3, governing: "w1" }],
    [[{ min: 1 }, { max: 5 }, { min: 2, max: 7 }], { floor: 2, ceiling: 5, governing: "w1" }],
    [[{ min: 1 }, { min: 3 }], { floor: 3, ceiling: null }],
    [[{ min: 5, max: 2 }], { floor: 2, ceiling: 2 }],
  ])("%j", (nodes, expected) => {
    expect(tied(...nodes)).toMatchObject(expected);
  });
});

describe("lead", () => {
  const early = at("2026-11-21T08:50:00Z");

  test("asks for the floor, not for the ceiling, of the window to come", () => {
    const schedules = [window("day", "0 9 * * *", "0 17 * * *", { min: 2, max: 3 }, 900)];

    expect(windowsInForce(schedules, "UTC", early)).toMatchObject({ floor: 2, ceiling: null, governing: "day" });
  });

  test("lifts a ceiling that is too low only as far as its floor", () => {
    const schedules = [
      window("night", "0 22 * * *", "0 9 * * *", { max: 1 }),
      window("day", "0 9 * * *", "0 22 * * *", { exactly: 4 }, 900),
    ];

    expect(windowsInForce(schedules, "UTC", early)).toMatchObject({ floor: 4, ceiling: 4, exactly: 4 });
  });

  test("changes nothing where as many nodes are asked for already", () => {
    const schedules = [
      window("night", "0 22 * * *", "0 12 * * *", { min: 5, max: 8 }),
      window("day", "0 9 * * *", "0 22 * * *", { min: 2 }, 900),
    ];

    expect(windowsInForce(schedules, "UTC", early)).toMatchObject({ floor: 5, ceiling: 8, governing: "night" });
  });

  test.each([{ max: 3 }, { exactly: 0 }, { min: 0 }])("a window with no floor (%j) has none", (nodes) => {
    expect(windowsInForce([window("day", "0 9 * * *", "0 17 * * *", nodes, 900)], "UTC", early).governing).toBeNull();
  });

  test("is counted in real time across a shift of the clock", () => {
    const schedules = [window("day", "0 3 * * *", "0 17 * * *", { min: 2 }, 2 * HOUR)];

    // 03:00 in Berlin is an hour after 01:59 that night, so two hours before it are 00:00 UTC minus one.
    const start = at("2027-03-28T01:00:00Z");
    expect(windowsInForce(schedules, "Europe/Berlin", start - 2 * HOUR - 1).governing).toBeNull();
    expect(windowsInForce(schedules, "Europe/Berlin", start - 2 * HOUR).floor).toBe(2);
  });
});

test("schedules of several zones are told apart by instants", () => {
  const schedules = [
    window("tokyo", "0 9 * * *", "0 18 * * *", { min: 1 }),
    { ...window("york", "0 9 * * *", "0 18 * * *", { min: 3 }), timeZone: "America/New_York" },
  ];

  expect(windowsInForce(schedules, "Asia/Tokyo", at("2026-11-21T01:00:00Z")).governing).toBe("tokyo");
  expect(windowsInForce(schedules, "Asia/Tokyo", at("2026-11-21T15:00:00Z")).detail).toBe(
    "york since Sat 09:00 America/New_York: >= 3",
  );
});

test("a zero carries the demand that may end it, and nothing else does", () => {
  const wakeOn = [{ signal: "queue", comparison: "above", threshold: 100, for: 120 } as const];
  const schedules = OFFICE.map((s) => ({ ...s, wakeOn }));
  expect(berlin(schedules, "2026-11-21T12:00:00").wakeOn).toEqual(wakeOn);
  expect(berlin(schedules, "2026-11-23T08:50:00").wakeOn).toEqual([]);
  expect(berlin(schedules, "2026-11-23T12:00:00").wakeOn).toEqual([]);
});

test("a holiday keeps a workload at zero when the start skips it and so does the end of off-hours", () => {
  const [office, off] = OFFICE;
  if (office === undefined || off === undefined) throw new Error("two schedules");
  const schedules = [
    { ...office, skipHolidays: "start" as const },
    { ...off, skipHolidays: "end" as const },
  ];
  const holidays = new Set(["2026-11-23"]);
  const state = (local: string) => windowsInForce(schedules, "Europe/Berlin", at(`${local}+01:00`), holidays).exactly;

  expect(
    ["2026-11-23T08:50", "2026-11-23T12:00", "2026-11-24T08:44", "2026-11-24T08:45"].map((t) => state(`${t}:00`)),
  ).toEqual([0, 0, 0, 2]);
});

test("one schedule that cannot be followed is a problem and leaves the others in force", () => {
  const broken = window("broken", "a b c d e", "0 9 * * *", { exactly: 9 });

  const state = berlin([broken, ...OFFICE], "2026-11-21T12:00:00");

  expect(state.exactly).toBe(0);
  expect(state.problems).toEqual([expect.stringContaining("schedule broken is ignored")]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, -1e15, 1e15, 0, -3e9])(
  "at %d it answers, and still answers well afterwards",
  (now) => {
    const schedules = [...OFFICE];

    expect(() => windowsInForce(schedules, "Europe/Berlin", now)).not.toThrow();
    expect(windowsInForce(schedules, "Europe/Berlin", at("2026-11-21T12:00:00Z")).exactly).toBe(0);
  },
);

test("the same schedules in another zone, or with other holidays, are not taken for one another", () => {
  const schedules = OFFICE.map((s) => ({ ...s, skipHolidays: "start" as const }));
  const now = at("2026-11-23T10:00:00Z");

  expect(windowsInForce(schedules, "Europe/Berlin", now).governing).toBe("office-hours");
  expect(windowsInForce(schedules, "America/New_York", now).governing).toBe("off-hours");
  expect(windowsInForce(schedules, "Europe/Berlin", now, new Set(["2026-11-23"])).governing).toBeNull();
  expect(windowsInForce(schedules, "Europe/Berlin", now).governing).toBe("office-hours");
});
