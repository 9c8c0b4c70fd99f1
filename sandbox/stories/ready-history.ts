import type { EpochSeconds } from "../../shared/policy/units.ts";
import type { NodeGroup } from "../clouds/eks-node-group.ts";

/** How many nodes were ready, and when that changed. */
export interface ReadyHistory {
  readonly changes: readonly EpochSeconds[];
  at(time: EpochSeconds): number;
}

/**
 * A node group's ready nodes over time, from its Auto Scaling group's own activities: a node counts from the end of its
 * launch to the begin of its termination.
 */
export function readyHistory({ spec, group }: NodeGroup): ReadyHistory {
  const steps = group.activities.newestFirst.flatMap(({ description, status, start, end }) => {
    if (description.startsWith("Terminating")) return [{ at: start, by: -1 }];
    return status === "Successful" && end !== null ? [{ at: end, by: 1 }] : [];
  });
  return {
    changes: steps.map(({ at }) => at).toSorted((a, b) => a - b),
    at: (time) => steps.reduce((sum, { at, by }) => (at <= time ? sum + by : sum), spec.scaling.desiredSize),
  };
}
