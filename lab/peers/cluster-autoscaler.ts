import type { Seconds } from "../../shared/policy/units.ts";
import type { Groups } from "./groups.ts";
import type { NodeAutoscaling } from "./node-autoscaler.ts";

/** `--initial-node-group-backoff-duration`, `--max-…` and `--node-group-backoff-reset-timeout`. */
const BACKOFF: Seconds = 300;
const MAX_BACKOFF: Seconds = 1800;
const BACKOFF_RESET: Seconds = 3 * 3600;
/** `--scale-down-unneeded-time` and `--scale-down-delay-after-add`. */
const EMPTY_FOR: Seconds = 600;
const AFTER_GROWTH: Seconds = 600;
/** `--max-empty-bulk-delete`. */
const REMOVED_AT_ONCE = 10;

interface Backoff {
  readonly for: Seconds;
  readonly until: Seconds;
  readonly at: Seconds;
}

/** Cluster Autoscaler with its defaults: leaves a group that failed alone for 5 to 30 minutes. */
export function clusterAutoscaler(groups: Groups): NodeAutoscaling {
  const backoffs = new Map<string, Backoff>();
  return {
    groups,
    refused: (group, now) => {
      const last = backoffs.get(group);
      const fresh = last === undefined || now - last.at >= BACKOFF_RESET;
      const length = fresh ? BACKOFF : Math.min(MAX_BACKOFF, last.for * 2);
      backoffs.set(group, { for: length, until: now + length, at: now });
    },
    shunned: (group, now) => now < (backoffs.get(group)?.until ?? now),
    emptyFor: EMPTY_FOR,
    afterGrowth: AFTER_GROWTH,
    removedAtOnce: REMOVED_AT_ONCE,
  };
}
