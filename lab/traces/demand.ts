import type { Seconds } from "../../shared/policy/units.ts";
import { openCsv, type Row } from "./csv.ts";
import { TraceError } from "./errors.ts";

/** Requests of a service, counted in intervals of one length. */
export interface RequestTrace {
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
export interface JobTrace {
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

const at = (file: string, row: Row): string => `${file}:${row.line}`;

/** The time and the amount of a row, checked for sign and for order. */
function checked(file: string, row: Row, amount: string, column: number, before: Seconds): [Seconds, number] {
  const [t, value] = [row.values[0] ?? Number.NaN, row.values[column] ?? Number.NaN];
  if (t < 0) throw new TraceError(`${at(file, row)}: t_s is ${t}; times count from 0, the start of the trace`);
  if (value < 0) throw new TraceError(`${at(file, row)}: ${amount} is ${value}; it cannot be negative`);
  if (t < before) throw new TraceError(`${at(file, row)}: t_s ${t} comes after ${before}; sort the rows by time`);
  return [t, value];
}

async function readRequests(
  file: string,
  rows: AsyncIterable<Row>,
  column: number,
  options: DemandOptions,
): Promise<RequestTrace> {
  const counts: number[] = [];
  let before = 0;
  let interval = 0;
  for await (const row of rows) {
    const [t, requests] = checked(file, row, "requests", column, before);
    if (counts.length === 0 && t !== 0) {
      throw new TraceError(`${at(file, row)}: the first interval starts at ${t}; let the trace start at 0`);
    }
    if (counts.length > 0 && t === before) {
      throw new TraceError(`${at(file, row)}: a second row for t_s ${t}; give each interval once`);
    }
    if (counts.length === 1) interval = t;
    const missing = counts.length === 0 ? 0 : (t - before) / interval - 1;
    if (missing !== 0) {
      if (!Number.isInteger(missing) || missing < 0) {
        throw new TraceError(`${at(file, row)}: t_s ${t} is no multiple of the interval of ${interval} s`);
      }
      if (!options.fillHoles) {
        throw new TraceError(
          `${at(file, row)}: ${missing} intervals of ${interval} s are missing before t_s ${t}; add rows, with 0 where nothing came`,
        );
      }
      for (let i = 0; i < missing; i += 1) counts.push(0);
    }
    counts.push(requests);
    before = t;
  }
  if (counts.length < 2)
    throw new TraceError(`${file}: has ${counts.length} intervals; two at least tell their length`);
  return { kind: "requests", interval, counts };
}

async function readJobs(file: string, rows: AsyncIterable<Row>, column: number): Promise<JobTrace> {
  const jobs: TracedJob[] = [];
  let before = 0;
  for await (const row of rows) {
    const [t, exec] = checked(file, row, "exec_s", column, before);
    jobs.push({ at: t, exec });
    before = t;
  }
  if (jobs.length === 0) throw new TraceError(`${file}: has no jobs; give one a line`);
  return { kind: "jobs", jobs };
}

/**
 * Reads a demand trace: `t_s,requests` (requests in the interval that starts at `t_s`) or `t_s,exec_s` (one job a line).
 * Further columns are let through. Throws `TraceError` with the line for anything that is not clearly one of the two.
 */
export async function readDemand(file: string, options: DemandOptions = STRICT): Promise<DemandTrace> {
  const { columns, rows } = await openCsv(file);
  const requests = columns.indexOf("requests");
  const exec = columns.indexOf("exec_s");
  if (columns[0] === "t_s" && requests > 0 && exec === -1) return readRequests(file, rows, requests, options);
  if (columns[0] === "t_s" && exec > 0 && requests === -1) return readJobs(file, rows, exec);
  throw new TraceError(
    `${file}:1: the header is ${JSON.stringify(columns.join(",").slice(0, 80))}; expected t_s,requests or t_s,exec_s`,
  );
}
