import { noteRefusal } from "../decide/capacity/health.ts";
import { recordAccepted } from "../decide/history.ts";
import { VersionConflict } from "../memory/errors.ts";
import type { Lease } from "../memory/memory.ts";
import type { Decision } from "../model/decision.ts";
import type { Intent, WorkloadMemory } from "../model/memory.ts";
import type { Wake } from "../model/observation.ts";
import type { Facts } from "../notify/facts.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { heldByStop } from "../stop/held-by-stop.ts";
import { type Action, act, type Change, intentsFor } from "./act.ts";
import { auditLook, auditOutcome, auditResolutions } from "./audit.ts";
import type { ReconcileDeps } from "./deps.ts";
import { factsOf } from "./facts.ts";
import { ACT_TIMEOUT_MS, LEASE_MARGIN, LEASE_TTL, MAX_SAVES } from "./limits.ts";
import { type Look, look } from "./look.ts";
import { lookAgain, takenByForce } from "./second-look.ts";
import { noteOwnSpending } from "./spending.ts";
import { updateMemory } from "./update-memory.ts";

/** What one run came to. `leased`: another run has the workload, and looks at it itself. */
export type Outcome =
  | { readonly kind: "leased" }
  | {
      readonly kind: "done";
      readonly decision: Decision;
      readonly actions: readonly Action[];
      /** What people may want to be told. */
      readonly facts: Facts;
    };

/** An intent and the change it announces. */
interface Announced {
  readonly change: Change;
  readonly intent: Intent;
}

/**
 * One run for one workload: lease, observe, decide, note the intent, act, record the outcome. The only code that makes a
 * mutating cloud call. Safe to run twice, or to be cut off anywhere. Throws when the memory does not answer (try again
 * later) or the workload is not in the policy; whatever a cloud says is an outcome.
 */
export async function reconcile(wake: Wake, deps: ReconcileDeps): Promise<Outcome> {
  const key = `workload#${wake.workload}`;
  const lease = await deps.memory.acquire(key, deps.newId(), LEASE_TTL, deps.clock());
  if (lease === null) return { kind: "leased" };
  try {
    return await runAgainstLatest(wake, lease, deps);
  } finally {
    await deps.memory.release(lease);
  }
}

/**
 * Looks again when an operator saved while we looked, so that his word holds now. Handed back to the queue instead, the wake-up
 * would stay hidden for the queue's visibility, and the operator's own behind it. After a call the same is safe: its intent is
 * open, and the next look settles it by reading.
 */
async function runAgainstLatest(wake: Wake, lease: Lease, deps: ReconcileDeps): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run(wake, lease, deps);
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === MAX_SAVES) throw error;
    }
  }
}

async function run(wake: Wake, lease: Lease, deps: ReconcileDeps): Promise<Outcome> {
  const { value, version } = await deps.memory.load(wake.workload);
  const looked = await look(deps, wake.workload, wake.trigger, value);
  const seen = { ...looked, changes: await heldByStop(looked.changes, deps) };
  const { decision } = seen.decided;
  const intents = intentsFor(seen.changes, lease, seen.revision, deps.newId, seen.now);
  const noted = { ...seen.decided.memory, intents: [...seen.decided.memory.intents, ...intents] };
  // The audit first: what the memory has forgotten, no later run could tell.
  for (const entry of auditResolutions(wake.workload, seen)) await deps.memory.append(entry);
  await Promise.all([
    deps.memory.save(wake.workload, noted, version),
    noteOwnSpending(deps, seen.policy, seen.decided),
  ]);
  const announced = intents.flatMap((intent) => {
    const change = seen.changes.find((c) => c.pool.name === intent.pool);
    return change === undefined ? [] : [{ intent, change }];
  });
  const acted = await actOn(announced, seen, lease, deps);
  const waiting = seen.changes.filter((c) => c.waits !== null).map(toWaiting);
  const actions = [...acted, ...waiting];
  await report(wake, seen, actions, value, deps);
  if (announced.length > 0) {
    await updateMemory(deps.memory, wake.workload, (stored) =>
      withOutcomes(stored, seen, announced, acted, deps.clock()),
    );
  }
  return { kind: "done", decision, actions, facts: factsOf(wake.workload, seen, actions) };
}

const toWaiting = (change: Change): Action => ({ ...change, result: { kind: "waiting" } });

/**
 * Growth before shrinking, so that nothing is taken away before its replacement was granted; and a second look before shrinking,
 * for what was idle may have begun to work.
 */
async function actOn(
  announced: readonly Announced[],
  seen: Look,
  lease: Lease,
  deps: ReconcileDeps,
): Promise<readonly Action[]> {
  const abort = AbortSignal.timeout(ACT_TIMEOUT_MS);
  const intentOf = new Map(announced.map(({ change, intent }) => [change.pool.name, intent]));
  const one = async (change: Change): Promise<Action> => {
    const intent = intentOf.get(change.pool.name);
    if (intent === undefined || change.waits !== null) return toWaiting(change);
    if (deps.clock() > lease.expiresAt - LEASE_MARGIN) {
      const message = `the lease ran out before pool ${change.pool.name} could be asked for ${change.to}; the next run goes on`;
      return { ...change, result: { kind: "failed", error: { kind: "Busy", message } } };
    }
    return act(change, intent, deps.pools, abort);
  };
  const changes = announced.map(({ change }) => change);
  const grown = await Promise.all(changes.filter((c) => c.to > c.from).map(one));
  const shrinking = await lookAgain(
    changes.filter((c) => c.to < c.from),
    seen,
    deps,
    abort,
  );
  return [...grown, ...(await Promise.all(shrinking.map(one)))];
}

/** Whether nobody can say if the call took effect: then its intent stays open, and the next run reads the pool. */
const unheard = (action: Action): boolean =>
  action.result.kind === "failed" && action.result.error.kind === "Unavailable";

function withOutcomes(
  stored: WorkloadMemory,
  { decided, workload }: Look,
  announced: readonly Announced[],
  actions: readonly Action[],
  now: EpochSeconds,
): WorkloadMemory {
  const byPool = new Map(actions.map((a) => [a.pool.name, a]));
  const ours = new Set(announced.map((a) => a.intent.id));
  const intents = stored.intents.flatMap((intent) => {
    const action = ours.has(intent.id) ? byPool.get(intent.pool) : undefined;
    if (action === undefined) return [intent];
    const { to, remove, result } = action;
    if (unheard(action)) return [{ ...intent, to, remove }];
    return result.kind === "accepted" ? [{ ...intent, to, remove, operation: result.operation }] : [];
  });
  // A removal counts when the size is seen to fall (`intents.ts`).
  const accepted = actions.filter((a) => a.result.kind === "accepted" && a.remove === null);
  const change = accepted.reduce((sum, a) => sum + a.to - a.from, 0);
  const next = actions.reduce<WorkloadMemory>(
    (noted, { pool, from, to, result }) =>
      result.kind === "failed" && to > from ? noteRefusal(noted, workload, pool.name, result.error.kind, now) : noted,
    { ...stored, intents },
  );
  if (accepted.length === 0) return next;
  const from = decided.memory.assigned?.before.total ?? decided.decision.current;
  return recordAccepted(next, workload, { from, to: from + change }, now);
}

async function report(
  wake: Wake,
  seen: Look,
  actions: readonly Action[],
  before: WorkloadMemory,
  deps: ReconcileDeps,
): Promise<void> {
  const { decision } = seen.decided;
  deps.telemetry.count("Decisions", 1, decision.reason);
  for (const action of actions) {
    if (action.result.kind === "accepted") deps.telemetry.count("Resizes", 1, decision.reason);
    if (action.result.kind === "failed") deps.telemetry.count("ResizeFailures", 1, action.result.error.kind);
  }
  const { workload, current, want, reason, detail } = decision;
  deps.telemetry.info("decided", { workload, trigger: wake.trigger, cause: wake.cause, current, want, reason, detail });
  const forced = takenByForce(seen);
  for (const entry of [
    ...auditLook(wake, seen, before, actions, forced),
    ...actions.flatMap((a) => auditOutcome(wake.workload, a, forced, deps.clock())),
  ]) {
    await deps.memory.append(entry);
  }
}
