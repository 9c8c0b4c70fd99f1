import { type Look, look } from "../../shared/reconcile/look.ts";
import type { InvokeDeps } from "./deps.ts";
import { type Reply, summarize } from "./reply.ts";
import type { RequestOf } from "./request.ts";

async function lookAt(workload: string, deps: InvokeDeps): Promise<Look> {
  const { value } = await deps.memory.load(workload);
  return look(deps, workload, "invoke", value);
}

const changesOf = (seen: Look) =>
  seen.changes.map((c) => ({ pool: c.pool.name, from: c.from, to: c.to, waits: c.waits }));

/** What a run would do now, and does not. */
export async function plan({ workload }: RequestOf<"plan">, deps: InvokeDeps): Promise<Reply> {
  const seen = await lookAt(workload, deps);
  const { current, want, reason, detail, pools } = seen.decided.decision;
  const summary = summarize(workload, current, want, reason, detail);
  return {
    summary,
    workload,
    current,
    want,
    reason,
    detail,
    pools,
    changes: changesOf(seen),
    policyRevision: seen.revision,
  };
}

/** The whole reasoning behind what a run would do now, from the same look. */
export async function explain({ workload }: RequestOf<"explain">, deps: InvokeDeps): Promise<Reply> {
  const seen = await lookAt(workload, deps);
  const { decision, memory } = seen.decided;
  const { current, want, reason, detail } = decision;
  return {
    summary: summarize(workload, current, want, reason, detail),
    decision,
    changes: changesOf(seen),
    nodes: seen.workload.nodes,
    mode: seen.observing ? "observe" : "enforce",
    poolStates: seen.observation.pools,
    overrides: memory.overrides,
    lastChange: memory.lastChange,
    policyRevision: seen.revision,
  };
}
