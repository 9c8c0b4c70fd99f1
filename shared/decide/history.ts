import type { Decision } from "../model/decision.ts";
import type { LastChange, PoolMemory, WorkloadMemory } from "../model/memory.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { EpochSeconds } from "../policy/units.ts";
import type { Context } from "./context.ts";
import { resolveBehavior } from "./hpa/behavior-defaults.ts";
import { remember, seedRecommendations, trimRecommendations } from "./hpa/recommendations.ts";
import { longestPeriod, recordChange as recordScaleEvent, trimScaleLogs } from "./hpa/scale-events.ts";
import { windowsOf } from "./hpa/stabilize.ts";
import type { Size } from "./size.ts";
import { inForce } from "./stages/overrides.ts";

/** Whether the cloud has caught up with the size that was asked for. */
function settled(change: LastChange, size: Size): boolean {
  return change.to > change.from ? size.ready >= change.to : size.desired <= change.to && size.ready <= change.to;
}

/** The change that must have happened if the pools are not as they were left: someone else's, or one we have no note of. */
function unnoticed(memory: WorkloadMemory, size: Size, now: EpochSeconds): LastChange | null {
  const last = memory.lastChange;
  const before = last?.to ?? Object.values(memory.pools).reduce((sum, p) => sum + p.desired, 0);
  const firstSight = last === null && Object.keys(memory.pools).length === 0;
  if (firstSight)
    return size.ready < size.desired ? { at: now, from: size.ready, to: size.desired, settledAt: null } : null;
  return before === size.desired ? null : { at: now, from: before, to: size.desired, settledAt: null };
}

/** Notes what became of the last change of size: settled, overtaken by somebody else's, or still under way. */
export function noteSize(memory: WorkloadMemory, size: Size, now: EpochSeconds): WorkloadMemory {
  if (size.unseen.length > 0) return memory;
  const change = unnoticed(memory, size, now) ?? memory.lastChange;
  if (change === null || change.settledAt !== null || !settled(change, size)) return { ...memory, lastChange: change };
  return { ...memory, lastChange: { ...change, settledAt: now } };
}

function seenPools({ memory, now, size }: Context): Readonly<Record<string, PoolMemory>> {
  const pools: Record<string, PoolMemory> = {};
  for (const { pool, desired, ready, unseen } of size.pools) {
    const last = memory.pools[pool.name];
    if (unseen === null) pools[pool.name] = { at: now, desired, ready };
    else if (last !== undefined) pools[pool.name] = last;
  }
  return pools;
}

/**
 * What is remembered of a decision: the size that demand proposed before windows, rates and bounds (a hold counts as
 * proposing what it holds, see `rememberHolds`), the pools as seen, and only so much history as can still matter.
 */
export function rememberDecision(context: Context, decision: Decision, proposed: number): WorkloadMemory {
  const { memory, now, workload, size } = context;
  const rules = resolveBehavior(workload.behavior);
  const windows = windowsOf(rules);
  const stored = memory.recommendations.length === 0 ? null : memory.recommendations;
  const log = remember(seedRecommendations(stored, size.desired, now), { at: now, nodes: proposed }, windows);
  const { at, current, want, reason, detail } = decision;
  return {
    ...memory,
    ...trimScaleLogs(memory, now, longestPeriod(rules.scaleUp, rules.scaleDown)),
    recommendations: trimRecommendations(log, now, windows),
    overrides: inForce(memory.overrides, now),
    pools: seenPools(context),
    lastDecision: { at, current, want, reason, detail },
  };
}

/** Notes a change of the workload's size, in nodes, that the cloud has accepted. */
export function recordChange(
  memory: WorkloadMemory,
  workload: Workload,
  from: number,
  to: number,
  now: EpochSeconds,
): WorkloadMemory {
  const { scaleUp, scaleDown } = resolveBehavior(workload.behavior);
  const logs = recordScaleEvent(memory, from, to, now, longestPeriod(scaleUp, scaleDown));
  return { ...memory, ...logs, lastChange: { at: now, from, to, settledAt: null } };
}
