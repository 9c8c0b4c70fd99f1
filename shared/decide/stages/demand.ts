import type { Context } from "../context.ts";
import { proposeByRules } from "../demand/rules.ts";
import type { Draft, Step } from "../draft.ts";
import { unaffected } from "../draft.ts";

/** What the workload needs, by the signals alone. An unknown input forbids shrinking, whatever the others say. */
export function demand(draft: Draft, context: Context): Step {
  const proposal = proposeByRules(context);
  if (proposal === null) return unaffected(draft, "the policy states no demand for this workload");
  const { nodes, reason, detail, unknown, conditions } = proposal;
  const blocks = unknown === null ? draft.blocks : { ...draft.blocks, scaleDown: unknown };
  const want = unknown === null ? nodes : Math.max(nodes, context.size.desired);
  return { draft: { ...draft, want, blocks }, reason, detail, conditions };
}
