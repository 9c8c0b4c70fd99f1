import { type Row, table } from "./lint.fixture.ts";

table("the calendar", [
  [
    "a zone that is none [F57]",
    ["Europe/Berlin", "Mars/Olympus"],
    ["error timeZone: there is no time zone `Mars/Olympus`"],
  ],
  ["an offset for a zone", ["Europe/Berlin", '"+01:00"'], ["error timeZone: there is no time zone `+01:00`"]],
  [
    "a window's zone that is none [F57]",
    ["name: day,", "name: day, timeZone: Europe/Berln,"],
    ["error workloads.llm.schedules[0].timeZone: there is no time zone `Europe/Berln`"],
  ],
  [
    "an hour that does not exist",
    ['"0 9 * * 1-5", end: "0 22', '"0 25 * * 1-5", end: "0 22'],
    ["error workloads.llm.schedules[0].start: `0 25 * * 1-5` is not a cron expression"],
  ],
  [
    "a date that never comes [T15]",
    ['end: "0 9 * * 1-5"', 'end: "0 9 30 2 *"'],
    ["error workloads.llm.schedules[1].end: `0 9 30 2 *` never comes"],
  ],
  ["29 February", ['end: "0 9 * * 1-5"', 'end: "0 9 29 2 *"'], []],
  [
    "a date that comes once in a generation",
    ['end: "0 9 * * 1-5"', 'end: "0 9 * 2 1#5"'],
    ["error workloads.llm.schedules[1].end: `0 9 * 2 1#5` never comes"],
  ],
  [
    "a time in place of an hour",
    ['"0 9 * * 1-5", end: "0 22', '"0 9:00 * * 1-5", end: "0 22'],
    ["error workloads.llm.schedules[0].start: `0 9:00 * * 1-5` is not a cron expression"],
  ],
  [
    "a question mark",
    ['"0 9 * * 1-5", end: "0 22', '"0 9 ? * 1-5", end: "0 22'],
    ["error workloads.llm.schedules[0].start: `0 9 ? * 1-5` is not a cron expression"],
  ],
  [
    "a zero that never ends",
    ['end: "0 9 * * 1-5"', 'end: "0 22 * * 0"', ", wakeOn: [{ signal: queue, above: 100, for: 2m }]", ""],
    ["error workloads.llm.schedules[1].end: the window starts again in every moment it ends"],
  ],
  [
    "a floor that never ends",
    ['end: "0 22 * * 1-5"', 'end: "0 9 * * 1-5"'],
    ["warning workloads.llm.schedules[0].end: the window starts again"],
  ],
  [
    "a zero of a month",
    ['end: "0 9 * * 1-5"', 'end: "0 9 1 * *"', ", wakeOn: [{ signal: queue, above: 100, for: 2m }]", ""],
    ["warning workloads.llm.schedules[1].end: this window can keep the workload at zero for 30d"],
  ],
  ["a lead to a floor", ["nodes: { min: 2, max: 3 }", "nodes: { min: 2, max: 3 }, lead: 15m"], []],
  [
    "a lead to no floor",
    ["nodes: { min: 2, max: 3 }", "nodes: { max: 3 }, lead: 15m"],
    ["warning workloads.llm.schedules[0].lead: `lead` has no effect in `day`"],
  ],
  [
    "a lead to zero",
    ["nodes: { exactly: 0 }", "nodes: { exactly: 0 }, lead: 15m"],
    ["warning workloads.llm.schedules[1].lead: `lead` has no effect in `off-hours`"],
  ],
  [
    "holidays to skip, and none",
    ["name: day,", "name: day, skipHolidays: start,"],
    ["warning workloads.llm.schedules[0].skipHolidays: `skipHolidays` has no effect: the policy has no holidays"],
  ],
  [
    "holidays to skip, and an empty list",
    ["name: day,", "name: day, skipHolidays: start,", "sources:\n", "holidays: { dates: [] }\nsources:\n"],
    ["warning workloads.llm.schedules[0].skipHolidays: "],
  ],
  ...["{ dates: [2026-12-25] }", "{ ics: de.ics }", "{ ics: calendars/v1..2/de.ics }"].map(
    (holidays): Row => [
      `holidays to skip: ${holidays}`,
      ["name: day,", "name: day, skipHolidays: start,", "sources:\n", `holidays: ${holidays}\nsources:\n`],
      [],
    ],
  ),
  ...["/etc/de.ics", "../de.ics", "calendars/../../de.ics"].map(
    (ics): Row => [
      `a holiday file elsewhere: ${ics}`,
      ["sources:\n", `holidays: { ics: ${ics} }\nsources:\n`],
      [`error holidays.ics: \`${ics}\` does not lie beside the policy`],
    ],
  ),
]);
