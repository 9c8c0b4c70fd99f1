import type { Target } from "../../policy/schema/workload.ts";
import { formatValue } from "../conditions.ts";
import type { Context } from "../context.ts";
import type { Block } from "../draft.ts";
import { resolveBehavior } from "../hpa/behavior-defaults.ts";
import { NODE_DEFAULTS } from "../hpa/deviations.ts";
import { toMilli } from "../hpa/numbers.ts";
import { type NodeLoad, perNodeTarget, tallyLoads } from "../hpa/per-node-target.ts";
import type { MetricFailure, MetricProposal, NodeCounts, Weighing } from "../hpa/proposal.ts";
import { toleranceOf } from "../hpa/tolerance.ts";
import { totalPerNodeTarget, totalTarget } from "../hpa/total-target.ts";
import type { Proposal } from "./proposal.ts";
import { unknownReason } from "./unknown.ts";

/** Nodes as HPA counts them. Those asked for lately and not ready are upcoming; older ones have been given up. */
function countsOf({ size, memory, workload, now }: Context): NodeCounts {
  const { desired: current, ready } = size;
  const change = memory.lastChange;
  const underWay = change !== null && change.settledAt === null && now - change.at < workload.provisionTimeout;
  return { current, reported: current, ready, upcoming: underWay ? Math.max(0, current - ready) : 0 };
}

interface Weighed {
  readonly proposal: MetricProposal<MetricFailure>;
  readonly value: number;
  readonly text: string;
}

type Failure = { readonly failed: Block };

const FAILURES: Readonly<Record<MetricFailure, string>> = {
  notFinite: "its value is not a number",
  noNodes: "there are no nodes to divide by",
  noneReady: "no node is ready",
  noSamples: "no node reports it",
  noRequest: "its capacity is unknown",
};

/** A target on a signal that has one series for each node: nodes that say nothing are assumed full when shrinking, idle when growing. */
function byNode(
  target: Target,
  wanted: number,
  context: Context,
  counts: NodeCounts,
  weighing: Weighing,
): Weighed | Failure {
  const loads = context.loads(target.signal);
  if (loads.kind === "unknown")
    return { failed: { reason: "SignalUnknown", detail: `${target.signal}: ${loads.detail}` } };
  const missing = Math.max(0, counts.ready - loads.values.length);
  const nodes: NodeLoad[] = [
    ...loads.values.map((value) => ({ class: "counted", load: toMilli(value) }) as const),
    ...Array.from({ length: missing }, () => ({ class: "missing", load: 0 }) as const),
  ];
  const tallied = tallyLoads(nodes, toMilli(wanted));
  const average = loads.values.reduce((a, b) => a + b, 0) / Math.max(1, loads.values.length);
  const text = `${target.signal} averages ${formatValue(average)} over ${loads.values.length} nodes, ${formatValue(wanted)} wanted`;
  const proposal =
    tallied.kind === "failed"
      ? tallied
      : perNodeTarget({ measure: "average", target: toMilli(wanted) }, tallied.tally, counts, weighing);
  return { proposal, value: average, text };
}

/** A target on a signal with one value: the sum over all (`perNode`), or a level that more nodes lower (`average`, `total`). */
function bySignal(target: Target, context: Context, counts: NodeCounts, weighing: Weighing): Weighed | Failure {
  const reading = context.reading(target.signal);
  if (reading.kind === "absent")
    return { failed: { reason: "SignalUnknown", detail: `${target.signal}: not asked, the pools are empty` } };
  if (reading.kind === "unknown")
    return { failed: { reason: unknownReason(reading.why), detail: `${target.signal}: ${reading.detail}` } };
  const { value } = reading;
  const is = `${target.signal} is ${formatValue(value)}`;
  if (target.perNode !== undefined) {
    const proposal = totalPerNodeTarget(toMilli(value), toMilli(target.perNode), counts, weighing);
    return { proposal, value, text: `${is}, ${formatValue(target.perNode)} wanted for each node` };
  }
  const wanted = target.average ?? target.total ?? Number.NaN;
  return {
    proposal: totalTarget(toMilli(value), toMilli(wanted), counts, weighing),
    value,
    text: `${is}, ${formatValue(wanted)} wanted`,
  };
}

function weigh(target: Target, context: Context, counts: NodeCounts, weighing: Weighing): Weighed | Failure {
  const isPerNode = context.policy.signals[target.signal]?.per === "node";
  const wanted = target.perNode ?? target.average;
  if (isPerNode && wanted !== undefined) return byNode(target, wanted, context, counts, weighing);
  return bySignal(target, context, counts, weighing);
}

function proposalOf(target: Target, context: Context, counts: NodeCounts, weighing: Weighing): Proposal {
  const weighed = weigh(target, context, counts, weighing);
  const { current } = counts;
  if ("failed" in weighed) {
    return { nodes: current, ...weighed.failed, unknown: weighed.failed, causes: null, conditions: [] };
  }
  const { proposal, value, text } = weighed;
  if (proposal.kind === "failed") {
    const block = { reason: "SignalUnknown", detail: `${target.signal}: ${FAILURES[proposal.failure]}` } as const;
    return { nodes: current, ...block, unknown: block, causes: null, conditions: [] };
  }
  const { nodes } = proposal;
  const reason = nodes > current ? "TargetExceeded" : nodes < current ? "BelowTarget" : "WithinTolerance";
  const causes = nodes > current ? { [target.signal]: value } : null;
  return { nodes, reason, detail: `${text}: ${nodes} nodes`, unknown: null, causes, conditions: [] };
}

/** What each of the workload's targets proposes, by HPA's arithmetic with vramp's deviations for nodes (`docs/hpa.md`). */
export function proposeByTargets(context: Context): readonly Proposal[] {
  const { targets, behavior } = context.workload;
  if (targets.length === 0) return [];
  const counts = countsOf(context);
  const weighing: Weighing = { tolerance: toleranceOf(resolveBehavior(behavior)), deviations: NODE_DEFAULTS };
  return targets.map((target) => proposalOf(target, context, counts, weighing));
}
