import { FUNCTION_LIMITS } from "../../../infra/limits.ts";
import type { Override } from "../../../shared/model/memory.ts";
import type { EpochSeconds } from "../../../shared/policy/units.ts";
import { type Call, type Look, seenSizes } from "../look.ts";
import { planOf } from "../plan-of.ts";
import type { Invariant } from "./invariant.ts";

/** An operator's word, and the true time at which it became durable. */
interface Word {
  readonly override: Override;
  readonly since: EpochSeconds;
}

const isOperators = (id: string): boolean => id.startsWith("invoke");
const sameWord = (a: Override, b: Override): boolean => a.kind === b.kind && a.at === b.at && a.until === b.until;

/** How a call goes against a word; null if it does not. */
function disobeys(look: Look, call: Call, word: Override): string | null {
  const plan = planOf(look);
  const seen =
    seenSizes(
      look,
      plan.pools.map((p) => p.name),
    ).get(call.pool) ?? 0;
  const grows = "nodes" in call.asks && call.asks.nodes > seen;
  if (word.kind !== "pause" || (word.direction === "in" && grows) || (word.direction === "out" && !grows)) return null;
  return `${call.pool} is asked to ${grows ? "grow" : "shrink"} while scaling ${word.direction} is paused`;
}

/** Whether a decision leaves the size that an operator holds, where nothing that outranks a hold stands in the way. */
function leavesHold(look: Look, words: readonly Override[], budgeted: boolean): string | null {
  const plan = planOf(look);
  const decision = look.decided?.lastDecision ?? null;
  const hold = words.find((word) => word.kind === "hold");
  // A pause may be younger than what has to be heard by now, and the look know of it all the same.
  const paused = look.loaded.overrides.some((word) => word.kind === "pause");
  const blind = plan.pools.some((p) => !look.pools.has(p.name));
  if (hold === undefined || decision === null || paused || blind || budgeted || hold.nodes > plan.max) return null;
  const { current, want } = decision;
  return want === hold.nodes ? null : `${plan.id}: ${current} -> ${want} while held at ${hold.nodes}`;
}

export const operatorsAreObeyed: Invariant = {
  name: "I4",
  says: "An operator's word is never lost before its end, and no call goes against it once it is durable and a run's time-out is over.",
  watch: ({ scheduler, original }) => {
    const words = new Map<string, readonly Word[]>();
    return (happening) => {
      if (happening.kind === "saved") {
        const { workload, before, after, invocation } = happening;
        const known = words.get(workload) ?? [];
        if (!isOperators(invocation.id)) {
          // By the clock as it was when the run looked: it may have stepped back since.
          const now = Math.max(invocation.clock(), after.lastDecision?.at ?? 0);
          const lost = before.overrides.find(
            (o) => o.until > now && !after.overrides.some((kept) => sameWord(o, kept)),
          );
          return lost === undefined ? null : `${invocation.id} drops the ${lost.kind} of ${workload} before its end`;
        }
        const now = scheduler.now;
        const next = after.overrides.map((override): Word => {
          const since = known.find((word) => sameWord(word.override, override))?.since ?? now;
          return { override, since };
        });
        words.set(workload, next);
        return null;
      }
      if (happening.kind !== "called" && happening.kind !== "decided") return null;
      const { look } = happening;
      // Over is over, also for a clock that is behind.
      const now = Math.max(scheduler.now, look.decided?.lastDecision?.at ?? Number.POSITIVE_INFINITY);
      const heard = (words.get(look.workload) ?? [])
        .filter(
          ({ since, override }) => since + FUNCTION_LIMITS.reconcile.timeout < scheduler.now && now < override.until,
        )
        .map(({ override }) => override);
      if (happening.kind === "decided") return leavesHold(look, heard, original.budget !== null);
      const { call } = happening;
      return heard.map((word) => disobeys(look, call, word)).find((against) => against !== null) ?? null;
    };
  },
};
