import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { type Csv, openCsv } from "./csv.ts";
import { TraceError } from "./errors.ts";
import { createTimeline, TIME_COLUMNS, TIME_READERS } from "./times.ts";

/** One pool's size over time: so many nodes from each time on. */
export interface PoolSizes {
  readonly times: Seconds[];
  readonly nodes: number[];
}

/** What ran: nodes by pool; all under the empty name when the file names none. */
export interface SizesTrace {
  /** When time 0 is; null when the trace only counts from there. */
  readonly start: EpochSeconds | null;
  readonly pools: Readonly<Record<string, PoolSizes>>;
  readonly length: Seconds;
}

async function readRows(file: string, { columns, rows }: Csv, names: readonly string[]): Promise<SizesTrace> {
  const [first = ""] = columns;
  const timeline = createTimeline(file, first, false);
  const [nodesAt, poolAt] = [columns.indexOf("nodes"), columns.indexOf("pool")];
  const pools: Record<string, PoolSizes> = {};
  let length = 0;
  for await (const row of rows) {
    const where = `${file}:${row.line}`;
    const t = timeline.of(row);
    const nodes = row.values[nodesAt] ?? Number.NaN;
    if (!Number.isInteger(nodes) || nodes < 0)
      throw new TraceError(`${where}: nodes is ${nodes}; give a whole number of nodes, 0 or more`);
    const pool = poolAt === -1 ? "" : (names[row.values[poolAt] ?? -1] ?? "");
    pools[pool] ??= { times: [], nodes: [] };
    if (pools[pool].times.at(-1) === t) {
      const whose = pool === "" ? "" : ` and pool ${pool}`;
      throw new TraceError(`${where}: a second row for ${t} s${whose}; give each once`);
    }
    pools[pool].times.push(t);
    pools[pool].nodes.push(nodes);
    length = t;
  }
  if (Object.keys(pools).length === 0) throw new TraceError(`${file}: has no rows; give the size whenever it changed`);
  return { start: timeline.start(), pools, length };
}

/**
 * Reads what ran: `t_s,nodes` or `t_s,nodes,pool` (or `time` with ISO 8601 times), a row whenever a size changed or at any
 * interval; a size holds until the next row of its pool. Throws `TraceError`, also for a pool that is none of `names`.
 */
export async function readSizes(file: string, names: readonly string[]): Promise<SizesTrace> {
  const pool = (text: string): number => {
    const at = names.indexOf(text);
    if (at !== -1) return at;
    throw new RangeError(`the workload has no such pool; it has ${names.join(", ")}`);
  };
  const csv = await openCsv(file, { ...TIME_READERS, pool });
  const [first] = csv.columns;
  if (TIME_COLUMNS.some((name) => name === first) && csv.columns.includes("nodes")) return readRows(file, csv, names);
  throw new TraceError(
    `${file}:1: the header is ${JSON.stringify(csv.columns.join(","))}; expected t_s,nodes or t_s,nodes,pool (or time instead of t_s)`,
  );
}
