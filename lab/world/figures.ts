import type { Seconds } from "../../shared/policy/units.ts";
import type { RunTally } from "./world.ts";

/** What one run is judged by. */
export interface Figures {
  /** US dollars. */
  readonly cost: number;
  readonly arrived: number;
  readonly onTime: number;
  readonly unserved: number;
  readonly nodeHours: number;
  /** Hours on spot. */
  readonly spotHours: number;
  readonly calls: number;
  readonly failedLaunches: number;
  readonly breaches: readonly Seconds[];
  /** Node seconds of jobs that were cut off. */
  readonly lost: Seconds;
}

const HOUR: Seconds = 3600;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function figuresOf({ work, pools, calls }: RunTally): Figures {
  const hours = (of: typeof pools): number => sum(of.map((p) => p.billed)) / HOUR;
  return {
    cost: sum(pools.map((p) => (p.billed / HOUR) * p.pool.price)),
    arrived: work.arrived,
    onTime: work.onTime,
    unserved: work.arrived - work.served,
    nodeHours: hours(pools),
    spotHours: hours(pools.filter((p) => p.pool.market === "spot")),
    calls,
    failedLaunches: sum(pools.map((p) => p.failedLaunches)),
    breaches: work.breaches,
    lost: work.lost,
  };
}

/** The gate: what every family has to hold before its cost counts. */
export const GATE = { attainment: 0.99, worst: 0.98, perGpuHour: 5 } as const;

/** A family's runs, pooled. */
export interface Score {
  readonly cost: number;
  readonly attainment: number;
  /** The lowest attainment of a single run. */
  readonly worst: number;
  readonly unserved: number;
  /** Mutating calls and failed launches for each GPU hour. */
  readonly churn: number;
  readonly spotShare: number;
  readonly breachP95: Seconds;
  readonly lost: Seconds;
  readonly passes: boolean;
  /** Deviation of the runs' cost, as a share of their mean. */
  readonly spread: number;
}

const attainmentOf = (runs: readonly Figures[]): number => {
  const arrived = sum(runs.map((r) => r.arrived));
  return arrived === 0 ? 1 : sum(runs.map((r) => r.onTime)) / arrived;
};

/** The smallest value that at least this share of the values does not exceed; 0 of none. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function spreadOf(costs: readonly number[]): number {
  const mean = sum(costs) / costs.length;
  if (!(mean > 0)) return 0;
  return Math.sqrt(sum(costs.map((c) => (c - mean) ** 2)) / costs.length) / mean;
}

/** Pools runs of one family and holds them against the gate. */
export function scoreOf(runs: readonly Figures[]): Score {
  const total = (of: (run: Figures) => number): number => sum(runs.map(of));
  const hours = total((r) => r.nodeHours);
  const attainment = attainmentOf(runs);
  const worst = Math.min(...runs.map((run) => attainmentOf([run])));
  const unserved = total((r) => r.unserved);
  const churn = hours === 0 ? 0 : total((r) => r.calls + r.failedLaunches) / hours;
  return {
    cost: total((r) => r.cost),
    attainment,
    worst,
    unserved,
    churn,
    spotShare: hours === 0 ? 0 : total((r) => r.spotHours) / hours,
    breachP95: percentile(
      runs.flatMap((r) => r.breaches),
      0.95,
    ),
    lost: total((r) => r.lost),
    passes: attainment >= GATE.attainment && worst >= GATE.worst && unserved === 0 && churn <= GATE.perGpuHour,
    spread: spreadOf(runs.map((r) => r.cost)),
  };
}
