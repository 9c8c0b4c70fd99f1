import { type Command, InvalidArgumentError, Option } from "commander";
import { holidaySet } from "../../shared/decide/calendar/holidays.ts";
import { DAY, PREVIEW_ROWS } from "../../shared/decide/calendar/limits.ts";
import { nextChange, type PreviewEntry, preview } from "../../shared/decide/calendar/preview.ts";
import { rangeText, type WindowsInForce, windowsInForce } from "../../shared/decide/calendar/windows.ts";
import { dateOf, wallText, zoneNamed } from "../../shared/decide/calendar/zone.ts";
import { systemClock } from "../../shared/model/clock.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { OUTPUTS, type Output, type Paint, painter, print, printJson, report } from "../output.ts";
import { table } from "../table.ts";
import { readValidPolicy, workloadNamed } from "../valid-policy.ts";

interface Options {
  readonly policy: string;
  readonly workload?: string;
  readonly days: number;
  readonly from?: EpochSeconds;
  readonly output: Output;
}

/** A leap year: as far ahead as a preview is of use. */
const MAX_DAYS = 366;

export function register(command: Command): void {
  command
    .requiredOption("--policy <file>", "the policy, in YAML")
    .option("--workload <name>", "only this workload")
    .option("--days <count>", `how many days to show, 1 to ${MAX_DAYS}`, parseDays, 7)
    .option("--from <time>", "where to begin, such as 2026-11-27T12:00:00Z; now when absent", parseTime)
    .addOption(new Option("--output <format>", "how to print the result").choices(OUTPUTS).default("text"))
    .action(async (options: Options, self: Command) => {
      const { color } = self.optsWithGlobals<{ color: boolean }>();
      const policy = await readValidPolicy(options.policy, painter(process.stderr, color, process.env));
      const from = options.from ?? Math.floor(systemClock());
      const outlooks = outlook(policy, from, options.days, options.workload);
      if (options.output === "json") printJson(toJson(outlooks, from, options.days));
      else print(toText(outlooks, painter(process.stdout, color, process.env)));
      for (const { workload, inForce, entries } of outlooks) {
        for (const problem of inForce.problems) report(`${workload}: ${problem}`);
        if (entries.length >= PREVIEW_ROWS)
          report(`${workload}: stopped after ${entries.length} boundaries; ask for fewer --days`);
      }
    });
}

export function parseDays(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > MAX_DAYS) throw new InvalidArgumentError(`Write 1 to ${MAX_DAYS}.`);
  return days;
}

/** RFC 3339: a date, a time and an offset. Without the offset a time would mean something else on every machine. */
export function parseTime(text: string): EpochSeconds {
  const time = Date.parse(text) / 1000;
  // Date.parse turns 31 February into 3 March.
  const midnight = Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / 1000;
  const shaped = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  if (!shaped || Number.isNaN(time) || Number.isNaN(midnight) || dateOf(midnight) !== text.slice(0, 10))
    throw new InvalidArgumentError("Write a date, a time and an offset, such as 2026-11-27T12:00:00Z.");
  return Math.floor(time);
}

/** One workload's calendar: what is in force, when that next changes, and every boundary to come. */
export interface Outlook {
  readonly workload: string;
  readonly timeZone: string;
  readonly from: EpochSeconds;
  readonly inForce: WindowsInForce;
  readonly change: { readonly at: EpochSeconds; readonly inForce: WindowsInForce } | null;
  readonly entries: readonly PreviewEntry[];
}

/** The outlook of the workloads that have schedules, or of the one that is named. Throws `UserError` if there is no such one. */
export function outlook(policy: Policy, from: EpochSeconds, days: number, only?: string): Outlook[] {
  if (only !== undefined) workloadNamed(policy, only);
  const holidays = holidaySet(policy.holidays);
  return Object.entries(policy.workloads).flatMap(([workload, { schedules }]) => {
    if (only === undefined ? schedules.length === 0 : workload !== only) return [];
    const calendar = { schedules, timeZone: policy.timeZone, holidays };
    return {
      workload,
      timeZone: policy.timeZone,
      from,
      inForce: windowsInForce(schedules, policy.timeZone, from, holidays),
      change: nextChange(calendar, from),
      entries: preview(calendar, from, days * DAY),
    };
  });
}

const rfc3339 = (at: EpochSeconds | null) =>
  at === null ? null : `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;

/** The stable form for other programs: times are RFC 3339, in UTC. */
export function toJson(outlooks: readonly Outlook[], from: EpochSeconds, days: number) {
  return {
    from: rfc3339(from),
    days,
    workloads: outlooks.map(({ workload, timeZone, inForce, change, entries }) => ({
      workload,
      timeZone,
      inForce: {
        floor: inForce.floor,
        ceiling: inForce.ceiling,
        schedule: inForce.governing,
        since: rfc3339(inForce.since),
        reason: inForce.reason,
        detail: inForce.detail,
      },
      nextChange: change && { at: rfc3339(change.at), floor: change.inForce.floor, ceiling: change.inForce.ceiling },
      boundaries: entries.map((entry) => ({ ...entry, at: rfc3339(entry.at) })),
    })),
  };
}

const HEADINGS = ["WHEN", "SCHEDULE", "BOUNDARY", "NODES"] as const;

/** The form for people: for each workload a line on the present, and a table of what is to come. */
export function toText(outlooks: readonly Outlook[], paint: Paint): string {
  if (outlooks.length === 0) return "No workload of this policy has schedules.";
  return outlooks.map((one) => sectionOf(one, paint).join("\n")).join("\n\n");
}

function sectionOf({ workload, timeZone, from, inForce, change, entries }: Outlook, paint: Paint): string[] {
  const zone = zoneNamed(timeZone);
  const local = (at: EpochSeconds) => `${wallText(zone?.wallAt(at) ?? at, true)} ${zone?.name ?? "UTC"}`;
  const next = change === null ? "no change in sight" : `next ${rangeText(change.inForce)} at ${local(change.at)}`;
  const head = `${paint("bold", workload)} at ${local(from)}: ${inForce.detail}; ${next}`;
  if (entries.length === 0) return [head];
  const rows = entries.map((e) => [e.local, e.schedule, e.boundary, e.changed ? e.effect : `${e.effect} (unchanged)`]);
  const [headings = "", ...lines] = table([HEADINGS, ...rows]).split("\n");
  const dimmed = lines.map((line, i) => (entries[i]?.changed ? line : paint("dim", line)));
  return [head, paint("dim", headings), ...dimmed];
}
