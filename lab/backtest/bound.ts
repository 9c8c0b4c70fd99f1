import type { Seconds } from "../../shared/policy/units.ts";
import { closedForm } from "../bound/closed-form.ts";
import { type BoundProblem, boundProblem } from "../bound/problem.ts";
import type { WorldOptions } from "../world/options.ts";

const MINUTE: Seconds = 60;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The part of the work that may be late, and how many minutes after its own the rest may be served. */
function leeway(
  world: WorldOptions,
  work: readonly number[],
  attainment: number,
): Pick<BoundProblem, "late" | "within"> {
  const { demand, maxWait } = world;
  if (demand.kind === "service") return { late: sum(work) * (1 - attainment), within: Math.ceil(maxWait / MINUTE) };
  const largest = demand.jobs.map((job) => job.exec).toSorted((a, b) => b - a);
  const late = Math.floor(largest.length * (1 - attainment));
  // A job that starts in time runs for its own seconds: the longest of those that have to be in time.
  const within = Math.ceil((maxWait + (largest[late] ?? 0)) / MINUTE);
  return { late: sum(largest.slice(0, late)) / MINUTE, within };
}

/** A cost in US dollars that nobody can be below, for the wait and the attainment of this backtest. */
export function boundOf(world: WorldOptions, attainment: number): number {
  const problem = boundProblem(world);
  return closedForm({ ...problem, ...leeway(world, problem.work, attainment) });
}
