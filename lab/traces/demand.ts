import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { openCsv, type Row } from "./csv.ts";
import { TraceError } from "./errors.ts";
import { createTimeline, refuseLongInterval, TIME_COLUMNS, TIME_READERS, type Timeline } from "./times.ts";

interface TraceBase {
  /** When time 0 is; null when the trace only counts from there. */
  readonly start: EpochSeconds | null;
  /** What was repaired, or has to be known of the reading, a sentence each. */
  readonly notes: readonly string[];
}

/** Requests of a service, counted in intervals of one length. */
export interface RequestTrace extends TraceBase {
  readonly kind: "requests";
  readonly interval: Seconds;
  /** Requests in each interval, from time 0. */
  readonly counts: readonly number[];
}

/** One job of a queue, with the time it needs a GPU for. */
export interface TracedJob {
  readonly at: Seconds;
  readonly exec: Seconds;
}

/** The jobs of a queue, in order of time. */
export interface JobTrace extends TraceBase {
  readonly kind: "jobs";
  readonly jobs: readonly TracedJob[];
}

export type DemandTrace = RequestTrace | JobTrace;

/** What may be repaired in a trace, if the user says so. */
export interface DemandOptions {
  /** Read an interval without a row as one without requests, as logs that leave out the silent ones mean it. */
  readonly fillHoles: boolean;
}

/** A count that is not there is not zero unless somebody says so. */
const STRICT: DemandOptions = { fillHoles: false };

/** The longest job: more is a training run that no wait is stated for, or milliseconds. */
const LONGEST_JOB: Seconds = 7 * 86_400;

/** A row's amount. Throws when it is negative. */
function amountOf(where: string, { values }: Row, name: string, column: number): number {
  const value = values[column] ?? Number.NaN;
  if (value < 0) throw new TraceError(`${where}: ${name} is ${value}; it cannot be negative`);
  return value;
}

/** Finer intervals are added up to this as they are read: a second's resolution then needs a tenth of the memory. */
const FINEST: Seconds = 10;

/** Takes the amounts of intervals of one length, one after the other. */
function createCounts(interval: Seconds) {
  const fold = interval < FINEST && FINEST % interval === 0 ? FINEST / interval : 1;
  const counts: number[] = [];
  let rows = 0;
  return {
    interval: interval * fold,
    counts,
    add: (requests: number) => {
      const at = Math.floor(rows / fold);
      counts[at] = (counts[at] ?? 0) + requests;
      rows += 1;
    },
  };
}

/** Intervals without a row before `t`. Throws where the row is off the grid, or behind a hole that is not to be filled. */
function holeBefore(where: string, t: Seconds, before: Seconds, interval: Seconds, fillHoles: boolean): number {
  const missing = (t - before) / interval - 1;
  // Times of day with fractions of a second do not divide exactly.
  const whole = Math.round(missing);
  if (Math.abs(missing - whole) > 1e-6)
    throw new TraceError(`${where}: ${t} s from the start is no multiple of the interval of ${interval} s`);
  if (whole === 0 || fillHoles) return whole;
  throw new TraceError(
    `${where}: ${whole} intervals of ${interval} s are missing before ${t} s; add rows, with 0 where nothing came (or --fill-holes)`,
  );
}

async function readRequests(
  file: string,
  rows: AsyncIterable<Row>,
  column: number,
  timeline: Timeline,
  { fillHoles }: DemandOptions,
): Promise<RequestTrace> {
  let [count, before, filled, interval, fractions] = [0, 0, 0, 0, false];
  let first = 0;
  let grid: ReturnType<typeof createCounts> | null = null;
  for await (const row of rows) {
    const where = `${file}:${row.line}`;
    const t = timeline.of(row);
    const requests = amountOf(where, row, "requests", column);
    if (count > 0 && t === before) throw new TraceError(`${where}: a second row for ${t} s; give each interval once`);
    if (count === 0) first = requests;
    if (count === 1) {
      refuseLongInterval(where, t);
      interval = t;
      grid = createCounts(t);
      grid.add(first);
    }
    if (grid !== null) {
      const missing = holeBefore(where, t, before, interval, fillHoles);
      for (let i = 0; i < missing; i += 1) grid.add(0);
      grid.add(requests);
      filled += missing;
    }
    fractions ||= !Number.isInteger(requests);
    before = t;
    count += 1;
  }
  if (grid === null) throw new TraceError(`${file}: has ${count} intervals; two at least tell their length`);
  const notes = [
    ...(filled > 0 ? [`${file}: ${filled} intervals had no row and were read as without requests`] : []),
    ...(fractions
      ? [`${file}: requests has fractions; they are read as mean counts of an interval, not as rates`]
      : []),
  ];
  return { kind: "requests", interval: grid.interval, counts: grid.counts, start: timeline.start(), notes };
}

async function readJobs(file: string, rows: AsyncIterable<Row>, column: number, timeline: Timeline): Promise<JobTrace> {
  const jobs: TracedJob[] = [];
  for await (const row of rows) {
    const where = `${file}:${row.line}`;
    const at = timeline.of(row);
    const exec = amountOf(where, row, "exec_s", column);
    if (exec > LONGEST_JOB)
      throw new TraceError(`${where}: exec_s is ${exec}, over a week; if it is milliseconds, divide by 1000`);
    jobs.push({ at, exec });
  }
  if (jobs.length === 0) throw new TraceError(`${file}: has no jobs; give one a line`);
  return { kind: "jobs", jobs, start: timeline.start(), notes: [] };
}

/**
 * Reads a demand trace: `t_s,requests` (requests in the interval that starts at `t_s`) or `t_s,exec_s` (one job a line), or
 * `time` with ISO 8601 times instead of `t_s`. Further columns are let through. Throws `TraceError` with the line for anything
 * that is not clearly one of these.
 */
export async function readDemand(file: string, options: DemandOptions = STRICT): Promise<DemandTrace> {
  const { columns, rows } = await openCsv(file, TIME_READERS);
  const [first = ""] = columns;
  const requests = columns.indexOf("requests");
  const exec = columns.indexOf("exec_s");
  const timed = TIME_COLUMNS.some((name) => name === first);
  if (timed && requests > 0 && exec === -1)
    return readRequests(file, rows, requests, createTimeline(file, first, true), options);
  if (timed && exec > 0 && requests === -1) return readJobs(file, rows, exec, createTimeline(file, first, false));
  throw new TraceError(
    `${file}:1: the header is ${JSON.stringify(columns.join(",").slice(0, 80))}; expected t_s,requests or t_s,exec_s (or time with ISO 8601 times instead of t_s)`,
  );
}
