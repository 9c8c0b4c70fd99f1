import { isAbsolute } from "node:path";
import type { Cron } from "croner";
import { isTimeZone, parseCron } from "../cron.ts";
import { error, type Finding, type Path, warning } from "../finding.ts";
import { HORIZON_YEARS, LONG_ZERO } from "../limits.ts";
import type { Policy } from "../schema/policy.ts";
import type { Schedule } from "../schema/schedules.ts";
import { closest } from "../suggest.ts";
import { formatDuration, type Seconds } from "../units.ts";

/** Where in time the checks stand. Any day does: a calendar of five fields repeats, and the checks must not change with the day. */
const SOME_DAY = new Date(Date.UTC(2026, 0, 1));
const HORIZON = new Date(Date.UTC(2026 + HORIZON_YEARS + 1, 0, 1));

/** Ends looked at to find the longest window: two months when there is one a day, every one when there are few. */
const ENDS_LOOKED_AT = 60;

/** Crons, zones and holidays mean something, and every window that begins ends. */
export function* calendar(policy: Policy): Iterable<Finding> {
  if (!isTimeZone(policy.timeZone)) yield strangeZone(["timeZone"], policy.timeZone);
  yield* holidayFile(policy.holidays);
  const hasHolidays = policy.holidays?.ics !== undefined || (policy.holidays?.dates.length ?? 0) > 0;
  for (const [name, workload] of Object.entries(policy.workloads))
    for (const [i, schedule] of workload.schedules.entries()) {
      const at: Path = ["workloads", name, "schedules", i];
      if (schedule.timeZone !== undefined && !isTimeZone(schedule.timeZone))
        yield strangeZone([...at, "timeZone"], schedule.timeZone);
      yield* window(schedule, at);
      yield* early(schedule, at);
      if (schedule.skipHolidays !== undefined && !hasHolidays)
        yield warning([...at, "skipHolidays"], {
          message: "`skipHolidays` has no effect: the policy has no holidays",
          fix: "add `holidays: { dates: [2026-12-25, …] }` or `holidays: { ics: FILE }` to the policy, or remove it",
          involves: [["holidays"]],
        });
    }
}

/** Functions are deployed with the policy's folder and nothing else. */
function* holidayFile(holidays: Policy["holidays"]): Iterable<Finding> {
  const ics = holidays?.ics;
  if (ics === undefined || !(isAbsolute(ics) || ics.split(/[\\/]/).includes(".."))) return;
  yield error(["holidays", "ics"], {
    message: `\`${ics}\` does not lie beside the policy`,
    why: "vramp is deployed with what lies in the policy's folder, and nothing else",
    fix: "put the file there, and give its path from the policy",
  });
}

function* early(schedule: Schedule, at: Path): Iterable<Finding> {
  if (schedule.lead === undefined || hasFloor(schedule)) return;
  yield warning([...at, "lead"], {
    message: `\`lead\` has no effect in \`${schedule.name}\``,
    why: "it asks early for the nodes that a window begins with, and this one has no floor",
    fix: "remove it, or give the window a `min` or an `exactly` above zero",
    involves: [[...at, "nodes"]],
  });
}

function* window(schedule: Schedule, at: Path): Iterable<Finding> {
  const start = yield* readCron(schedule.start, [...at, "start"]);
  const end = yield* readCron(schedule.end, [...at, "end"]);
  if (start === null || end === null) return;
  const involves = [[...at, "start"]];
  const longest = longestWindow(start, end);
  const canWake = (schedule.wakeOn ?? []).length > 0;
  if (longest === null)
    yield (takesToZero(schedule) && !canWake ? error : warning)([...at, "end"], {
      message: "the window starts again in every moment it ends, so it is always open",
      why: takesToZero(schedule) ? "the workload would stay at zero" : "what it says could stand in `nodes`",
      fix: "give it an `end` that differs from its `start`",
      involves,
    });
  else if (takesToZero(schedule) && longest > LONG_ZERO && !canWake)
    yield warning([...at, "end"], {
      message: `this window can keep the workload at zero for ${formatDuration(longest)}`,
      why: `that is more than ${formatDuration(LONG_ZERO)}, and no \`wakeOn\` ends it early`,
      fix: "check `end`, or add a `wakeOn`",
      involves,
    });
}

/** Whether a window leaves the workload without nodes. */
export const takesToZero = ({ nodes }: Schedule): boolean => nodes.exactly === 0 || nodes.max === 0;

/** Whether a window asks for nodes of its own accord. */
export const hasFloor = ({ nodes }: Schedule): boolean => (nodes.exactly ?? nodes.min ?? 0) > 0;

/** Seconds of the longest window; null when every end falls on a start, so that it never closes. */
function longestWindow(start: Cron, end: Cron): Seconds | null {
  let longest: Seconds | null = null;
  let opened = start.nextRun(SOME_DAY);
  let from = opened;
  for (let i = 0; i < ENDS_LOOKED_AT && opened !== null && from !== null; i++) {
    const ended = end.nextRun(from);
    if (ended === null) break;
    from = start.nextRun(new Date(ended.getTime() - SECOND));
    // At the same moment the end comes first, and the start opens the window again: it stays open.
    if (from?.getTime() === ended.getTime()) continue;
    longest = Math.max(longest ?? 0, (ended.getTime() - opened.getTime()) / SECOND);
    opened = from;
  }
  return longest;
}

/** In milliseconds, as dates count. */
const SECOND = 1000;

/** Crons are read in UTC, where every wall time exists exactly once; whether they fire does not depend on the zone. */
function* readCron(expression: string, at: Path): Generator<Finding, Cron | null> {
  const five = "minute, hour, day of month, month, day of week";
  try {
    const cron = parseCron(expression, "UTC");
    const next = cron.nextRun(SOME_DAY);
    if (next !== null && next < HORIZON) return cron;
    yield error(at, {
      message: `\`${expression}\` never comes`,
      why: next === null ? "there is no such date" : `not within ${HORIZON_YEARS} years, and vramp looks no further`,
      fix: `the fields are ${five}`,
    });
  } catch (cause) {
    yield error(at, {
      message: `\`${expression}\` is not a cron expression`,
      why: (cause instanceof Error ? cause.message : String(cause)).replace(/^CronPattern: /, ""),
      fix: `the fields are ${five}`,
    });
  }
  return null;
}

function strangeZone(at: Path, name: string): Finding {
  const near = closest(name, Intl.supportedValuesOf("timeZone"));
  return error(at, {
    message: `there is no time zone \`${name}\``,
    why: "crons and windows need an IANA name, so that summer time is kept",
    fix: near === undefined ? "use a name such as `Europe/Berlin` or `UTC`" : `did you mean \`${near}\`?`,
  });
}
