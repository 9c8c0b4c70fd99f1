import type { Workload } from "../../shared/policy/schema/workload.ts";
import { formatDuration, type Seconds } from "../../shared/policy/units.ts";
import type { DemandTrace, RequestTrace } from "../traces/demand.ts";
import { type JobDemand, type ServiceDemand, STEP } from "../world/options.ts";
import { BacktestError } from "./errors.ts";
import type { Settings } from "./scenario.ts";

/** Demand as the world takes it. */
interface Fitted {
  readonly demand: ServiceDemand | JobDemand;
  readonly length: Seconds;
  readonly notes: readonly string[];
}

const MINUTE: Seconds = 60;
const BUSIEST_OVER: Seconds = 600;

/** Counts of intervals that the world's steps do not divide, as counts of whole minutes: each minute gets its part of each. */
function byMinutes({ interval, counts }: RequestTrace): readonly number[] {
  const minutes = Array.from({ length: Math.ceil((counts.length * interval) / MINUTE) }, () => 0);
  counts.forEach((count, i) => {
    const [from, to] = [i * interval, (i + 1) * interval];
    for (let minute = Math.floor(from / MINUTE); minute * MINUTE < to; minute += 1) {
      const overlap = Math.min(to, (minute + 1) * MINUTE) - Math.max(from, minute * MINUTE);
      minutes[minute] = (minutes[minute] ?? 0) + (count * overlap) / interval;
    }
  });
  return minutes;
}

/** The largest mean a second over ten minutes, in blocks from the start, as the benchmark takes it. */
export function busiestRate(interval: Seconds, counts: readonly number[]): number {
  const over = Math.min(counts.length, Math.max(1, Math.round(BUSIEST_OVER / interval)));
  let best = 0;
  for (let i = 0; i + over <= counts.length; i += over) {
    const sum = counts.slice(i, i + over).reduce((total, count) => total + count, 0);
    best = Math.max(best, sum / (over * interval));
  }
  return best;
}

function serviceOf(trace: RequestTrace, workload: Workload, settings: Settings): Fitted {
  const { rate: said, slots, peakNodes } = settings;
  const rate = said ?? workload.objective?.perNode;
  if (rate === undefined) {
    throw new BacktestError(
      "nothing says how many requests a second one node serves; give --rate N, or objective.perNode in the policy",
    );
  }
  const uneven = trace.interval % STEP !== 0;
  const interval = uneven ? MINUTE : trace.interval;
  const all = uneven ? byMinutes(trace) : trace.counts;
  const length = Math.min(settings.length ?? Number.POSITIVE_INFINITY, all.length * interval);
  const counts = all.slice(0, Math.ceil(length / interval));
  const busiest = busiestRate(interval, counts);
  const scale = peakNodes === null || busiest === 0 ? 1 : (peakNodes * rate) / busiest;
  const needs = (busiest * scale) / rate;
  const notes = [
    ...(uneven
      ? [
          `intervals of ${formatDuration(trace.interval)} do not fit the world's steps of ${STEP} s: read as whole minutes`,
        ]
      : []),
    ...(scale === 1
      ? []
      : [`demand is scaled by ${scale.toPrecision(3)}: its busiest ten minutes need ${peakNodes} nodes`]),
    ...(needs > workload.nodes.max
      ? [`the busiest ten minutes need ${needs.toFixed(1)} nodes, and nodes.max is ${workload.nodes.max}`]
      : []),
  ];
  return {
    demand: { kind: "service", interval, means: counts.map((count) => count * scale), rate, slots },
    length,
    notes,
  };
}

/** Demand of a trace for a workload, cut to the length that is to be run. Throws `BacktestError`. */
export function demandOf(trace: DemandTrace, workload: Workload, settings: Settings): Fitted {
  if (trace.kind === "requests") return serviceOf(trace, workload, settings);
  const last = trace.jobs.at(-1)?.at ?? 0;
  const length = Math.min(settings.length ?? Number.POSITIVE_INFINITY, Math.floor(last / MINUTE + 1) * MINUTE);
  const jobs = trace.jobs.filter((job) => job.at < length);
  if (jobs.length === 0)
    throw new BacktestError("the demand has no jobs in the part that is to be run; give a longer --length");
  const { perNode } = workload.objective ?? {};
  const ignored = [
    ...(perNode === undefined
      ? []
      : [
          `objective.perNode says that a node serves ${perNode} a second; these are jobs, one at a time: leave it out, and vramp learns it`,
        ]),
    ...(settings.peakNodes === null ? [] : ["--peak-nodes scales requests; jobs are taken as they are"]),
    ...(settings.rate === null ? [] : ["--rate is of requests; a job takes a node for its own seconds"]),
  ];
  return { demand: { kind: "jobs", jobs }, length, notes: ignored };
}
