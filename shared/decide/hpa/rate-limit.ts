import type { RatePolicy } from "../../policy/schema/behavior.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import type { Behavior, ScalingRules } from "./behavior-defaults.ts";
import type { Deviations } from "./deviations.ts";
import { changeWithin, type ScaleLogs } from "./scale-events.ts";

/** The smallest and the largest size allowed, in nodes. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** No bounds but zero: for a stage that limits the rate and leaves the bounds to another. */
export const UNBOUNDED: Bounds = { min: 0, max: Number.POSITIVE_INFINITY };

/** HPA's words for what limited a size; `DesiredWithinRange` is nothing. */
export type LimitReason =
  | "DesiredWithinRange"
  | "ScaleUpLimit"
  | "ScaleDownLimit"
  | "TooManyReplicas"
  | "TooFewReplicas";

export interface Limited {
  readonly nodes: number;
  readonly reason: LimitReason;
}

/** Which of HPA's rules for percentages applies. */
type Percentages = Pick<Deviations, "exactIntegerPercent">;

/** HPA computes `start * (1 + value/100)` in doubles, in this very order: 100 + 10 % becomes 111. */
function grownByPercent(start: number, percent: number, exact: boolean): number {
  return Math.ceil(exact ? (start * (100 + percent)) / 100 : start * (1 + percent / 100));
}

function shrunkByPercent(start: number, percent: number, exact: boolean): number {
  return Math.trunc(exact ? (start * (100 - percent)) / 100 : start * (1 - percent / 100));
}

/** The size at the beginning of a policy's period: today's, with every change since then undone, in both directions. */
function periodStart(current: number, policy: RatePolicy, logs: ScaleLogs, now: EpochSeconds): number {
  const added = changeWithin(logs.scaleUps, policy.periodSeconds, now);
  const removed = changeWithin(logs.scaleDowns, policy.periodSeconds, now);
  return current - added + removed;
}

/**
 * How far up the policies let the size go, in nodes: `Max` takes the policy that allows most, `Min` the one that allows
 * least, `Disabled` stays where we are. After a burst under a policy since tightened it can lie below `current`. (HPA
 * `calculateScaleUpLimitWithScalingRules`.)
 */
export function scaleUpLimit(
  current: number,
  rules: ScalingRules,
  logs: ScaleLogs,
  now: EpochSeconds,
  { exactIntegerPercent }: Percentages,
): number {
  if (rules.selectPolicy === "Disabled") return current;
  let limit: number | null = null;
  for (const policy of rules.policies) {
    const start = periodStart(current, policy, logs, now);
    const allowed =
      policy.type === "Percent" ? grownByPercent(start, policy.value, exactIntegerPercent) : start + policy.value;
    if (limit === null || (rules.selectPolicy === "Max" ? allowed > limit : allowed < limit)) limit = allowed;
  }
  return limit ?? current;
}

/**
 * How far down the policies let the size go, in nodes. `Max` and `Min` speak of the size of the change, so `Max` takes the
 * lowest. It can be negative, or lie above `current`. (HPA `calculateScaleDownLimitWithBehaviors`.)
 */
export function scaleDownLimit(
  current: number,
  rules: ScalingRules,
  logs: ScaleLogs,
  now: EpochSeconds,
  { exactIntegerPercent }: Percentages,
): number {
  if (rules.selectPolicy === "Disabled") return current;
  let limit: number | null = null;
  for (const policy of rules.policies) {
    const start = periodStart(current, policy, logs, now);
    const allowed =
      policy.type === "Percent" ? shrunkByPercent(start, policy.value, exactIntegerPercent) : start - policy.value;
    if (limit === null || (rules.selectPolicy === "Max" ? allowed < limit : allowed > limit)) limit = allowed;
  }
  return limit ?? current;
}

/**
 * Limits a wanted size by the rate policies and the bounds. A limit on the wrong side of `current` is first pulled back to
 * it: the size is then held until events age out. Where rate and bound agree, the bound is the reason. Sizes outside the
 * bounds are for `shortcut` to deal with, before this. (HPA `convertDesiredReplicasWithBehaviorRate`.)
 */
export function rateLimit(
  current: number,
  wanted: number,
  bounds: Bounds,
  behavior: Behavior,
  logs: ScaleLogs,
  now: EpochSeconds,
  percentages: Percentages,
): Limited {
  if (wanted > current) {
    const limit = Math.max(scaleUpLimit(current, behavior.scaleUp, logs, now, percentages), current);
    const cap = Math.min(bounds.max, limit);
    if (wanted > cap) return { nodes: cap, reason: limit < bounds.max ? "ScaleUpLimit" : "TooManyReplicas" };
  } else if (wanted < current) {
    const limit = Math.min(scaleDownLimit(current, behavior.scaleDown, logs, now, percentages), current);
    const floor = Math.max(bounds.min, limit);
    if (wanted < floor) return { nodes: floor, reason: limit > bounds.min ? "ScaleDownLimit" : "TooFewReplicas" };
  }
  return { nodes: wanted, reason: "DesiredWithinRange" };
}
