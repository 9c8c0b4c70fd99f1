import type { PoolHealth, PoolMemory, PoolTrouble, WorkloadMemory } from "../../model/memory.ts";
import type { PoolErrorKind, PoolState } from "../../model/pool.ts";
import { own } from "../../policy/own.ts";
import type { Workload } from "../../policy/schema/workload.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";

/** A used-up quota is raised by people, not by waiting: asking again sooner only burns the API's own quota. */
const QUOTA_BACKOFF: Seconds = 1800;

/** How long a problem without a time of its own must stand beside an unmet wish before it counts as a refusal. */
const STANDING: Seconds = 60;

/** A pool that has given no trouble, or that nothing is known of. */
export const NEVER_FAILED: PoolHealth = {
  owingSince: null,
  failures: 0,
  heard: null,
  failedAt: null,
  trouble: null,
  backoffUntil: null,
};

type Rules = Pick<Workload, "spot" | "provisionTimeout">;

const givenBy = (state: PoolState): number => Math.max(state.ready, state.nodes?.length ?? 0);

/** Since when the pool has owed nodes without any progress; null while it owes none. */
function owingSince(state: PoolState, last: PoolMemory | undefined, now: EpochSeconds): EpochSeconds | null {
  if (state.desired <= state.ready) return null;
  const progressed = last !== undefined && (state.ready > last.ready || state.desired !== last.desired);
  return progressed ? now : (last?.health.owingSince ?? now);
}

const isCapacity = (kind: PoolErrorKind): kind is "NoCapacity" | "QuotaExceeded" =>
  kind === "NoCapacity" || kind === "QuotaExceeded";

/** What went wrong since the last look, if anything: a refusal that is news, a standing problem, or no progress for too long. */
function newTrouble(
  state: PoolState,
  past: PoolHealth,
  since: EpochSeconds | null,
  rules: Rules,
  now: EpochSeconds,
): PoolTrouble | null {
  if (since === null) return null;
  const issues = state.issues.map((issue) => issue.kind).filter(isCapacity);
  const told = issues.includes("QuotaExceeded") ? "QuotaExceeded" : issues[0];
  if (state.capacityError !== null && state.capacityError > (past.heard ?? Number.NEGATIVE_INFINITY))
    return told ?? "NoCapacity";
  // Once the machines are there, what is missing is their boot, which has its own time; what the cloud still says is history.
  const given = givenBy(state) >= state.desired;
  if (told !== undefined && !given && now - since >= STANDING) return told;
  const patience = given ? rules.provisionTimeout : rules.spot.fallbackAfter;
  return now - since >= patience ? "NoProgress" : null;
}

function backoff(trouble: PoolTrouble, failures: number, { spot }: Rules): Seconds {
  const exponential = Math.min(spot.backoff.initial * 2 ** (failures - 1), spot.backoff.max);
  return trouble === "QuotaExceeded" ? Math.max(exponential, QUOTA_BACKOFF) : exponential;
}

const failed = (past: PoolHealth, trouble: PoolTrouble, rules: Rules, now: EpochSeconds): PoolHealth => ({
  ...past,
  failures: past.failures + 1,
  failedAt: now,
  trouble,
  backoffUntil: now + backoff(trouble, past.failures + 1, rules),
});

const backingOff = (health: PoolHealth, now: EpochSeconds): boolean =>
  health.backoffUntil !== null && now < health.backoffUntil;

/**
 * How well a pool delivers, as it is seen now. A node that comes clears its troubles; a refusal, or `fallbackAfter` without
 * progress, adds one and a backoff that doubles from `initial` to `max` (Cluster Autoscaler's node-group backoff).
 */
export function healthOf(state: PoolState, last: PoolMemory | undefined, rules: Rules, now: EpochSeconds): PoolHealth {
  const owing = owingSince(state, last, now);
  const past: PoolHealth = { ...(last?.health ?? NEVER_FAILED), owingSince: owing };
  const delivered = last !== undefined && state.ready > last.ready;
  const heard = state.capacityError === null ? past.heard : Math.max(state.capacityError, past.heard ?? 0);
  const current = { ...past, heard, ...(delivered && { failures: 0, backoffUntil: null }) };
  // What the pool does while it is left alone was asked of it before.
  const trouble = backingOff(past, now) ? null : newTrouble(state, past, owing, rules, now);
  return trouble === null ? current : failed(current, trouble, rules, now);
}

/** The memory once a pool's cloud refused a call for want of room. Other refusals say nothing of the pool's capacity. */
export function noteRefusal(
  memory: WorkloadMemory,
  workload: Workload,
  pool: string,
  kind: PoolErrorKind,
  now: EpochSeconds,
): WorkloadMemory {
  const last = own(memory.pools, pool);
  if (last === undefined || !isCapacity(kind) || backingOff(last.health, now)) return memory;
  const health = failed(last.health, kind, workload, now);
  return { ...memory, pools: { ...memory.pools, [pool]: { ...last, health } } };
}
