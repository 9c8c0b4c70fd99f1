import type { Decision } from "../model/decision.ts";
import type { CalendarWake, GrowthMemory, LastChange, PoolMemory, WorkloadMemory } from "../model/memory.ts";
import { own } from "../policy/own.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { wakeAfterRun } from "./calendar/wake.ts";
import type { Context } from "./context.ts";
import type { Draft } from "./draft.ts";
import { externalChange, externalInForce } from "./external.ts";
import { resolveBehavior } from "./hpa/behavior-defaults.ts";
import { remember, seedRecommendations, trimRecommendations } from "./hpa/recommendations.ts";
import { longestPeriod, recordChange as recordScaleEvent, trimScaleLogs } from "./hpa/scale-events.ts";
import { windowsOf } from "./hpa/stabilize.ts";
import { waitAfter } from "./scale-in/wait.ts";
import { ownSize, type Size } from "./size.ts";
import { spendingNow } from "./spending.ts";
import { recentTurns } from "./stages/effectiveness.ts";
import { inForce } from "./stages/overrides.ts";

/** Whether the cloud has caught up with the size that was asked for. */
function settled(change: LastChange, size: Size): boolean {
  return change.to > change.from ? size.ready >= change.to : size.desired <= change.to && size.ready <= change.to;
}

/** The change that must have happened if the pools are not as they were left: someone else's, or one we have no note of. */
function unnoticed(memory: WorkloadMemory, size: Size, now: EpochSeconds): LastChange | null {
  const last = memory.lastChange;
  const total = Object.values(memory.pools).reduce((sum, p) => sum + p.desired, 0);
  const before = last?.to ?? ownSize(total, memory.assigned);
  const firstSight = last === null && Object.keys(memory.pools).length === 0;
  if (firstSight)
    return size.ready < size.desired ? { at: now, from: size.ready, to: size.desired, settledAt: null } : null;
  return before === size.desired ? null : { at: now, from: before, to: size.desired, settledAt: null };
}

/** Notes what became of the last change of size: settled, overtaken by somebody else's, or still under way. */
export function noteSize(memory: WorkloadMemory, size: Size, now: EpochSeconds): WorkloadMemory {
  if (size.unseen.length > 0) return memory;
  const external = externalChange(memory, size, now) ?? memory.external;
  const change = unnoticed(memory, size, now) ?? memory.lastChange;
  const done = change !== null && change.settledAt === null && settled(change, size);
  return { ...memory, external, lastChange: done ? { ...change, settledAt: now } : change };
}

function seenPools({ memory, now, size }: Context): Readonly<Record<string, PoolMemory>> {
  const pools: Record<string, PoolMemory> = {};
  for (const { pool, desired, evicted, ready, health, unseen } of size.pools) {
    const last = own(memory.pools, pool.name);
    if (unseen === null) pools[pool.name] = { at: now, desired: desired + evicted, ready, health };
    else if (last !== undefined) pools[pool.name] = last;
  }
  return pools;
}

const NO_GROWTH: GrowthMemory = { causes: {}, made: [] };

/** The wake to remember: it ends once what woke the workload no longer holds and demand is known to ask for nothing. */
function wakeNow(context: Context, draft: Draft): CalendarWake | null {
  const { calendarWake } = draft;
  if (calendarWake === null) return null;
  const schedule = context.workload.schedules.find((s) => s.name === calendarWake.schedule);
  const verdicts = (schedule?.wakeOn ?? []).map((condition) => context.judge(condition).verdict);
  const idle = verdicts.every((v) => v === "false" || v === "absent");
  const { demanded } = draft;
  const { workload, size } = context;
  // Rules step down by `remove` and never name zero from above it: at the floor, asking for less is asking for nothing.
  const atFloor = workload.targets.length === 0 && size.desired <= Math.max(1, workload.nodes.min);
  const nothing = atFloor && demanded !== null && demanded < size.desired;
  return wakeAfterRun(calendarWake, idle ? "false" : "true", nothing ? 0 : demanded);
}

/** Whether a pool has never been seen. The size is then not the one to start from: the log begins once all have been. */
const neverSeen = ({ size, memory }: Context): boolean =>
  size.pools.some((p) => p.unseen !== null && own(memory.pools, p.pool.name) === undefined);

/** What earlier stages said, and later ones changed. */
export interface Passed {
  /** The size that demand proposed, in nodes. */
  readonly proposed: number;
  /** What the pools were to be asked for in sum before busy nodes made some of them wait. */
  readonly spreadOver: number;
}

/**
 * What is remembered of a decision: the size that demand proposed before windows, rates and bounds (a hold counts as
 * proposing what it holds, see `rememberHolds`), the pools as seen, and only so much history as can still matter.
 */
export function rememberDecision(
  context: Context,
  draft: Draft,
  decision: Decision,
  { proposed, spreadOver }: Passed,
): WorkloadMemory {
  const { memory, now, workload, size, policy } = context;
  const rules = resolveBehavior(workload.behavior);
  const windows = windowsOf(rules);
  const stored = memory.recommendations.length === 0 ? null : memory.recommendations;
  const log = remember(seedRecommendations(stored, size.desired, now), { at: now, nodes: proposed }, windows);
  const { at, current, want, reason, detail } = decision;
  return {
    ...memory,
    ...trimScaleLogs(memory, now, longestPeriod(rules.scaleUp, rules.scaleDown)),
    recommendations: stored === null && neverSeen(context) ? [] : trimRecommendations(log, now, windows),
    overrides: inForce(memory.overrides, now),
    pools: seenPools(context),
    assigned: {
      before: { size: size.desired, total: size.total },
      after: { size: Math.min(draft.want, spreadOver), total: spreadOver },
      pools: draft.pools,
    },
    external: externalInForce(memory, workload.respectExternalFor, now),
    scaleIn: waitAfter(context, decision),
    calendarWake: wakeNow(context, draft),
    growth: draft.causes === null ? NO_GROWTH : { causes: draft.causes, made: memory.growth.made },
    turns: recentTurns(memory.turns, now),
    spending: spendingNow(memory, size.pools, policy.timeZone, now),
    learned: context.lesson?.learned ?? null,
    lastDecision: { at, current, want, reason, detail },
  };
}

/** Growths that are remembered: as many as `effectiveness` looks at, and one to spare. */
const MAX_GROWTHS = 3;

/** Whether a change goes against the one before it. */
function turns(last: LastChange | null, from: number, to: number): boolean {
  return last !== null && last.to !== last.from && to !== from && last.to > last.from !== to > from;
}

/**
 * Notes that the cloud has accepted changes of pools, which take their sum from one total to another. While nodes are being
 * replaced the size may change by another number, or not at all.
 */
export function recordAccepted(
  memory: WorkloadMemory,
  workload: Workload,
  totals: { readonly from: number; readonly to: number },
  now: EpochSeconds,
): WorkloadMemory {
  const from = ownSize(totals.from, memory.assigned);
  const to = ownSize(totals.to, memory.assigned);
  return from === to ? { ...memory, external: null } : recordChange(memory, workload, from, to, now);
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
  const { causes, made } = memory.growth;
  const grew = to > from && Object.keys(causes).length > 0;
  return {
    ...memory,
    ...logs,
    growth: grew ? { causes, made: [...made, { at: now, causes }].slice(-MAX_GROWTHS) } : memory.growth,
    turns: turns(memory.lastChange, from, to) ? [...memory.turns, now] : memory.turns,
    external: null,
    lastChange: { at: now, from, to, settledAt: null },
  };
}
