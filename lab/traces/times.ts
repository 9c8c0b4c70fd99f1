import { type EpochSeconds, formatDuration, type Seconds } from "../../shared/policy/units.ts";
import type { CellReaders, Row } from "./csv.ts";
import { TraceError } from "./errors.ts";

/** The columns that may say when: seconds from the start of the trace, or times of day with their offset from UTC. */
export const TIME_COLUMNS = ["t_s", "time"] as const;

const TIME_OF_DAY = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
const WITHOUT_OFFSET = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/;

/** An ISO 8601 time in epoch seconds. Throws `RangeError` with what to write. */
function instantOf(text: string): EpochSeconds {
  const at = Date.parse(text.replace(" ", "T")) / 1000;
  // Date.parse turns 31 February into 3 March.
  const midnight = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  const exists = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(text.slice(0, 10));
  if (TIME_OF_DAY.test(text) && exists && !Number.isNaN(at)) return at;
  const example = "2026-11-27T12:00:00Z or 2026-11-27T13:00:00+01:00";
  if (WITHOUT_OFFSET.test(text)) throw new RangeError(`without an offset nobody can tell which hour; write ${example}`);
  throw new RangeError(`give a time such as ${example}, or name the column t_s and give seconds from the start`);
}

/** How the time column is read. */
export const TIME_READERS: CellReaders = { time: instantOf };

/** Seconds at and above which a `t_s` is a date: 2001 in Unix time, and 31 years from the start of a trace. */
const UNIX_TIME = 1e9;

/** Turns the first column of rows into seconds from the first row, or from 0 where the column counts them. */
export interface Timeline {
  /** When the trace begins; null when its times only count from there. Known once a row was read. */
  readonly start: () => EpochSeconds | null;
  readonly of: (row: Row) => Seconds;
}

/** Reads times in order, and refuses disorder. `mustStart`: whether counted times have to begin with 0. */
export function createTimeline(file: string, column: string, mustStart: boolean): Timeline {
  const counted = column === "t_s";
  let start: EpochSeconds | null = null;
  let before = 0;
  let first = true;
  return {
    start: () => (counted ? null : start),
    of: ({ line, values }) => {
      const where = `${file}:${line}`;
      const value = values[0] ?? Number.NaN;
      if (counted && value < 0)
        throw new TraceError(`${where}: t_s is ${value}; times count from 0, the start of the trace`);
      if (counted && value >= UNIX_TIME) {
        throw new TraceError(
          `${where}: t_s is ${value}, which looks like Unix time; t_s counts seconds from the start of the trace: subtract the first time, or name the column time and give ISO 8601 times with offset`,
        );
      }
      if (start === null) start = counted ? 0 : value;
      const t = value - start;
      if (first && counted && mustStart && t !== 0)
        throw new TraceError(`${where}: the first time is ${t}; let the trace start at 0`);
      if (!first && t < before) {
        const back = formatDuration(before - t);
        const which = counted ? `t_s ${t} comes after ${before}` : `the time is ${back} before the row above`;
        throw new TraceError(`${where}: ${which}; sort the rows by time`);
      }
      first = false;
      before = t;
      return t;
    },
  };
}

/** The longest interval that says enough: within an hour a fleet grows and shrinks several times. */
const LONGEST_INTERVAL: Seconds = 3600;

/** Refuses an interval that no size can be judged on; times in milliseconds look like one. */
export function refuseLongInterval(where: string, interval: Seconds): void {
  if (interval <= LONGEST_INTERVAL) return;
  throw new TraceError(
    `${where}: rows come every ${interval} s (${formatDuration(interval)}), and at most ${formatDuration(LONGEST_INTERVAL)} tells enough; if the times are milliseconds, divide them by 1000`,
  );
}
