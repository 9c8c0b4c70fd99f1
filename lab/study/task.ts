import type { Seconds } from "../../shared/policy/units.ts";
import { type BoundKind, boundOn } from "../bound/bound.ts";
import { boundProblem } from "../bound/problem.ts";
import { familyOf, type LoadedFamily, loadFamily, worldOf } from "../families.ts";
import { controllerFor, type PolicyRef } from "../policies.ts";
import { variantOf } from "../variants.ts";
import { type Figures, figuresOf } from "../world/figures.ts";
import { runWorld } from "../world/world.ts";

/** One week of one family, in one variant of its world. */
export interface Week {
  readonly family: string;
  readonly variant: string;
  readonly offset: Seconds;
  readonly seed: number;
}

/** What a worker is asked for. */
export type Task =
  | { readonly kind: "run"; readonly week: Week; readonly policy: PolicyRef }
  | { readonly kind: "bound"; readonly week: Week; readonly bound: BoundKind };

/** What it came to: the figures of a run (null where the policy has no meaning), or the bound in US dollars. */
export type TaskResult =
  | { readonly kind: "run"; readonly figures: Figures | null }
  | { readonly kind: "bound"; readonly cost: number };

/** Works tasks off; each family's traces are read once. */
export function createTaskRunner(folder: string): (task: Task) => Promise<TaskResult> {
  const loaded = new Map<string, Promise<LoadedFamily>>();
  const load = (name: string): Promise<LoadedFamily> => {
    const reading = loaded.get(name) ?? loadFamily(familyOf(name), folder);
    loaded.set(name, reading);
    return reading;
  };
  return async (task) => {
    const { family, variant, offset, seed } = task.week;
    const world = variantOf(variant).of(worldOf(await load(family), offset, seed));
    if (task.kind === "bound") return { kind: "bound", cost: await boundOn(boundProblem(world), task.bound) };
    const controller = controllerFor(task.policy, world);
    return { kind: "run", figures: controller === null ? null : figuresOf(runWorld(world, controller)) };
  };
}
