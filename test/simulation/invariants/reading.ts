import type { Sample } from "../../../shared/model/series.ts";
import type { SignalObservation } from "../../../shared/model/signal.ts";
import type { EpochSeconds, Seconds } from "../../../shared/policy/units.ts";
import { DOWN_FOR, MAX_AGE, SHORT_QUEUE, UP_FOR, type WorkloadPlan } from "../blueprint.ts";
import type { Look } from "../look.ts";
import { SCRAPE } from "../metrics.ts";

/*
 * What a look could know from what it was told, judged a second time and without the code under test.
 */

/** No queue and no share is so large; what is above is an exporter's way of saying nothing. */
const BELIEVABLE = 1e9;
const AHEAD: Seconds = 60;
const ENOUGH = 0.8;

const isMeasured = (value: number): boolean => Number.isFinite(value) && Math.abs(value) < BELIEVABLE;

/** The samples of a signal if they speak for now; null if nobody can say what it is. */
export function knownSamples(told: SignalObservation | undefined, now: EpochSeconds): readonly Sample[] | null {
  if (told?.kind !== "series") return null;
  const newest = told.series.samples.at(-1);
  if (newest === undefined || now - newest[0] > MAX_AGE || newest[0] - now > AHEAD || !isMeasured(newest[1]))
    return null;
  return told.series.samples.filter(([, value]) => isMeasured(value));
}

/** Whether a signal was below a value for so long, by enough samples that every one of them says so. */
export function wasBelow(samples: readonly Sample[], value: number, lasting: Seconds, now: EpochSeconds): boolean {
  const from = now - lasting;
  const within = samples.filter(([at]) => at + SCRAPE > from && at <= now);
  const covered = within.reduce((sum, [at]) => sum + Math.min(at + SCRAPE, now) - Math.max(at, from), 0);
  const speaking = samples.filter(([at]) => at >= from);
  return speaking.length > 0 && speaking.every(([, v]) => v < value) && covered >= ENOUGH * lasting;
}

/** Whether what a look was told allows demand to ask for fewer nodes at all. */
export function mayShrink({ signals, pools, workload }: Look, plan: WorkloadPlan, now: EpochSeconds): boolean {
  const queue = knownSamples(signals.get(`${workload}Queue`), now);
  if (queue === null) return false;
  if (plan.kind === "targets") return true;
  const util = knownSamples(signals.get(`${workload}Util`), now);
  const empty = [...pools.values()].every((p) => p.desired === 0 && p.ready === 0);
  const idle = util === null ? empty : wasBelow(util, 40, UP_FOR, now);
  return idle && wasBelow(queue, SHORT_QUEUE, DOWN_FOR, now);
}
