import { FUNCTION_LIMITS } from "../../../infra/limits.ts";
import type { Intent } from "../../../shared/model/memory.ts";
import type { Invocation } from "../invocation.ts";
import type { Call } from "../look.ts";
import type { Invariant } from "./invariant.ts";

/** Whether an intent announces a call. A second look just before it may leave nodes out, never add any. */
function announces({ pool, from, to, remove }: Intent, { asks, pool: called }: Call): boolean {
  if (pool !== called) return false;
  if ("remove" in asks) return remove !== null && asks.remove.every((id) => remove.includes(id));
  return remove === null && (to > from ? asks.nodes === to : asks.nodes >= to && asks.nodes < from);
}

export const intentFirst: Invariant = {
  name: "I5",
  says: "Every mutating call has a durable intent, under the epoch of the run's own lease, that says what is asked.",
  watch: (world) => (happening) => {
    if (happening.kind !== "called") return null;
    const { look, call } = happening;
    const intent = world.stored(look.workload).intents.find((i) => announces(i, call));
    if (intent === undefined) return `${look.invocation.id} calls ${call.pool} and no stored intent says so`;
    if (intent.epoch === look.lease?.epoch) return null;
    return `${look.invocation.id} calls ${call.pool} under the intent of epoch ${intent.epoch}, and its own is ${look.lease?.epoch}`;
  },
};

export const outcomeAfterwards: Invariant = {
  name: "I5",
  says: "Every mutating call ends up in the audit with what came of it, from the run that made it or from a later one.",
  watch: (world) => {
    const open = new Map<string, { readonly call: Call; readonly invocation: Invocation }>();
    const settle = (which: (intent: string, by: Invocation, pool: string) => boolean): void => {
      for (const [intent, { call, invocation }] of open) if (which(intent, invocation, call.pool)) open.delete(intent);
    };
    return (happening) => {
      if (happening.kind === "called") {
        const { look, call } = happening;
        const intent = world.stored(look.workload).intents.find((i) => announces(i, call));
        if (intent !== undefined) open.set(intent.id, { call, invocation: look.invocation });
      }
      if (happening.kind === "audited") {
        const { type, data } = happening.entry;
        const own = type === "acted" || type === "failed";
        settle((id, by, pool) => data.intent === id || (own && by === happening.invocation && data.pool === pool));
      }
      if (happening.kind !== "rested") return null;
      const [left] = open.values();
      return left === undefined
        ? null
        : `nothing says what came of the call of ${left.invocation.id} to ${left.call.pool}`;
    };
  },
};

export const policyOfTheIntent: Invariant = {
  name: "I12",
  says: "An intent names the policy that decided it, and an older policy makes no call once a run's time-out is over after a deployment.",
  watch: (world) => (happening) => {
    if (happening.kind !== "called") return null;
    const { look, call } = happening;
    const { revision } = look.invocation.inForce;
    const intent = world.stored(look.workload).intents.find((i) => i.pool === call.pool);
    if (intent !== undefined && intent.policyRevision !== revision)
      return `the intent for ${call.pool} names policy ${intent.policyRevision.slice(0, 8)}, and ${revision.slice(0, 8)} decided it`;
    const old = revision !== world.policy.revision;
    if (old && world.scheduler.now > world.policySince + FUNCTION_LIMITS.reconcile.timeout)
      return `${call.pool} is called under a policy that was replaced`;
    return null;
  },
};
