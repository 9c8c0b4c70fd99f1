import { dirname, join } from "node:path";
import { holidayDates } from "../decide/calendar/holidays.ts";
import { error, type Finding, type Path, warning } from "../policy/finding.ts";
import type { Policy } from "../policy/schema/policy.ts";

/** Reads a text file. Rejects when it cannot. */
export type ReadText = (file: string) => Promise<string>;

/** A policy whose `holidays.dates` has the dates of its holiday file too. */
export interface WithHolidays {
  readonly policy: Policy;
  /** An error when the file gave nothing, a warning for each event that was left out. */
  readonly findings: readonly Finding[];
}

const AT: Path = ["holidays", "ics"];

/**
 * Takes the dates of the iCalendar file that the policy names, relative to its own `file`, into its list: sorted, each once.
 * Never throws: a holiday file that cannot be read must not keep a workload from waking, so the listed dates then stand
 * alone, and `findings` says why.
 */
export async function withHolidays(policy: Policy, file: string, readText: ReadText): Promise<WithHolidays> {
  const { holidays } = policy;
  if (holidays?.ics === undefined) return { policy, findings: [] };
  const path = join(dirname(file), holidays.ics);
  const read = await readText(path).then(holidayDates, (cause: unknown) => unread(cause));
  const dates = [...new Set([...holidays.dates, ...read.dates])].sort();
  return { policy: { ...policy, holidays: { ...holidays, dates } }, findings: findingsOf(path, read) };
}

const unread = (cause: unknown) => ({
  dates: new Set<string>(),
  problems: [`it cannot be read (${cause instanceof Error ? cause.message : String(cause)})`],
});

function findingsOf(path: string, { dates, problems }: ReturnType<typeof holidayDates>): readonly Finding[] {
  const [first, ...others] = problems;
  if (first === undefined) return [];
  if (dates.size > 0)
    return problems.map((why) =>
      warning(AT, {
        message: `part of the holiday file ${path} is not understood`,
        why,
        fix: "add its dates to `dates`",
      }),
    );
  return [
    error(AT, {
      message: `the holiday file ${path} gives no holidays`,
      why: others.length === 0 ? first : `${first}; and ${others.length} more`,
      fix: "put a whole iCalendar file there, or list the days in `dates`",
    }),
  ];
}
