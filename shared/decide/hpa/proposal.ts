import type { Deviations } from "./deviations.ts";
import type { Tolerance } from "./tolerance.ts";

/** The nodes of a workload, as one metric's arithmetic needs them. */
export interface NodeCounts {
  /** What was asked for (HPA: the target's spec). */
  readonly current: number;
  /** What the target reports it has, ready or not (HPA: its status). */
  readonly reported: number;
  /** Running and ready now. */
  readonly ready: number;
  /** Asked for, not ready, and not yet given up: what `upcomingCountsAsCapacity` speaks of. */
  readonly upcoming: number;
}

/** How a proposal is weighed. */
export interface Weighing {
  readonly tolerance: Tolerance;
  readonly deviations: Deviations;
}

/** Why a metric that was read still proposes nothing. */
export type MetricFailure = "notFinite" | "noNodes" | "noneReady" | "noSamples" | "noRequest";

/** A size that one metric asks for, in nodes, or why it cannot. */
export type MetricProposal<Failure> =
  | {
      readonly kind: "proposed";
      readonly nodes: number;
      /** What was held against the target: an average in milli-units, a percentage, a total; null when there was nothing to divide by. */
      readonly measured: number | null;
    }
  | { readonly kind: "failed"; readonly failure: Failure };

/** The size that several metrics come to, or why the size stays. */
export type Combined<Failure> =
  | {
      readonly kind: "go";
      readonly nodes: number;
      /** The first metric that failed, if any: it did not matter, but is to be reported. */
      readonly failure: Failure | null;
    }
  | { readonly kind: "hold"; readonly failure: Failure | null };

/**
 * The largest proposal that worked. Where some failed it is good for growing and for staying, not for shrinking; where all
 * failed, or there are none, the size is held. (HPA `computeReplicasForMetrics`.)
 */
export function combine<Failure>(proposals: readonly MetricProposal<Failure>[], current: number): Combined<Failure> {
  let nodes = 0;
  let worked = 0;
  let failure: Failure | null = null;
  for (const proposal of proposals) {
    if (proposal.kind === "failed") {
      failure ??= proposal.failure;
      continue;
    }
    worked += 1;
    nodes = Math.max(nodes, proposal.nodes);
  }
  const partial = worked < proposals.length;
  if (worked === 0 || (partial && nodes < current)) return { kind: "hold", failure };
  return { kind: "go", nodes, failure };
}
