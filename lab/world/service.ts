import type { Seconds } from "../../shared/policy/units.ts";
import { createBreaches } from "./breaches.ts";
import { type ServiceDemand, STEP } from "./options.ts";
import { poisson, type Random } from "./random.ts";
import type { Work } from "./work.ts";

/** The requests of one step that still wait. */
interface Cohort {
  readonly at: Seconds;
  count: number;
}

/** Cohorts that are done with and still in the list; taken out many at once, for that moves the whole list. */
const LONG = 1024;

/**
 * A service's line: first come, first served. Requests of one step stand in the line as one, so that a week takes as long
 * whatever the load; each waits from the start of its step to the start of the one in which it is taken up. A node takes up
 * `rate` requests a second, and has each in service for as long as fills its slots at that rate.
 */
export function createService(demand: ServiceDemand, length: Seconds, maxWait: Seconds, random: Random): Work {
  const perStep = STEP / demand.interval;
  const inService = demand.slots / demand.rate;
  const line: Cohort[] = [];
  const breaches = createBreaches();
  /** Requests taken up in each of the latest steps, the newest last: as many as may still be in service. */
  const taken: number[] = Array.from({ length: Math.ceil(inService / STEP) }, () => 0);
  let [head, waiting, arrived, served, onTime, arrivedNow, credit] = [0, 0, 0, 0, 0, 0, 0];

  const arrive = (now: Seconds) => {
    const mean = now < length ? (demand.means[Math.floor(now / demand.interval)] ?? 0) * perStep : 0;
    arrivedNow = poisson(random, mean);
    if (arrivedNow > 0) line.push({ at: now, count: arrivedNow });
    waiting += arrivedNow;
    arrived += arrivedNow;
  };

  const serve = (now: Seconds, nodes: number): number => {
    // What a rate leaves over of a step, less than one request, is taken up in the next.
    const exact = nodes * demand.rate * STEP + (nodes > 0 ? credit : 0);
    const capacity = Math.floor(exact);
    credit = exact - capacity;
    let left = Math.min(capacity, waiting);
    const total = left;
    while (left > 0) {
      const cohort = line[head];
      if (cohort === undefined) break;
      const count = Math.min(left, cohort.count);
      if (now - cohort.at <= maxWait) onTime += count;
      cohort.count -= count;
      left -= count;
      if (cohort.count === 0) head += 1;
    }
    if (head > LONG) {
      line.splice(0, head);
      head = 0;
    }
    waiting -= total;
    served += total;
    return total;
  };

  return {
    step: (now, serving) => {
      arrive(now);
      taken.shift();
      taken.push(serve(now, serving.length));
      const oldest = line[head];
      breaches.note(oldest !== undefined && now - oldest.at > maxWait, STEP);
    },
    cutOff: () => {},
    idle: () => true,
    waiting: () => waiting,
    inService: () => {
      // Of the step before the newest by k, those are still served that started in its last part.
      let sum = 0;
      for (let k = 0; k < taken.length; k += 1) {
        const share = Math.min(1, Math.max(0, inService / STEP - k));
        sum += (taken[taken.length - 1 - k] ?? 0) * share;
      }
      return Math.round(sum);
    },
    arrivedInStep: () => arrivedNow,
    done: () => waiting === 0,
    tally: () => ({ arrived, onTime, served, lost: 0, breaches: breaches.spells() }),
  };
}
