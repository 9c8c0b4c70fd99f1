import type { WorkloadPlan } from "./blueprint.ts";
import type { Look } from "./look.ts";

/** What the policy that a look worked with said of its workload. */
export function planOf({ invocation, workload }: Look): WorkloadPlan {
  const found = invocation.inForce.plan.workloads.find((w) => w.id === workload);
  if (found === undefined) throw new Error(`a look at ${workload}, which its policy does not have`);
  return found;
}
