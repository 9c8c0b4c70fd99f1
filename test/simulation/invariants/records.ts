import { REASONS } from "../../../shared/model/reasons.ts";
import type { Invocation } from "../invocation.ts";
import { type Look, ownIntents } from "../look.ts";
import { TOKEN } from "../world.ts";
import type { Invariant } from "./invariant.ts";

/** Whether a look's decision says another thing than the one before, or moves something. */
function isNews(look: Look): boolean {
  const [before, now] = [look.loaded.lastDecision, look.decided?.lastDecision ?? null];
  if (now === null) return false;
  return before === null || before.want !== now.want || before.reason !== now.reason || ownIntents(look).length > 0;
}

export const everyDecisionIsToldOnce: Invariant = {
  name: "I13",
  says: "Every decision has a reason and says why; a run that ends well has put what is new of it into the audit.",
  watch: () => {
    const audited = new Map<Invocation, Set<string>>();
    return (happening) => {
      if (happening.kind === "audited" && happening.entry.type === "decided") {
        const { invocation, entry } = happening;
        audited.set(invocation, (audited.get(invocation) ?? new Set()).add(entry.workload));
      }
      if (happening.kind === "decided") {
        const decision = happening.look.decided?.lastDecision ?? null;
        if (decision === null || !Object.hasOwn(REASONS, decision.reason) || decision.detail === "")
          return `${happening.look.workload}: a decision without a reason`;
      }
      if (happening.kind !== "reconciled") return null;
      const told = audited.get(happening.invocation);
      const untold = happening.looks.find((look) => isNews(look) && told?.has(look.workload) !== true);
      audited.delete(happening.invocation);
      return untold === undefined
        ? null
        : `${untold.workload}: the decision of ${untold.invocation.id} is not in the audit`;
    };
  },
};

export const noSecrets: Invariant = {
  name: "I14",
  says: "The token that Alertmanager shows stands in no log line, audit event, reply or memory.",
  watch:
    ({ items }) =>
    (happening) => {
      if (happening.kind === "written" && happening.text.includes(TOKEN))
        return `the token stands in ${happening.where}`;
      if (happening.kind !== "saved") return null;
      const text = items.memories.get(happening.workload)?.text ?? "";
      return text.includes(TOKEN) ? `the token stands in the memory of ${happening.workload}` : null;
    },
};

/** What a run may fail with: the memory does not answer, or somebody else was quicker. */
const EXPECTED = /"error":"(MemoryUnavailable|VersionConflict|WakeQueueUnavailable): /;

export const nothingBreaks: Invariant = {
  name: "I0",
  says: "No run fails for any other reason than that its memory or queue did not answer, or that somebody else saved first.",
  watch: () => (happening) => {
    if (happening.kind !== "written" || happening.where !== "the log") return null;
    const failed = happening.text.startsWith("reconcile failed") || happening.text.startsWith("unreadable message");
    return failed && !EXPECTED.test(happening.text) ? happening.text : null;
  },
};
