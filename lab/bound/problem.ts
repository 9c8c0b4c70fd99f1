import type { Seconds } from "../../shared/policy/units.ts";
import { capacityReader } from "../world/capacity.ts";
import type { WorldOptions } from "../world/options.ts";

/** A pool as the bound sees it. */
export interface BoundPool {
  /** US dollars for one node for one minute. */
  readonly price: number;
  /** Nodes there are in each minute; infinite for on-demand without a cap. */
  readonly capacity: readonly number[];
}

/** What has to be served, and with what, minute by minute. Work is in node minutes. */
export interface BoundProblem {
  /** The work that arrives in each minute. */
  readonly work: readonly number[];
  /** Work that may be served late. */
  readonly late: number;
  /** Minutes after its own within which work is on time. */
  readonly within: number;
  readonly pools: readonly BoundPool[];
}

const MINUTE: Seconds = 60;

/** Share of the demand that may be late. */
const LATE = 0.01;

/** Minutes within which work must be served to be on time: a wait of 60 s, and one of 300 s with the jobs' own seconds. */
const WITHIN = { service: 1, jobs: 8 } as const;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The most a zone has had within a notice's length: what falls away dies that much later. */
function dilated(capacity: (now: Seconds) => number, minutes: number, notice: Seconds): number[] {
  const step = 10;
  const fine = Array.from({ length: (minutes * MINUTE) / step }, (_, i) => capacity(i * step));
  const back = Math.ceil(notice / step);
  return Array.from({ length: minutes }, (_, minute) => {
    const end = ((minute + 1) * MINUTE) / step;
    return Math.max(0, ...fine.slice(Math.max(0, end - MINUTE / step - back), end));
  });
}

function serviceWork(means: readonly number[], interval: Seconds, rate: number, minutes: number): number[] {
  const perMinute = MINUTE / interval;
  return Array.from({ length: minutes }, (_, minute) => {
    // Of each interval the part that lies in this minute.
    let requests = 0;
    for (let i = Math.floor(minute * perMinute); i < (minute + 1) * perMinute; i += 1) {
      const overlap = Math.min((i + 1) * interval, (minute + 1) * MINUTE) - Math.max(i * interval, minute * MINUTE);
      requests += ((means[i] ?? 0) * overlap) / interval;
    }
    return requests / (rate * MINUTE);
  });
}

/** Work and what may be late of it: of a service a share, of jobs the largest ones. */
function workOf({ demand }: WorldOptions, minutes: number): Pick<BoundProblem, "work" | "late"> {
  if (demand.kind === "service") {
    const work = serviceWork(demand.means, demand.interval, demand.rate, minutes);
    return { work, late: sum(work) * LATE };
  }
  const work = Array.from({ length: minutes }, () => 0);
  for (const { at, exec } of demand.jobs) {
    const minute = Math.floor(at / MINUTE);
    if (minute < minutes) work[minute] = (work[minute] ?? 0) + exec / MINUTE;
  }
  const largest = demand.jobs.map((job) => job.exec / MINUTE).toSorted((a, b) => b - a);
  return { work, late: sum(largest.slice(0, Math.floor(largest.length * LATE))) };
}

/** A world as the problem whose cheapest solution nobody in it can beat. */
export function boundProblem(world: WorldOptions): BoundProblem {
  const minutes = Math.ceil(world.length / MINUTE);
  const onDemand = world.onDemandCap ?? Number.POSITIVE_INFINITY;
  const pools = world.pools.map((pool): BoundPool => {
    const trace = pool.zone === null ? undefined : world.spot[pool.zone];
    const capacity =
      trace === undefined
        ? Array.from({ length: minutes }, () => onDemand)
        : dilated(capacityReader(trace), minutes, world.notice);
    return { price: pool.price / 60, capacity };
  });
  return { ...workOf(world, minutes), within: WITHIN[world.demand.kind], pools };
}
