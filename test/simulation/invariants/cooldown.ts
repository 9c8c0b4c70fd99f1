import type { EpochSeconds } from "../../../shared/policy/units.ts";
import { DOWN_FOR, PROVISION_TIMEOUT, UP_FOR } from "../blueprint.ts";
import { ownIntents, seenSizes, sumOf, targetsOf } from "../look.ts";
import { planOf } from "../plan-of.ts";
import type { Invariant } from "./invariant.ts";

/** The last change of a workload that vramp was told the cloud had accepted, by the clock of the run that was told. */
interface Change {
  readonly at: EpochSeconds;
  readonly to: number;
  /** Whether a later look saw all its nodes ready. */
  complete: boolean;
}

export const cooldown: Invariant = {
  name: "I9",
  says: "After a change a rule acts again only on a whole window of evidence, and does not add while what it asked for is under way.",
  watch: () => {
    const last = new Map<string, Change>();
    return (happening) => {
      if (happening.kind === "saved") {
        const { workload, after, before } = happening;
        const change = after.lastChange;
        if (change !== null && change.at !== before.lastChange?.at && change.settledAt === null)
          last.set(workload, { at: change.at, to: change.to, complete: false });
        return null;
      }
      if (happening.kind !== "decided") return null;
      const { look } = happening;
      const plan = planOf(look);
      const decision = look.decided?.lastDecision ?? null;
      const change = last.get(look.workload);
      if (decision === null || change === undefined) return null;
      const names = plan.pools.map((p) => p.name);
      const ready = [...look.pools.values()].reduce((sum, p) => sum + p.ready, 0);
      if (ready >= change.to) change.complete = true;
      if (decision.reason !== "RuleMatched" || ownIntents(look).length === 0) return null;
      const [from, to] = [sumOf(seenSizes(look, names)), sumOf(targetsOf(look, names))];
      const since = decision.at - change.at;
      const window = to > from ? UP_FOR : DOWN_FOR;
      // A clock that stepped back since knows nothing of the change yet.
      if (since < 0 || to === from) return null;
      if (since < window)
        return `${plan.id}: a rule acts ${since.toFixed(0)} s after the last change, and its window is ${window} s`;
      const underWay = to > from && !change.complete && from === change.to && since < PROVISION_TIMEOUT;
      return underWay ? `${plan.id}: a rule adds while ${change.to - ready} of ${change.to} nodes are under way` : null;
    };
  },
};
