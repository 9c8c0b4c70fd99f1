import { inForce } from "../../shared/decide/stages/overrides.ts";
import type { PolicyInForce } from "../../shared/reconcile/deps.ts";
import { workloadOf } from "../../shared/reconcile/look.ts";
import { observePool } from "../../shared/reconcile/observe.ts";
import type { InvokeDeps } from "./deps.ts";
import type { Reply } from "./reply.ts";
import type { RequestOf } from "./request.ts";

/** Milliseconds for the clouds to answer; what does not answer is shown as such. */
const STATUS_TIMEOUT_MS = 8_000;

async function statusOf(name: string, inPolicy: PolicyInForce, deps: InvokeDeps) {
  const workload = workloadOf(inPolicy, name);
  const abort = AbortSignal.timeout(STATUS_TIMEOUT_MS);
  const [{ value }, ...pools] = await Promise.all([
    deps.memory.load(name),
    ...workload.pools.map(async (pool) => ({ pool, seen: await observePool(deps.pools, pool, abort) })),
  ]);
  const shown = pools.map(({ pool, seen }) => {
    const about = { name: pool.name, capacity: pool.capacity };
    if (seen.kind === "unseen")
      return { ...about, desired: null, ready: null, status: seen.error.kind, problem: seen.error.message };
    const { desired, ready, status, issues } = seen.state;
    return { ...about, desired, ready, status, problem: issues[0]?.message ?? null };
  });
  return {
    workload: name,
    min: workload.nodes.min,
    max: workload.nodes.max,
    desired: shown.reduce((sum, p) => sum + (p.desired ?? 0), 0),
    ready: shown.reduce((sum, p) => sum + (p.ready ?? 0), 0),
    pools: shown,
    lastDecision: value.lastDecision,
    overrides: inForce(value.overrides, deps.clock()),
    operations: value.intents.map(({ pool, from, to, at }) => ({ pool, from, to, at })),
  };
}

/** Where one workload, or every one, stands: from memory and the clouds, without asking the metric sources. */
export async function status({ workload }: RequestOf<"status">, deps: InvokeDeps): Promise<Reply> {
  const inPolicy = await deps.policy();
  const names = workload === undefined ? Object.keys(inPolicy.policy.workloads) : [workload];
  const workloads = await Promise.all(names.map((name) => statusOf(name, inPolicy, deps)));
  const { fleet, mode } = inPolicy.policy;
  const nodes = workloads.reduce((sum, w) => sum + w.desired, 0);
  const ready = workloads.reduce((sum, w) => sum + w.ready, 0);
  const summary = `${fleet}: ${workloads.length} workloads, ${nodes} nodes asked for, ${ready} ready`;
  return { summary, fleet, mode, at: deps.clock(), policyRevision: inPolicy.revision, workloads };
}
