import type { NodeState } from "../../../shared/model/pool.ts";
import { MAX_AGE, MAX_WAIT, type WorkloadPlan } from "../blueprint.ts";
import type { Invocation } from "../invocation.ts";
import type { Call, Look } from "../look.ts";
import { planOf } from "../plan-of.ts";
import type { Invariant } from "./invariant.ts";

/** Whether the wait for busy nodes is over, and the policy says to take them then. */
function forceIsDue({ decided }: Look, plan: WorkloadPlan): boolean {
  const [since, at] = [decided?.scaleIn?.since, decided?.lastDecision?.at];
  return plan.force && since !== undefined && at !== undefined && at - since >= MAX_WAIT;
}

/** Which of these nodes work, or may work, as far as the run was told when it called. */
function workingAmong(
  ids: readonly string[],
  { signals, workload, decided }: Look,
  { clock }: Call,
): readonly string[] {
  const busy = signals.get(`${workload}Busy`);
  if (busy?.kind !== "perNode") return ids;
  // A clock that jumps within a run makes a sample old at one moment and fresh at the next; old once is old.
  const now = Math.max(clock, decided?.lastDecision?.at ?? clock);
  return ids.filter((id) => {
    const newest = busy.nodes[id]?.samples.at(-1);
    return newest !== undefined && now - newest[0] <= MAX_AGE && newest[1] !== 0;
  });
}

/** The nodes that a plain size would let the cloud choose from, if it is below their number. */
const choosable = (nodes: readonly NodeState[], wanted: number): readonly string[] =>
  wanted < nodes.length ? nodes.map((n) => n.id) : [];

export const busyNodesStay: Invariant = {
  name: "I7",
  says: "Unless the work is interruptible, no node goes that works or may work, but by a force that is due and stands in the audit.",
  watch: () => {
    const forced = new Map<Invocation, Set<string>>();
    return (happening) => {
      if (happening.kind === "audited" && happening.entry.data.force !== undefined)
        forced.get(happening.invocation)?.delete(happening.entry.workload);
      if (happening.kind === "reconciled") {
        const [untold] = forced.get(happening.invocation) ?? [];
        forced.delete(happening.invocation);
        return untold === undefined ? null : `${untold}: nodes were taken by force, and the audit does not say so`;
      }
      if (happening.kind !== "called") return null;
      const { look, call } = happening;
      const plan = planOf(look);
      const state = look.pools.get(call.pool);
      if (plan.interruptible || state === undefined) return null;
      const { nodes, desired } = state;
      if ("nodes" in call.asks && call.asks.nodes >= desired) return null;
      const going = "remove" in call.asks ? call.asks.remove : choosable(nodes ?? [], call.asks.nodes);
      const stranger = going.find((id) => nodes?.some((n) => n.id === id) !== true);
      if (stranger !== undefined) return `${call.pool} is to lose ${stranger}, which it does not have`;
      const [working] = workingAmong(going, look, call);
      if (working === undefined) return null;
      if (!forceIsDue(look, plan)) return `${call.pool} is to lose ${working}, which works or may work`;
      forced.set(look.invocation, (forced.get(look.invocation) ?? new Set()).add(look.workload));
      return null;
    };
  },
};
