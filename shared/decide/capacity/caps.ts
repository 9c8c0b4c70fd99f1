import type { Workload } from "../../policy/schema/workload.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import type { PoolSize } from "../size.ts";

type SpotRules = Workload["spot"];

/**
 * How a pool stands. `backingOff`: it is not asked for more. `probing`: its backoff is over and one node may be tried.
 * `recovering`: it delivers again but failed less than `returnAfter` ago, so it serves growth and replaces nothing.
 */
export type Standing = "free" | "backingOff" | "probing" | "recovering" | "unseen";

export function standingOf({ unseen, health }: PoolSize, rules: SpotRules, now: EpochSeconds): Standing {
  if (unseen !== null) return "unseen";
  if (health.failedAt === null) return "free";
  if (health.backoffUntil !== null && now < health.backoffUntil) return "backingOff";
  if (health.failures > 0) return "probing";
  return now - health.failedAt < rules.returnAfter ? "recovering" : "free";
}

/** Nodes that the pool is asked for, without those that are about to be taken away. */
export const lasting = (p: PoolSize): number => p.desired - p.noticed;

/** Nodes of those that are ready. */
export const lastingReady = (p: PoolSize): number => Math.min(lasting(p), p.ready - p.noticed);

/** Nodes of those that the cloud has given, ready or not. */
const lastingGiven = (p: PoolSize): number => Math.min(lasting(p), p.given - p.noticed);

/** What a pool keeps of what it is asked for: while it backs off, what never came is taken back. */
export const keptBy = (p: PoolSize, standing: Standing): number =>
  standing === "backingOff" ? lastingGiven(p) : lasting(p);

/** What bounds the share of a pool, besides its own state. */
export interface Moves {
  /** Nodes that the workload lacks altogether. */
  readonly growth: number;
  /** Whether running nodes may be replaced by those of a better pool. */
  readonly free: boolean;
}

/** The most nodes that the split may put on a pool, those under notice aside. */
export function capOf(
  p: PoolSize,
  standing: Standing,
  { growth, free }: Moves,
  rules: SpotRules,
  now: EpochSeconds,
): number {
  // A cloud that accepts less than there is takes nothing away by that.
  const room = Math.max(lasting(p), p.max - p.noticed);
  switch (standing) {
    case "unseen":
      return p.desired;
    case "backingOff":
      return keptBy(p, standing);
    case "probing": {
      const given = lastingGiven(p);
      const due = free && now - (p.health.failedAt ?? now) >= rules.returnAfter;
      // A probe that is out stays out: taking it back and sending it again would never hear the answer.
      const probe = growth > 0 || due ? p.step : Math.min(p.step, lasting(p) - given);
      return Math.min(room, given + probe);
    }
    case "recovering":
      return Math.min(room, lasting(p) + growth);
    case "free":
      return free ? room : Math.min(room, lasting(p) + growth);
    default:
      return standing satisfies never;
  }
}
