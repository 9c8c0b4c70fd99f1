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
};

function auditResolution(workload: string, resolution: Resolution, now: EpochSeconds): readonly AuditEntry[] {
  if (resolution.kind === "running") return [];
  const { id, pool, from, to } = resolution.intent;
  const error = resolution.kind === "failed" ? { error: resolution.error } : {};
  const data = { intent: id, pool, from, to, resolution: RESOLUTION[resolution.kind], ...error };
  return [{ workload, type: resolution.kind === "failed" ? "failed" : "resolved", time: rfc3339(now), data }];
}

/** A decision is news when it wants another size, or gives another answer than the last one did. */
function isNews(seen: Look, before: WorkloadMemory): boolean {
  const { want, current, reason } = seen.decided.decision;
  const last = before.lastDecision;
  return want !== current || last === null || last.want !== want || last.reason !== reason;
}

/**
 * What the audit keeps of a look: earlier calls whose end is now known, and the decision if it is news, with the changes
 * that have to wait and why.
 */
export function auditLook(wake: Wake, seen: Look, before: WorkloadMemory): readonly AuditEntry[] {
  const { workload, trigger, cause } = wake;
  const { current, want, pools, reason, detail } = seen.decided.decision;
  const resolved = seen.resolutions.flatMap((r) => auditResolution(workload, r, seen.now));
  if (!isNews(seen, before)) return resolved;
  const waiting = seen.changes.flatMap((c) =>
    c.waits === null ? [] : [{ pool: c.pool.name, to: c.to, reason: c.waits }],
  );
  const data = { trigger, cause, current, want, pools, reason, detail, waiting, policyRevision: seen.revision };
  return [...resolved, { workload, type: "decided", time: rfc3339(seen.now), data }];
}

/** What the audit keeps of one change: what was asked of the cloud and what it said. Empty for one that was not asked. */
export function auditOutcome(workload: string, action: Action, now: EpochSeconds): readonly AuditEntry[] {
  const { pool, from, to, result } = action;
  const entry = (type: AuditEntry["type"], more: object): readonly AuditEntry[] => [
    { workload, type, time: rfc3339(now), data: { pool: pool.name, from, to, ...more } },
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
