import { closedForm } from "./closed-form.ts";
import { loadHighs } from "./highs.ts";
import type { BoundProblem } from "./problem.ts";
import { weeklyBound } from "./weekly.ts";

/** `closed`: at once. `lp`: up to a few per cent higher, takes the solver minutes for a week. */
export const BOUND_KINDS = ["closed", "lp"] as const;
export type BoundKind = (typeof BOUND_KINDS)[number];

/** A cost in US dollars that nobody can be below. */
export async function boundOn(problem: BoundProblem, kind: BoundKind): Promise<number> {
  if (kind === "closed") return closedForm(problem);
  return weeklyBound(await loadHighs(), problem);
}
