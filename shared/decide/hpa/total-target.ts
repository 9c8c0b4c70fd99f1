import { type Milli, nodesFrom } from "./numbers.ts";
import type { MetricFailure, MetricProposal, NodeCounts, Weighing } from "./proposal.ts";
import { within } from "./tolerance.ts";

/**
 * A target on the total itself (HPA `Value`): the ready nodes times the ratio of total to target. From zero there is
 * nothing to multiply and no tolerance: the rounded-up ratio is the size, so that any positive total wakes one node.
 *
 * `upcomingCountsAsCapacity`: growth asks what the ratio will be once the nodes under way share the load.
 * `growthBasisMaxReadyCurrent`: growth multiplies at least what was asked for.
 */
export function totalTarget(
  total: Milli,
  target: Milli,
  counts: NodeCounts,
  { tolerance, deviations }: Weighing,
): MetricProposal<MetricFailure> {
  const propose = (nodes: number) => ({ kind: "proposed", nodes, measured: total }) as const;
  if (!Number.isFinite(total)) return { kind: "failed", failure: "notFinite" };
  const ratio = total / target;
  const { current, ready, upcoming } = counts;
  if (current === 0) return propose(nodesFrom(ratio));
  if (counts.reported === 0) return { kind: "failed", failure: "noNodes" };
  if (ready === 0 && deviations.noneReadyIsUnknown) return { kind: "failed", failure: "noneReady" };
  if (within(ratio, tolerance)) return propose(current);
  if (ratio < 1) return propose(nodesFrom(ratio * ready));
  const capacity = ready + (deviations.upcomingCountsAsCapacity ? upcoming : 0);
  if (capacity > ready && ratio * ready <= capacity * (1 + tolerance.up)) return propose(current);
  const basis = deviations.growthBasisMaxReadyCurrent ? Math.max(capacity, current) : capacity;
  return propose(nodesFrom(capacity === ready ? ratio * basis : (ratio * ready * basis) / capacity));
}

/**
 * A target on the total for each node (HPA `AverageValue`): the total divided by the target, whatever the nodes do. Close
 * enough to the nodes that are reported, and those are the answer. From zero the ratio is infinite, or NaN, and never within.
 *
 * `upcomingCountsAsCapacity`: what was asked for stands in for what is reported.
 */
export function totalPerNodeTarget(
  total: Milli,
  target: Milli,
  counts: NodeCounts,
  { tolerance, deviations }: Weighing,
): MetricProposal<MetricFailure> {
  if (!Number.isFinite(total)) return { kind: "failed", failure: "notFinite" };
  const nodes = deviations.upcomingCountsAsCapacity ? counts.current : counts.reported;
  const measured = nodes === 0 ? null : Math.ceil(total / nodes);
  const met = within(total / (target * nodes), tolerance);
  return { kind: "proposed", nodes: met ? nodes : nodesFrom(total / target), measured };
}
