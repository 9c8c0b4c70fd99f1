import type { Seconds } from "../../shared/policy/units.ts";
import type { SizesTrace } from "../traces/sizes.ts";
import { capacityReader } from "../world/capacity.ts";
import type { Controller } from "../world/controller.ts";
import { LAUNCH, STEP, type WorldOptions } from "../world/options.ts";
import { type Recorded, runRecorded } from "./recorder.ts";

/** What actually ran, and where. */
export interface ActualSizes {
  readonly trace: SizesTrace;
  /** Seconds of the file before the demand begins; negative when it begins later. */
  readonly offset: Seconds;
  readonly name: string;
}

/** A cloud that gives what is asked for at once: the file says what ran, so nothing is refused and nothing boots. */
function obliging(world: WorldOptions): WorldOptions {
  return {
    ...world,
    onDemandCap: null,
    boot: { median: 1, sigma: 0, min: 0, max: STEP },
    calls: { perMinute: Number.POSITIVE_INFINITY, inFlight: 0 },
    spot: Object.fromEntries(
      Object.keys(world.spot).map((zone) => [zone, { times: [0], nodes: [Number.POSITIVE_INFINITY] }]),
    ),
  };
}

/** Serves the demand with the sizes that actually ran. Nodes are asked for a launch's length early, so that they count in time. */
export function actualRun(
  world: WorldOptions,
  { trace, offset, name }: ActualSizes,
): { recorded: Recorded; note: string } {
  const fallback = (world.pools.find((pool) => pool.market === "on-demand") ?? world.pools[0])?.name ?? "";
  const pools = Object.entries(trace.pools).map(([pool, sizes]) => {
    const times = sizes.times.map((t) => t - offset);
    return { pool: pool === "" ? fallback : pool, read: capacityReader({ times, nodes: sizes.nodes }) };
  });
  const initial = Object.fromEntries(
    Object.entries(trace.pools).map(([pool, { times, nodes }]) => {
      const at = times.findLastIndex((t) => t <= offset);
      return [pool === "" ? fallback : pool, nodes[at] ?? 0];
    }),
  );
  const controller: Controller = {
    every: STEP,
    wokenByEvents: false,
    initial,
    act: ({ now }) => ({ sizes: Object.fromEntries(pools.map(({ pool, read }) => [pool, read(now + LAUNCH + STEP)])) }),
  };
  const unnamed = Object.hasOwn(trace.pools, "") ? `; it names no pool, so all of it is priced as ${fallback}` : "";
  const note = `${name}: what actually ran serves the same demand, its nodes taken as ready when the file says so${unnamed}`;
  return { recorded: runRecorded(obliging(world), controller), note };
}
