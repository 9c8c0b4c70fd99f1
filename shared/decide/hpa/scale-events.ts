import type { ScaleEvent } from "../../model/memory.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import type { ScalingRules } from "./behavior-defaults.ts";

/** The changes that the cloud accepted, one log for each direction. */
export interface ScaleLogs {
  readonly scaleUps: readonly ScaleEvent[];
  readonly scaleDowns: readonly ScaleEvent[];
}

/** Nodes added (or removed) within the period. A change exactly one period old no longer counts. */
export function changeWithin(log: readonly ScaleEvent[], period: Seconds, now: EpochSeconds): number {
  const since = now - period;
  let sum = 0;
  for (const event of log) if (event.at > since) sum += event.change;
  return sum;
}

/** How far back the policies of these rules look: their longest period. */
export function longestPeriod(...directions: readonly ScalingRules[]): Seconds {
  let longest = 0;
  for (const { policies } of directions) {
    for (const policy of policies) longest = Math.max(longest, policy.periodSeconds);
  }
  return longest;
}

/** Whether an event is too old for every policy, so that its place in the log may be used again. Sums go by age alone. */
export function isReusable(event: ScaleEvent, keep: Seconds, now: EpochSeconds): boolean {
  return event.at < now - keep;
}

/** Adds an event in place of the last listed one that is older than `keep`, or else at the end. */
export function recordScaleEvent(log: readonly ScaleEvent[], event: ScaleEvent, keep: Seconds): readonly ScaleEvent[] {
  const reusable = log.findLastIndex((e) => isReusable(e, keep, event.at));
  return reusable === -1 ? [...log, event] : log.with(reusable, event);
}

/**
 * Notes a change of size that the cloud has accepted, in the log of its direction. `keep` is the longest period of *both*
 * directions, for either's policies read both logs; HPA itself looks only at the direction of the change, and so may
 * overwrite what the other one still needs.
 */
export function recordChange(logs: ScaleLogs, from: number, to: number, at: EpochSeconds, keep: Seconds): ScaleLogs {
  const { scaleUps, scaleDowns } = logs;
  const event = { at, change: Math.abs(to - from) };
  if (to > from) return { scaleUps: recordScaleEvent(scaleUps, event, keep), scaleDowns };
  if (to < from) return { scaleUps, scaleDowns: recordScaleEvent(scaleDowns, event, keep) };
  return { scaleUps, scaleDowns };
}

/** Leaves out what no policy can see any more. */
export function trimScaleLogs(logs: ScaleLogs, now: EpochSeconds, keep: Seconds): ScaleLogs {
  const alive = (event: ScaleEvent) => !isReusable(event, keep, now);
  return { scaleUps: logs.scaleUps.filter(alive), scaleDowns: logs.scaleDowns.filter(alive) };
}
