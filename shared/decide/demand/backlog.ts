import type { Learned } from "../../model/learned.ts";
import type { Reading } from "../../model/reading.ts";
import type { Objective } from "../../policy/schema/workload.ts";
import type { Seconds } from "../../policy/units.ts";
import type { Context } from "../context.ts";
import { addGap } from "./idle.ts";
import { addLateness } from "./lateness.ts";
import { canFollow, follow, isSparse, type LookedAtLine } from "./line.ts";
import { addServed, serviceRate } from "./service-rate.ts";

/** CONTINUOUS: samples further apart say nothing of what was between them. */
const CONTINUOUS: Seconds = 60;

/** What learning looks at of a run. */
export type Looked = Pick<Context, "workload" | "observation" | "memory" | "now" | "size" | "reading">;

export const known = (reading: Reading) => (reading.kind === "known" ? reading : null);

/** What is being served: nothing where no signal says, null while it is not known. */
export function servingNow({ reading }: Looked, { inService }: Objective): number | null {
  if (inService === undefined) return 0;
  const now = reading(inService);
  if (now.kind === "unknown") return null;
  return now.kind === "known" ? Math.max(0, now.value) : 0;
}

/**
 * Nodes that are known to work though nothing waits, by what was being served at two samples. Only of jobs, one at a time on a
 * node, and only until there is a first idea of what one serves.
 */
function atWork(running: readonly [number, number], ready: number, past: Learned, objective: Objective): number {
  const first = serviceRate(objective, past) === null && canFollow(objective.maxWait);
  return first && Math.max(...running) <= ready ? (running[0] + running[1]) / 2 : 0;
}

/** Requests a second that are late, by one sample of a line that is too quick to be followed: all, or none. */
function lateRate(
  { elapsed, waiting, maxWait }: LookedAtLine,
  level: number,
  capacity: number,
  overdue: boolean,
): number {
  const late = waiting > 0 && (capacity > 0 ? waiting > maxWait * capacity : overdue);
  if (!late) return 0;
  return Math.max(level, capacity > 0 ? Math.min(capacity, waiting / elapsed) : waiting / Math.max(1, maxWait));
}

/** Takes in the newest backlog: what was late, and what nodes serve when they always have work. */
export function lookAtBacklog(past: Learned, level: number, context: Looked, objective: Objective): Learned {
  const backlog = known(context.reading(objective.backlog));
  if (backlog === null) return past;
  const waiting = Math.max(0, backlog.value);
  const before = past.backlog;
  const running = servingNow(context, objective) ?? past.inService;
  const active = waiting > 0 || running > 0 || (past.rates.at(-1)?.rate ?? 0) > 0;
  const busyAt = active ? Math.max(past.busyAt, Math.min(context.now, backlog.at)) : past.busyAt;
  if (before !== null && backlog.at <= before.at) return { ...past, busyAt };
  const since = waiting > 0 ? (before?.since ?? backlog.at) : null;
  const next = { ...past, busyAt, inService: running, backlog: { at: backlog.at, waiting, since } };
  if (before === null) return next;
  const elapsed = backlog.at - before.at;
  const { ready } = context.size;
  const served = level * elapsed - (waiting - before.waiting) - (running - past.inService);
  const steady = Object.values(past.pools).reduce((sum, pool) => sum + pool.ready, 0) === ready;
  const { maxWait } = objective;
  const continuous = steady && elapsed <= CONTINUOUS;
  const working = before.waiting > 0 && waiting > 0 ? ready : atWork([past.inService, running], ready, past, objective);
  const more = continuous && working > 0 ? addServed(next, served, working, elapsed) : {};
  const rate = serviceRate(objective, next);
  const look = { at: backlog.at, elapsed, waiting, arrived: level * elapsed, maxWait };
  const overdue = since !== null && backlog.at - since > maxWait;
  const { line, late } = isSparse(next, rate, maxWait)
    ? follow(past.line, look)
    : { line: null, late: elapsed * lateRate(look, level, (rate ?? 0) * ready, overdue) };
  const gaps =
    elapsed > 2 * CONTINUOUS ? past.gaps : addGap(past.gaps, before.at - past.busyAt, backlog.at - past.busyAt, active);
  const seen = { rate: level, late: late / elapsed, elapsed };
  return { ...next, ...more, gaps, line, ...addLateness(next, seen, objective) };
}
