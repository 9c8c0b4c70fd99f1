import { outlook } from "../../shared/decide/outlook.ts";
import { gpuCounts } from "../../shared/decide/placement/gpu-counts.ts";
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

/** How many workloads are looked at at once: enough to be quick, few enough for the metric source. */
const PARALLEL = 20;

async function planOf(workload: string, deps: InvokeDeps) {
  const seen = await lookAt(workload, deps);
  const { current, want, reason, detail, pools } = seen.decided.decision;
  return { workload, current, want, reason, detail, pools, changes: changesOf(seen), policyRevision: seen.revision };
}

/** What a run would do now for one workload, or for every one, and does not. */
export async function plan({ workload }: RequestOf<"plan">, deps: InvokeDeps): Promise<Reply> {
  const { policy } = await deps.policy();
  const names = workload === undefined ? Object.keys(policy.workloads) : [workload];
  const workloads: Awaited<ReturnType<typeof planOf>>[] = [];
  for (let i = 0; i < names.length; i += PARALLEL) {
    workloads.push(...(await Promise.all(names.slice(i, i + PARALLEL).map((name) => planOf(name, deps)))));
  }
  const pending = workloads.filter((w) => w.changes.length > 0).length;
  const [first] = workloads;
  const summary =
    first !== undefined && workloads.length === 1
      ? summarize(first.workload, first.current, first.want, first.reason, first.detail)
      : `${policy.fleet}: ${workloads.length} workloads, ${pending} with changes pending`;
  return { summary, fleet: policy.fleet, pending, workloads };
}

/** The whole reasoning behind what a run would do now, from the same look. */
export async function explain({ workload }: RequestOf<"explain">, deps: InvokeDeps): Promise<Reply> {
  const seen = await lookAt(workload, deps);
  const { decision, memory } = seen.decided;
  const { current, want, reason, detail } = decision;
  return {
    summary: summarize(workload, current, want, reason, detail),
    decision,
    outlook: outlook(decision, seen.workload, memory),
    changes: changesOf(seen),
    nodes: seen.workload.nodes,
    gpus: gpuCounts(seen.workload.gpu, current),
    mode: seen.observing ? "observe" : "enforce",
    poolStates: seen.observation.pools,
    overrides: memory.overrides,
    lastChange: memory.lastChange,
    policyRevision: seen.revision,
  };
}
