import type { Seconds } from "../../shared/policy/units.ts";
import { capacityReader } from "../world/capacity.ts";
import type { Answer, Cause, Controller, PoolSight, Sight } from "../world/controller.ts";
import { ARRIVALS_OVER, STEP, type WorldOptions } from "../world/options.ts";
import { type RunTally, runWorld } from "../world/world.ts";
import { createWaits, type Waits } from "./waits.ts";

/** What a stretch of a run looked like: means over it, but for waits, of which the worst counts. */
export interface Moment {
  readonly at: Seconds;
  /** Arrivals a second. */
  readonly arrivals: number;
  readonly waiting: number;
  /** The longest that anybody in the line had waited. */
  readonly oldest: Seconds;
  /** Ready nodes, and nodes asked for, by pool. */
  readonly ready: Readonly<Record<string, number>>;
  readonly desired: Readonly<Record<string, number>>;
}

/** A run, and what was seen of it on the way. */
export interface Recorded {
  readonly tally: RunTally;
  readonly waits: Waits;
  /** When the run was over. */
  readonly end: Seconds;
  readonly moments: readonly Moment[];
  readonly bucket: Seconds;
}

/** Points that a chart can show; a longer run is recorded more coarsely. */
const MOST_MOMENTS = 1440;

/** The length of a moment: whole minutes, few enough of them. */
const bucketOf = (length: Seconds): Seconds => Math.max(1, Math.ceil(length / 60 / MOST_MOMENTS)) * 60;

type Sizes = Record<string, number>;

/** Adds up steps to moments. */
function createMoments(bucket: Seconds) {
  const moments: Moment[] = [];
  let [at, steps, arrived, waiting, oldest] = [0, 0, 0, 0, 0];
  let [ready, desired]: [Sizes, Sizes] = [{}, {}];
  const mean = (sums: Sizes): Sizes =>
    Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / steps]));
  const close = () => {
    if (steps === 0) return;
    const arrivals = arrived / (steps * STEP);
    moments.push({ at, arrivals, waiting: waiting / steps, oldest, ready: mean(ready), desired: mean(desired) });
    [steps, arrived, waiting, oldest, ready, desired] = [0, 0, 0, 0, {}, {}];
  };
  return {
    note: (now: Seconds, came: number, inLine: number, waited: Seconds, pools: readonly PoolSight[]) => {
      if (steps > 0 && now >= at + bucket) close();
      if (steps === 0) at = Math.floor(now / bucket) * bucket;
      steps += 1;
      arrived += came;
      waiting += inLine;
      oldest = Math.max(oldest, waited);
      for (const { name, nodes, desired: wanted } of pools) {
        ready[name] = (ready[name] ?? 0) + nodes.filter((node) => node.phase === "ready").length;
        desired[name] = (desired[name] ?? 0) + wanted;
      }
    },
    all: () => {
      close();
      return moments;
    },
  };
}

/** Arrivals in each step, from their sum over the last minute. */
function createArrivals(): (perSecond: number) => number {
  const steps: number[] = Array.from({ length: ARRIVALS_OVER / STEP }, () => 0);
  let before = 0;
  return (perSecond) => {
    const lately = Math.round(perSecond * ARRIVALS_OVER);
    const arrived = lately - before + (steps.shift() ?? 0);
    steps.push(arrived);
    before = lately;
    return arrived;
  };
}

/**
 * Runs a world and watches it: the controller is asked exactly when it would be asked without being watched. `breached` is told
 * when a wait begins to be too long.
 */
export function runRecorded(world: WorldOptions, controller: Controller, breached?: (at: Seconds) => void): Recorded {
  const waits = createWaits(world.maxWait);
  const moments = createMoments(bucketOf(world.length));
  const arrivedIn = createArrivals();
  let [nextWake, arrived, last]: [Seconds, number, Seconds] = [0, 0, 0];
  let [alerted, late] = [false, false];
  let serving: Answer["serving"];

  /** What the step before this one has come to; before the first there is nothing to see. */
  const watch = ({ now, live, pools }: Sight) => {
    if (now > 0) {
      const step = now - STEP;
      const came = arrivedIn(live.arrivals);
      arrived += came;
      waits.step(step, came, live.waiting);
      moments.note(step, came, live.waiting, waits.oldest(step), pools);
      if (waits.breaching() && !late) breached?.(step);
      late = waits.breaching();
    }
    last = now;
  };

  const causeOf = (seen: Cause, due: boolean): Cause | null =>
    seen === "interruption" || seen === "capacityError" ? seen : due ? "tick" : alerted ? "alert" : null;

  const watched: Controller = {
    ...controller,
    every: STEP,
    alert: (sight) => {
      alerted = controller.alert?.(sight) === true;
      return alerted;
    },
    act: (sight) => {
      watch(sight);
      const due = sight.now >= nextWake;
      while (nextWake <= sight.now) nextWake += controller.every;
      const cause = causeOf(sight.cause, due);
      alerted = false;
      if (cause !== null) {
        const answer = controller.act({ ...sight, cause });
        serving = answer.serving;
        return answer;
      }
      return serving === undefined ? { sizes: {} } : { sizes: {}, serving };
    },
  };

  const tally = runWorld(world, watched);
  // The last step is over after the last look.
  waits.step(last, tally.work.arrived - arrived, tally.work.arrived - tally.work.served);
  return { tally, waits, end: last + STEP, moments: moments.all(), bucket: bucketOf(world.length) };
}

/** The share of each stretch in which a zone had any capacity, 0 to 1. */
export function upShares(world: WorldOptions, zone: string): readonly number[] {
  const bucket = bucketOf(world.length);
  const trace = world.spot[zone];
  const capacity = trace === undefined ? () => 0 : capacityReader(trace);
  const perBucket = bucket / STEP;
  return Array.from({ length: Math.ceil(world.length / bucket) }, (_, i) => {
    let up = 0;
    for (let step = 0; step < perBucket; step += 1) if (capacity(i * bucket + step * STEP) > 0) up += 1;
    return up / perBucket;
  });
}
