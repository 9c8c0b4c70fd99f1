import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { type Csv, openCsv } from "./csv.ts";
import { TraceError } from "./errors.ts";
import { createTimeline, TIME_COLUMNS, TIME_READERS } from "./times.ts";

/** How many spot nodes each zone has to give, over time. */
export interface SpotTrace {
  /** Start of each interval, from 0. A value holds until the next one; the last for as long as the one before it. */
  readonly times: readonly Seconds[];
  /** Length of the trace. */
  readonly length: Seconds;
  /** When time 0 is; null when the trace only counts from there. */
  readonly start: EpochSeconds | null;
  /** Capacity in nodes by zone, one for each time. */
  readonly zones: Readonly<Record<string, readonly number[]>>;
}

/** What a zone that a 0/1 trace says is up has to give: more than any fleet here asks for. */
export const PLENTY = 64;

interface Columns {
  readonly times: Seconds[];
  readonly values: readonly number[][];
}

async function readColumns(file: string, column: string, names: readonly string[], rows: Csv["rows"]) {
  const timeline = createTimeline(file, column, true);
  const read: Columns = { times: [], values: names.map(() => []) };
  for await (const row of rows) {
    const where = `${file}:${row.line}`;
    const t = timeline.of(row);
    if (t === read.times.at(-1)) throw new TraceError(`${where}: a second row for ${t} s; give each time once`);
    read.times.push(t);
    names.forEach((name, i) => {
      const value = row.values[i + 1] ?? Number.NaN;
      if (!Number.isInteger(value) || value < 0) {
        throw new TraceError(`${where}: ${name} is ${value}; give 0 or 1, or a whole number of nodes`);
      }
      read.values[i]?.push(value);
    });
  }
  return { ...read, start: timeline.start() };
}

/** Refuses a hole: a step of more than twice the usual one says nothing of what the zones had in between. */
function refuseHoles(file: string, times: readonly Seconds[]): Seconds {
  const steps = times.slice(1).map((t, i) => t - (times[i] ?? t));
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1];
  if (usual === undefined) throw new TraceError(`${file}: has fewer than two rows; two at least tell their interval`);
  const hole = steps.findIndex((step) => step > 2 * usual);
  if (hole === -1) return usual;
  throw new TraceError(
    `${file}: nothing between t_s ${times[hole]} and ${times[hole + 1]}, where rows come every ${usual} s; fill the hole or cut the trace`,
  );
}

/** 0/1 says whether there is any capacity; a column with a larger number counts nodes. */
const asCapacity = (values: readonly number[]): readonly number[] =>
  values.every((v) => v <= 1) ? values.map((v) => v * PLENTY) : values;

/**
 * Reads a spot trace: `t_s` (or `time` with ISO 8601 times) and a column for each zone, 0/1 or a count of nodes. A column of
 * zeroes and ones means none or plenty. Throws `TraceError` with the line.
 */
export async function readSpot(file: string): Promise<SpotTrace> {
  const { columns, rows } = await openCsv(file, TIME_READERS);
  const [first = "", ...names] = columns;
  if (!TIME_COLUMNS.some((name) => name === first) || names.length === 0) {
    throw new TraceError(`${file}:1: the header is ${JSON.stringify(columns.join(","))}; expected t_s and zones`);
  }
  const { times, values, start } = await readColumns(file, first, names, rows);
  const usual = refuseHoles(file, times);
  const zones = Object.fromEntries(names.map((name, i) => [name, asCapacity(values[i] ?? [])]));
  return { times, length: (times.at(-1) ?? 0) + usual, start, zones };
}
