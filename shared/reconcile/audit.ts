import { ranOut } from "../decide/scale-in/wait.ts";
import type { AuditEntry } from "../model/audit.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import type { Wake } from "../model/observation.ts";
import type { EpochSeconds } from "../policy/units.ts";
import type { Action } from "./act.ts";
import type { Resolution } from "./intents.ts";
import type { Look } from "./look.ts";
import { rfc3339 } from "./rfc3339.ts";

const RESOLUTION: Readonly<Record<Exclude<Resolution["kind"], "running">, string>> = {
  done: "the cloud finished the operation",
  failed: "the cloud's operation failed",
  tookEffect: "the outcome was not heard; the pool shows that the call took effect",
  noEffect: "the outcome was not heard; the pool shows that the call did not take effect",
  leftAlone: "the outcome was not heard, and the policy no longer has the pool: nobody looks at it any more",
};

/** Earlier calls whose end is now known. To be kept before the memory forgets them. */
export const auditResolutions = (workload: string, { resolutions, now }: Look): readonly AuditEntry[] =>
  resolutions.flatMap((r) => auditResolution(workload, r, now));

function auditResolution(workload: string, resolution: Resolution, now: EpochSeconds): readonly AuditEntry[] {
  if (resolution.kind === "running") return [];
  const { id, pool, from, to, remove } = resolution.intent;
  const error = resolution.kind === "failed" ? { error: resolution.error } : {};
  const data = { intent: id, pool, from, to, ...nodesOf(remove), resolution: RESOLUTION[resolution.kind], ...error };
  return [{ workload, type: resolution.kind === "failed" ? "failed" : "resolved", time: rfc3339(now), data }];
}

/** Nodes that were named; a size alone names none. */
const nodesOf = (remove: readonly string[] | null): { readonly nodes?: readonly string[] } =>
  remove === null ? {} : { nodes: remove };

/**
 * A decision is news when something was to be done about it, when it gives another answer than the last one did, or when busy
 * nodes have just been waited for long enough. That nodes are still waited for is none.
 */
function isNews({ decided, workload, changes, now }: Look, before: WorkloadMemory): boolean {
  const { want, reason } = decided.decision;
  const last = before.lastDecision;
  if (last === null || last.want !== want || last.reason !== reason) return true;
  return changes.length > 0 || ranOut(before, decided.memory, workload, now);
}

/**
 * What the audit keeps of a look: earlier calls whose end is now known, and the decision if it is news, with the changes
 * that have to wait and why, and the pools whose nodes go by force.
 */
export function auditLook(
  wake: Wake,
  seen: Look,
  before: WorkloadMemory,
  actions: readonly Action[],
  forced: ReadonlySet<string>,
): readonly AuditEntry[] {
  const { workload, trigger, cause } = wake;
  const { current, want, pools, remove, reason, detail } = seen.decided.decision;
  if (!isNews(seen, before)) return [];
  const waiting = actions.flatMap((a) =>
    a.waits === null ? [] : [{ pool: a.pool.name, to: a.to, reason: a.waits, ...nodesOf(a.remove) }],
  );
  const data = {
    trigger,
    cause,
    current,
    want,
    pools,
    reason,
    detail,
    waiting,
    policyRevision: seen.revision,
    ...(Object.keys(remove).length === 0 ? {} : { remove }),
    ...(forced.size === 0 ? {} : { force: [...forced] }),
  };
  return [{ workload, type: "decided", time: rfc3339(seen.now), data }];
}

/**
 * What the audit keeps of one change: what was asked of the cloud, of which nodes and whether by force, and what it said. Empty
 * for one that was not asked.
 */
export function auditOutcome(
  workload: string,
  action: Action,
  forced: ReadonlySet<string>,
  now: EpochSeconds,
): readonly AuditEntry[] {
  const { pool, from, to, remove, result } = action;
  const force = to < from && forced.has(pool.name) ? { force: true } : {};
  const entry = (type: AuditEntry["type"], more: object): readonly AuditEntry[] => [
    { workload, type, time: rfc3339(now), data: { pool: pool.name, from, to, ...nodesOf(remove), ...force, ...more } },
  ];
  switch (result.kind) {
    case "accepted":
      return entry("acted", { operation: result.operation.token });
    case "failed":
      return entry("failed", { error: result.error });
    case "waiting":
      return [];
    default:
      return result satisfies never;
  }
}
