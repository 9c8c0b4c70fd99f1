import type { Seconds } from "../../shared/policy/units.ts";
import { figuresOf, GATE } from "../world/figures.ts";
import type { Recorded } from "./recorder.ts";

/** What one policy came to in the world. */
export interface Outcome {
  readonly name: string;
  readonly kind: "vramp" | "actual" | "static" | "peer";
  /** US dollars. */
  readonly usd: number;
  readonly gpuHours: number;
  /** Share of the hours on spot, 0 to 1. */
  readonly spotShare: number;
  readonly wait: { readonly p50: Seconds; readonly p95: Seconds; readonly p99: Seconds; readonly longest: Seconds };
  /** Share of all that was taken up within the wait, 0 to 1. */
  readonly attainment: number;
  readonly arrived: number;
  readonly late: number;
  readonly unserved: number;
  /** Spells in which the line was late. */
  readonly breaches: { readonly count: number; readonly p95: Seconds; readonly longest: Seconds };
  /** Calls that changed a size, and launches that the cloud refused. */
  readonly actions: number;
  readonly failedLaunches: number;
  readonly churnPerGpuHour: number;
  /** Node seconds of jobs that were cut off. */
  readonly lost: Seconds;
  /** Why it does not keep what is wanted; empty when it does. */
  readonly fails: readonly string[];
}

/** The smallest value that at least this share of the values does not exceed; 0 of none. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** What a run came to. `gpusPerNode`: hours are told of GPUs. */
export function outcomeOf(
  name: string,
  kind: Outcome["kind"],
  { tally, waits, end }: Recorded,
  attainmentWanted: number,
  gpusPerNode: number,
): Outcome {
  const figures = figuresOf(tally);
  const { arrived, onTime, unserved, nodeHours, calls, failedLaunches } = figures;
  const attainment = arrived === 0 ? 1 : onTime / arrived;
  const gpuHours = nodeHours * gpusPerNode;
  const churn = gpuHours === 0 ? 0 : (calls + failedLaunches) / gpuHours;
  const fails = [
    ...(attainment < attainmentWanted ? [`${percent(attainment)} in time, ${percent(attainmentWanted)} wanted`] : []),
    ...(unserved > 0 ? [`${unserved} never served`] : []),
    ...(churn > GATE.perGpuHour
      ? [`${churn.toFixed(1)} calls and refusals per GPU-hour, over ${GATE.perGpuHour}`]
      : []),
  ];
  return {
    name,
    kind,
    usd: figures.cost,
    gpuHours,
    spotShare: nodeHours === 0 ? 0 : figures.spotHours / nodeHours,
    wait: {
      p50: waits.percentile(0.5, end),
      p95: waits.percentile(0.95, end),
      p99: waits.percentile(0.99, end),
      longest: waits.longest(end),
    },
    attainment,
    arrived,
    late: arrived - onTime,
    unserved,
    breaches: {
      count: figures.breaches.length,
      p95: percentile(figures.breaches, 0.95),
      longest: Math.max(0, ...figures.breaches),
    },
    actions: calls,
    failedLaunches,
    churnPerGpuHour: churn,
    lost: figures.lost,
    fails,
  };
}
