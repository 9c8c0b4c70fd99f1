import type { ReplicaClass } from "./classify.ts";
import { type Milli, nodesFrom } from "./numbers.ts";
import type { MetricFailure, MetricProposal, NodeCounts, Weighing } from "./proposal.ts";
import { within } from "./tolerance.ts";

/** A target on what one node carries on average, or on the share of its capacity that it uses. */
export type PerNodeTarget =
  | { readonly measure: "average"; readonly target: Milli }
  | { readonly measure: "utilization"; readonly targetPercent: number };

/** One node's part: its class, and what it carries if it is counted. */
export interface NodeLoad {
  readonly class: ReplicaClass;
  readonly load: Milli;
}

/** The same with what the node offers (HPA: requests), for utilization; null where that is not known. */
export interface NodeUse extends NodeLoad {
  readonly request: Milli | null;
}

/** Nodes added up by class. `capacity` is what the load is divided by: the number of nodes, or what they offer. */
export interface Tally {
  readonly counted: { readonly nodes: number; readonly load: Milli; readonly capacity: number };
  /** `busy` is the load that these are assumed to carry when shrinking. */
  readonly missing: { readonly nodes: number; readonly busy: Milli; readonly capacity: number };
  readonly unready: { readonly nodes: number; readonly capacity: number };
}

export type Tallied =
  | { readonly kind: "tally"; readonly tally: Tally }
  | { readonly kind: "failed"; readonly failure: MetricFailure };

/** Adds up loads, for an average: a node without a sample is assumed to carry exactly the target. */
export function tallyLoads(nodes: readonly NodeLoad[], target: Milli): Tallied {
  let counted = 0;
  let load = 0;
  let missing = 0;
  let unready = 0;
  for (const node of nodes) {
    if (node.class === "counted") {
      counted += 1;
      load += node.load;
    } else if (node.class === "missing") missing += 1;
    else if (node.class === "unready") unready += 1;
  }
  return checked({
    counted: { nodes: counted, load, capacity: counted },
    missing: { nodes: missing, busy: missing * target, capacity: missing },
    unready: { nodes: unready, capacity: unready },
  });
}

/**
 * Adds up uses and requests, for utilization: a node without a sample is assumed to use all it offers, or the target where
 * that is higher. One unknown request, of any node, fails the metric.
 */
export function tallyUses(nodes: readonly NodeUse[], targetPercent: number): Tallied {
  const busyPercent = Math.max(100, targetPercent);
  const counted = { nodes: 0, load: 0, capacity: 0 };
  const missing = { nodes: 0, busy: 0, capacity: 0 };
  const unready = { nodes: 0, capacity: 0 };
  for (const node of nodes) {
    if (node.request === null) return { kind: "failed", failure: "noRequest" };
    if (node.class === "ignored") continue;
    const sum = node.class === "counted" ? counted : node.class === "missing" ? missing : unready;
    sum.nodes += 1;
    sum.capacity += node.request;
    if (node.class === "counted") counted.load += node.load;
    if (node.class === "missing") missing.busy += Math.trunc((node.request * busyPercent) / 100);
  }
  return checked({ counted, missing, unready });
}

/** The tally of nodes of which only the average is known, all of them serving. */
export function tallyAverage(average: Milli, ready: number): Tallied {
  return checked({
    counted: { nodes: ready, load: average * ready, capacity: ready },
    missing: { nodes: 0, busy: 0, capacity: 0 },
    unready: { nodes: 0, capacity: 0 },
  });
}

function checked(tally: Tally): Tallied {
  const { nodes, load, capacity } = tally.counted;
  if (nodes === 0) return { kind: "failed", failure: "noSamples" };
  if (!Number.isFinite(load)) return { kind: "failed", failure: "notFinite" };
  if (!(capacity > 0)) return { kind: "failed", failure: "noRequest" };
  return { kind: "tally", tally };
}

/** The average load of a counted node, cut to whole milli-units. */
export function averageLoad({ counted }: Tally): Milli {
  return Math.trunc(counted.load / counted.nodes);
}

/** What is held against the target, cut to a whole number first as HPA does: 100.9 % of a 100 % target is 100 %. */
function measure(target: PerNodeTarget, load: Milli, capacity: number): number {
  return Math.trunc((target.measure === "utilization" ? 100 * load : load) / capacity);
}

/**
 * The size at which a node would carry its target, in nodes: the nodes that were counted times the ratio of measured to
 * wanted. Nodes that say nothing are assumed full when shrinking and idle when growing; unready ones are left out when
 * shrinking. That correction may damp a move to nothing, never reverse it. (HPA `GetResourceReplicas`, `calcPlainMetricReplicas`.)
 *
 * `upcomingCountsAsCapacity`: nodes under way, which must not be in the tally, join the unready.
 * `growthBasisMaxReadyCurrent`: growth multiplies at least what was asked for.
 */
export function perNodeTarget(
  target: PerNodeTarget,
  tally: Tally,
  { current, upcoming }: NodeCounts,
  { tolerance, deviations }: Weighing,
): MetricProposal<MetricFailure> {
  const wanted = target.measure === "utilization" ? target.targetPercent : target.target;
  const measured = measure(target, tally.counted.load, tally.counted.capacity);
  const propose = (nodes: number) => ({ kind: "proposed", nodes, measured }) as const;
  const resize = (ratio: number, nodes: number) =>
    nodesFrom(ratio * (ratio > 1 && deviations.growthBasisMaxReadyCurrent ? Math.max(nodes, current) : nodes));

  const { counted, missing } = tally;
  const ratio = measured / wanted;
  const unready = withUpcoming(tally, deviations.upcomingCountsAsCapacity ? upcoming : 0);
  const growsWithUnready = unready.nodes > 0 && ratio > 1;
  if (!growsWithUnready && missing.nodes === 0) {
    return propose(within(ratio, tolerance) ? current : resize(ratio, counted.nodes));
  }

  let { nodes, load, capacity } = counted;
  if (ratio !== 1) {
    nodes += missing.nodes;
    capacity += missing.capacity;
    if (ratio < 1) load += missing.busy;
  }
  if (growsWithUnready) {
    nodes += unready.nodes;
    capacity += unready.capacity;
  }
  const corrected = measure(target, load, capacity) / wanted;
  const reversed = ratio > 1 ? corrected < 1 : corrected > 1;
  if (within(corrected, tolerance) || reversed) return propose(current);
  const resized = resize(corrected, nodes);
  return propose(corrected > 1 ? Math.max(resized, current) : Math.min(resized, current));
}

/** The unready nodes and those under way. One under way is taken to offer what a counted one does. */
function withUpcoming({ counted, unready }: Tally, upcoming: number): Tally["unready"] {
  return {
    nodes: unready.nodes + upcoming,
    capacity: unready.capacity + (upcoming * counted.capacity) / counted.nodes,
  };
}
