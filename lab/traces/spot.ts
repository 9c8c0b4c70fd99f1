import type { Seconds } from "../../shared/policy/units.ts";
import { openCsv } from "./csv.ts";
import { TraceError } from "./errors.ts";

/** How many spot nodes each zone has to give, over time. */
export interface SpotTrace {
  /** Start of each interval, from 0. A value holds until the next one; the last for as long as the one before it. */
  readonly times: readonly Seconds[];
  /** Length of the trace. */
  readonly length: Seconds;
  /** Capacity in nodes by zone, one for each time. */
  readonly zones: Readonly<Record<string, readonly number[]>>;
}

/** What a zone that a 0/1 trace says is up has to give: more than any fleet here asks for. */
export const PLENTY = 64;

interface Columns {
  readonly times: Seconds[];
  readonly values: readonly number[][];
}

async function readColumns(file: string, names: readonly string[], rows: Awaited<ReturnType<typeof openCsv>>["rows"]) {
  const read: Columns = { times: [], values: names.map(() => []) };
  for await (const { line, values } of rows) {
    const [t = Number.NaN] = values;
    const before = read.times.at(-1);
    if (before === undefined && t !== 0) {
      throw new TraceError(`${file}:${line}: the first time is ${t}; let the trace start at 0`);
    }
    if (before !== undefined && t <= before) {
      throw new TraceError(`${file}:${line}: t_s ${t} comes after ${before}; sort the rows by time, each time once`);
    }
    read.times.push(t);
    names.forEach((name, i) => {
      const value = values[i + 1] ?? Number.NaN;
      if (!Number.isInteger(value) || value < 0) {
        throw new TraceError(`${file}:${line}: ${name} is ${value}; give 0 or 1, or a whole number of nodes`);
      }
      read.values[i]?.push(value);
    });
  }
  return read;
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
 * Reads a spot trace: `t_s` and a column for each zone, 0/1 or a count of nodes. A column of zeroes and ones means none or
 * plenty. Throws `TraceError` with the line.
 */
export async function readSpot(file: string): Promise<SpotTrace> {
  const { columns, rows } = await openCsv(file);
  const [first, ...names] = columns;
  if (first !== "t_s" || names.length === 0) {
    throw new TraceError(`${file}:1: the header is ${JSON.stringify(columns.join(","))}; expected t_s and zones`);
  }
  const { times, values } = await readColumns(file, names, rows);
  const usual = refuseHoles(file, times);
  const zones = Object.fromEntries(names.map((name, i) => [name, asCapacity(values[i] ?? [])]));
  return { times, length: (times.at(-1) ?? 0) + usual, zones };
}
