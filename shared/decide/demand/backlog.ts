import type { Learned } from "../../model/learned.ts";
import type { Reading } from "../../model/reading.ts";
import type { Objective } from "../../policy/schema/workload.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import type { Context } from "../context.ts";
import { addBurst } from "./bursts.ts";
import { AVERAGED } from "./forecast.ts";
import { addGap } from "./idle.ts";
import { addLateness } from "./lateness.ts";
import { canFollow, follow } from "./line.ts";
import { addServed, serviceRate } from "./service-rate.ts";

/** CONTINUOUS: samples further apart say nothing of what was between them. */
const CONTINUOUS: Seconds = 60;
/** GAP: the longest between two samples of a source that is watched. */
const GAP: Seconds = 600;
/** ALIGNED: samples of two signals that are no further apart were taken together. */
const ALIGNED: Seconds = 5;

/** What learning looks at of a run. */
export type Looked = Pick<Context, "workload" | "observation" | "memory" | "now" | "size" | "reading">;

export type Known = Extract<Reading, { kind: "known" }>;

/** A reading that has a value; else null. */
export const known = (reading: Reading): Known | null => (reading.kind === "known" ? reading : null);

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

/** Follows the line through every sample since the newest that was seen, and counts who became late. */
function followSince(past: Learned, since: EpochSeconds, arrivals: Reading, backlog: Known, objective: Objective) {
  const { maxWait } = objective;
  const nodeRate = serviceRate(objective, past);
  const rates = known(arrivals)?.series.samples ?? [];
  const upTo = backlog.series.samples.filter(([at]) => at <= backlog.at);
  let { line, bursts } = past;
  let [late, then] = [0, since];
  for (const [at, waiting] of upTo) {
    if (at <= then) continue;
    // Whom nobody saw for so long is not known to have waited.
    const gap = at - then > GAP;
    const rate = rates.findLast((each) => each[0] <= at + ALIGNED)?.[1] ?? past.rates.at(-1)?.rate ?? 0;
    const elapsed = gap ? AVERAGED : at - then;
    const sample = { at, elapsed, waiting: Math.max(0, waiting), rate: Math.max(0, rate), maxWait };
    const next = follow(gap ? null : line, sample);
    line = next.line;
    bursts = nodeRate === null ? null : addBurst(bursts, { came: next.came, elapsed, rate: nodeRate, maxWait });
    late += next.late;
    then = at;
  }
  return { line, bursts, late };
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
  const continuous = steady && elapsed <= CONTINUOUS;
  const working = before.waiting > 0 && waiting > 0 ? ready : atWork([past.inService, running], ready, past, objective);
  const more = continuous && working > 0 ? addServed(next, served, working, elapsed) : {};
  const { line, bursts, late } = followSince(next, before.at, context.reading(objective.arrivals), backlog, objective);
  const gaps =
    elapsed > 2 * CONTINUOUS ? past.gaps : addGap(past.gaps, before.at - past.busyAt, backlog.at - past.busyAt, active);
  const seen = { rate: level, late: late / elapsed, elapsed };
  return { ...next, ...more, gaps, line, bursts, ...addLateness(next, seen, objective) };
}
