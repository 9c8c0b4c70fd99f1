import type { LearnedPool, Order } from "../../model/learned.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import type { PoolSize } from "../size.ts";
import { trim } from "../trim.ts";

/** YOUNG: within that time a spell is as likely to end as ever after; from then on, the longer it lasted the longer it lasts. */
const YOUNG: Seconds = 900;
/** PRIOR: one loss in a spell of typical length, before anything is known of a pool. */
const PRIOR = 1;
/** FADING: what a loss leaves of the weight of those before it. */
const FADING = 0.95;
/** GRANTED: a cloud that has no node says so within this time. */
const GRANTED: Seconds = 60;
/** NEWS: a refusal that is older than this at first sight is history. */
const NEWS: Seconds = 300;
/** MAX_ORDERS: orders remembered of one pool; the oldest are merged. */
const MAX_ORDERS = 8;

export const lifeScale = (age: Seconds): number => Math.log1p(Math.max(0, age) / YOUNG);

const givenNow = (p: PoolSize): number => Math.max(0, p.given - p.noticed);

/** Losses an hour that are to be expected of a spot pool now (Lomax: the hazard falls with the age of the spell). */
export function hazardOf(pool: LearnedPool, now: EpochSeconds): number {
  const age = pool.upSince === null ? 0 : Math.max(0, now - pool.upSince);
  const shape = (pool.losses + PRIOR) / (pool.exposure + (pool.upSince === null ? 0 : lifeScale(age)) + PRIOR);
  return (shape / (YOUNG + age)) * 3600;
}

/** Nodes, or requests, that the orders add up to. */
export function sumOf(orders: readonly Order[]): number {
  return orders.reduce((sum, o) => sum + o.nodes, 0);
}

/** The first `nodes` of the orders. */
export function firstOf(orders: readonly Order[], nodes: number): readonly Order[] {
  let left = nodes;
  return orders.flatMap((o) => {
    const taken = Math.min(left, o.nodes);
    left -= taken;
    return taken > 0 ? [{ at: o.at, nodes: taken }] : [];
  });
}

/** The orders that are open now: those that came are taken off the front, what was withdrawn off the end. */
function ordersNow(last: LearnedPool | undefined, p: PoolSize, since: EpochSeconds): readonly Order[] {
  const owed = Math.max(0, p.desired - p.ready);
  const open = last?.orders ?? [];
  const came = Math.max(0, p.ready - (last?.ready ?? p.ready));
  const left = firstOf([...open].reverse(), Math.max(0, sumOf(open) - came)).toReversed();
  const kept = firstOf(left, owed);
  const fresh = owed - sumOf(kept);
  const all = fresh > 0 ? [...kept, { at: since, nodes: fresh }] : kept;
  const merged = all.slice(0, Math.max(0, all.length - MAX_ORDERS + 1));
  if (all.length <= MAX_ORDERS) return all;
  return [{ at: merged[0]?.at ?? since, nodes: sumOf(merged) }, ...all.slice(merged.length)];
}

/** Nodes that went without our asking, whether the cloud gave notice or not. */
function lost(last: LearnedPool, p: PoolSize): boolean {
  if (p.noticed > last.noticed) return true;
  const shrunk = Math.max(0, last.desired - p.desired);
  return last.ready - p.ready > last.noticed + shrunk;
}

const FIRST: LearnedPool = {
  desired: 0,
  ready: 0,
  noticed: 0,
  given: 0,
  orders: [],
  upSince: null,
  losses: 0,
  exposure: 0,
  shut: false,
  limit: 0,
  triedAt: 0,
  probing: false,
  refusals: 0,
  heard: null,
};

/** What is known of a pool now. `since`: when it was last looked at. */
export function lookAt(
  last: LearnedPool | undefined,
  p: PoolSize,
  refusedAt: EpochSeconds | null,
  since: EpochSeconds,
  now: EpochSeconds,
): LearnedPool {
  const given = givenNow(p);
  const base: LearnedPool = {
    ...(last ?? FIRST),
    desired: p.desired,
    ready: p.ready,
    noticed: p.noticed,
    given,
    orders: ordersNow(last, p, since),
    triedAt: last?.triedAt ?? now,
  };
  const heard = refusedAt !== null && refusedAt > (last?.heard ?? now - NEWS);
  const next = { ...base, heard: refusedAt === null ? base.heard : Math.max(refusedAt, base.heard ?? refusedAt) };
  if (last !== undefined && lost(last, p)) return afterLoss(next, now);
  if (heard)
    return {
      ...next,
      shut: true,
      limit: given,
      triedAt: now,
      probing: false,
      refusals: next.refusals + 1,
      upSince: given > 0 ? next.upSince : null,
    };
  // Where nodes cannot be counted before they are ready, silence for a minute is a yes.
  const silent = next.orders.some((o) => o.at >= next.triedAt && now - o.at >= GRANTED);
  const granted = next.shut && next.probing && (given > (last?.given ?? 0) || silent);
  if (granted) return { ...next, shut: false, probing: false, refusals: 0, upSince: now };
  return next.upSince === null && given > 0 && !next.shut ? { ...next, upSince: now } : next;
}

function afterLoss(pool: LearnedPool, now: EpochSeconds): LearnedPool {
  const spell = pool.upSince === null ? 0 : lifeScale(now - pool.upSince);
  return {
    ...pool,
    losses: trim(pool.losses * FADING + 1),
    exposure: trim(pool.exposure * FADING + spell),
    upSince: null,
    shut: true,
    limit: pool.given,
    triedAt: now,
    probing: false,
    refusals: 1,
  };
}

/** Nodes that a pool has or will get, those under notice aside. What it refused to give is not coming, what it gave before is. */
export function comingOf(pool: LearnedPool): number {
  const lasting = Math.max(0, pool.desired - pool.noticed);
  return pool.shut ? Math.min(Math.max(pool.given, pool.limit), lasting) : lasting;
}
