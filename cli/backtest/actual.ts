import type { ActualSizes } from "../../lab/backtest/actual.ts";
import type { Scenario } from "../../lab/backtest/scenario.ts";
import type { DemandTrace } from "../../lab/traces/demand.ts";
import { readSizes } from "../../lab/traces/sizes.ts";
import { formatDuration, type Seconds } from "../../shared/policy/units.ts";
import { report, UserError } from "../output.ts";

/** A gap at the end of the file that a size may well have lasted without a new row. */
const QUIET: Seconds = 6 * 3600;

/** What actually ran, laid over the demand. Throws `TraceError`, and `UserError` where it does not cover the demand's start. */
export async function actualFrom(
  file: string,
  { workload, world }: Scenario,
  demand: DemandTrace,
): Promise<ActualSizes> {
  const names = workload.pools.map((pool) => pool.name);
  const trace = await readSizes(file, names);
  const dated = trace.start !== null && demand.start !== null;
  if ((trace.start === null) !== (demand.start === null))
    throw new UserError(`${file} and the demand do not count time alike; give both t_s, or both time with dates`);
  const offset = dated ? (demand.start ?? 0) - (trace.start ?? 0) : 0;
  for (const [pool, { times }] of Object.entries(trace.pools)) {
    if ((times[0] ?? 0) <= offset) continue;
    const whose = pool === "" ? "" : ` of pool ${pool}`;
    const late = formatDuration((times[0] ?? 0) - offset);
    throw new UserError(
      `${file}: the first row${whose} comes ${late} after the demand begins; add the size at its start`,
    );
  }
  const silent = world.length + offset - trace.length;
  if (silent > QUIET) report(`${file}: the last size is taken to have lasted for the last ${formatDuration(silent)}`);
  return { trace, offset, name: file };
}
