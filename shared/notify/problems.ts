import type { MetProblem } from "../model/outbox.ts";
import { POOL_ERRORS, type PoolErrorKind } from "../model/pool.ts";
import type { EpochSeconds } from "../policy/units.ts";
import type { Facts } from "./facts.ts";
import { FORGET_AFTER, LASTING, PASSED_AFTER, SEEN_WITHIN } from "./limits.ts";
import { type BlockedReason, isBlocked, passesByItself } from "./remedies.ts";

const failureOf = (pool: string, kind: PoolErrorKind): string => `failed ${pool} ${kind}`;
const isOf =
  (pool: string) =>
  ({ problem }: MetProblem): boolean =>
    problem.startsWith(`failed ${pool} `);

/** Why a wish is held up in this run; null when none is, or nobody has to know. */
export function blockedBy({ decision, stopped, waitIsOver }: Facts): BlockedReason | null {
  if (stopped) return "Stopped";
  const { reason } = decision;
  if (!isBlocked(reason) || (reason === "BusyNodes" && !waitIsOver)) return null;
  return reason;
}

/** A run's problems by name, and whether each may pass by itself. */
function problemsOf(facts: Facts): ReadonlyMap<string, boolean> {
  const refused = [...facts.failed, ...facts.unseen].map(
    ({ pool, error: { kind } }) => [failureOf(pool, kind), POOL_ERRORS[kind] === "retry"] as const,
  );
  const reason = blockedBy(facts);
  const blocked = reason === null ? [] : ([[`blocked ${reason}`, passesByItself(reason)]] as const);
  return new Map([...refused, ...blocked]);
}

/** What a run's problems come to: those that people are to be told of, and all that are to be remembered. */
export interface Met {
  readonly isNews: (problem: string) => boolean;
  readonly problems: readonly MetProblem[];
}

/**
 * A problem is news when it was out of sight for `FORGET_AFTER`, or its pool has since done what was asked of it; one that may
 * pass by itself when it has lasted for `LASTING`. Returns `before` itself when there is nothing new to remember.
 */
export function meet(before: readonly MetProblem[], facts: Facts, now: EpochSeconds): Met {
  const lasting = before.filter(
    (each) =>
      now - each.seen < (each.told ? FORGET_AFTER : PASSED_AFTER) && !facts.settled.some((pool) => isOf(pool)(each)),
  );
  const known = new Map(lasting.map((each) => [each.problem, each]));
  const news = new Set<string>();
  let changed = lasting.length !== before.length;
  for (const [problem, passing] of problemsOf(facts)) {
    const old = known.get(problem);
    const since = old?.since ?? now;
    const told = old?.told === true || !passing || now - since >= LASTING;
    if (told && old?.told !== true) news.add(problem);
    if (old?.told === true && now - old.seen < SEEN_WITHIN) continue;
    known.set(problem, { problem, since, seen: now, told });
    changed = true;
  }
  return { isNews: (problem) => news.has(problem), problems: changed ? [...known.values()] : before };
}

export const isNewFailure = (met: Met, pool: string, kind: PoolErrorKind): boolean => met.isNews(failureOf(pool, kind));
export const isNewBlock = (met: Met, reason: BlockedReason): boolean => met.isNews(`blocked ${reason}`);
