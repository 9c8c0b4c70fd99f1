import type { Context } from "../context.ts";
import { proposeByObjective } from "../demand/objective.ts";
import type { Proposal } from "../demand/proposal.ts";
import { proposeByRules } from "../demand/rules.ts";
import { proposeByTargets } from "../demand/targets.ts";
import { type Draft, type Step, unaffected } from "../draft.ts";

/** The largest proposal; among equals the one that is known, then the first. */
function largest(proposals: readonly Proposal[]): Proposal | undefined {
  return proposals.toSorted((a, b) => b.nodes - a.nodes || Number(a.unknown !== null) - Number(b.unknown !== null))[0];
}

/** Everything that asks for growth, together. */
function causesOf(proposals: readonly Proposal[]): Draft["causes"] {
  const asking = proposals.flatMap((p) => (p.causes === null ? [] : [p.causes]));
  return asking.length === 0 ? null : Object.assign({}, ...asking);
}

/**
 * What the workload needs, by its signals alone: the rules, the objective and every target propose a size, and the largest wins. One
 * unknown input forbids shrinking, whatever the others say (HPA "several metrics").
 */
export function demand(draft: Draft, context: Context): Step {
  const rules = proposeByRules(context);
  const objective = proposeByObjective(context);
  const stated = [rules, objective].flatMap((proposal) => (proposal === null ? [] : [proposal]));
  const proposals = [...stated, ...proposeByTargets(context)];
  const best = largest(proposals);
  if (best === undefined) return unaffected(draft, "the policy states no demand for this workload");
  const unknown = proposals.find((p) => p.unknown !== null)?.unknown ?? null;
  const held = unknown !== null && best.nodes <= context.size.desired;
  const want = held ? context.size.desired : best.nodes;
  const next = { ...draft, want, demanded: unknown === null ? best.nodes : null, causes: causesOf(proposals) };
  const { reason, detail } = held ? unknown : best;
  return { draft: next, reason, detail, conditions: proposals.flatMap((p) => p.conditions) };
}
