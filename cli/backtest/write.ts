import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DemandTrace } from "../../lab/traces/demand.ts";
import type { SpotTrace } from "../../lab/traces/spot.ts";
import { rfc3339 } from "../../shared/reconcile/rfc3339.ts";
import { report, UserError } from "../output.ts";
import type { Done } from "./done.ts";
import type { BacktestJson } from "./json.ts";
import { reportHtml } from "./report/report.ts";

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw new UserError(`cannot write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  report(`wrote ${file}`);
}

/** Writes the report with charts: one file that needs nothing else. */
export async function writeReport(file: string, json: BacktestJson): Promise<void> {
  await write(file, await reportHtml(json));
}

const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  `${rows.map((row) => row.join(",")).join("\n")}\n`;

/** Whole requests: what is left over goes to the next interval, so that the sum stays. */
function whole(counts: readonly number[]): readonly number[] {
  let rest = 0;
  return counts.map((count) => {
    const exact = count + rest;
    const rounded = Math.max(0, Math.round(exact));
    rest = exact - rounded;
    return rounded;
  });
}

/** A demand as the CSV that `--demand` reads. */
function demandCsv(trace: DemandTrace): string {
  const [column, time] =
    trace.start === null ? ["t_s", String] : ["time", (t: number) => rfc3339((trace.start ?? 0) + t)];
  if (trace.kind === "jobs")
    return csv([[column, "exec_s"], ...trace.jobs.map(({ at, exec }) => [time(Number(at.toFixed(3))), exec])]);
  const counts = whole(trace.counts);
  return csv([[column, "requests"], ...counts.map((count, i) => [time(i * trace.interval), count])]);
}

/** Spot capacity as the CSV that `--spot` reads. */
function spotCsv({ times, zones, start }: SpotTrace): string {
  const names = Object.keys(zones);
  const rows = times.map((t, i) => [
    start === null ? t : rfc3339(start + t),
    ...names.map((name) => zones[name]?.[i] ?? 0),
  ]);
  return csv([[start === null ? "t_s" : "time", ...names], ...rows]);
}

/** Writes the demand and the spot capacity that were run, to be run again, or changed first. */
export async function saveTraces(folder: string, { demand, spot }: Done): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new UserError(`cannot make ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  await write(join(folder, "demand.csv"), demandCsv(demand.trace));
  if (spot !== null) await write(join(folder, "spot.csv"), spotCsv(spot.trace));
}
