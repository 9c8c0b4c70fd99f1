import type { Seconds } from "../../shared/policy/units.ts";
import { STEP } from "../world/options.ts";

/** A time in which what was first in the line had waited too long. */
export interface Breach {
  readonly from: Seconds;
  readonly length: Seconds;
  /** Requests (or jobs) that were taken up in it after too long a wait. */
  readonly late: number;
  readonly longest: Seconds;
}

/** How long was waited, read off a line from outside. */
export interface Waits {
  /** One step: what came in it, and what waits at its end. */
  readonly step: (at: Seconds, arrived: number, waiting: number) => void;
  /** How long the first in the line has waited at `at`; 0 with nobody in it. */
  readonly oldest: (at: Seconds) => Seconds;
  /** The wait that this share of all did not exceed, to the step; what is still in the line counts as waiting until `at`. */
  readonly percentile: (share: number, at: Seconds) => Seconds;
  readonly longest: (at: Seconds) => Seconds;
  readonly breaches: () => readonly Breach[];
  /** Whether one is going on. */
  readonly breaching: () => boolean;
  /** Taken up so far, each once. */
  readonly started: () => number;
}

interface Cohort {
  /** When it came; null for a job that was cut off and had its wait counted at its first start. */
  readonly at: Seconds | null;
  count: number;
}

/** Cohorts that are done with and still in the list; taken out many at once, for that moves the whole list. */
const LONG = 1024;

/**
 * Follows a line that is served first come, first served: who came, less who waits, was taken up, from the front. Waits are
 * told to the step of the world, 10 s. A job that is cut off comes back to the front and is not counted twice.
 */
export function createWaits(maxWait: Seconds): Waits {
  const line: Cohort[] = [];
  /** How many waited for so many steps. */
  const counts = new Map<number, number>();
  const breaches: Breach[] = [];
  let [head, before, started] = [0, 0, 0];
  let open: { from: Seconds; late: number; longest: Seconds } | null = null;
  let lately = { late: 0, longest: 0 };

  const count = (wait: Seconds, many: number) => {
    const steps = Math.round(wait / STEP);
    counts.set(steps, (counts.get(steps) ?? 0) + many);
    started += many;
    if (wait <= maxWait) return;
    lately = { late: lately.late + many, longest: Math.max(lately.longest, wait) };
  };
  const take = (at: Seconds, many: number) => {
    for (let left = many; left > 0; ) {
      const first = line[head];
      if (first === undefined) break;
      const taken = Math.min(left, first.count);
      if (first.at !== null) count(at - first.at, taken);
      first.count -= taken;
      left -= taken;
      if (first.count === 0) head += 1;
    }
    if (head > LONG) {
      line.splice(0, head);
      head = 0;
    }
  };
  const giveBack = (many: number) => {
    head = Math.max(0, head - 1);
    if (line[head]?.count === 0) line[head] = { at: null, count: many };
    else line.splice(head, 0, { at: null, count: many });
  };
  const firstCame = (): Seconds | null => {
    for (let i = head; i < line.length; i += 1) {
      const cohort = line[i];
      if (cohort !== undefined && cohort.at !== null && cohort.count > 0) return cohort.at;
    }
    return null;
  };
  const oldest = (at: Seconds): Seconds => {
    const came = firstCame();
    return came === null ? 0 : at - came;
  };
  const close = (at: Seconds) => {
    if (open !== null) breaches.push({ ...open, length: at - open.from });
    open = null;
  };
  const all = (at: Seconds): ReadonlyMap<number, number> => {
    const withLine = new Map(counts);
    for (const cohort of line.slice(head)) {
      if (cohort.at === null || cohort.count === 0) continue;
      const steps = Math.round((at - cohort.at) / STEP);
      withLine.set(steps, (withLine.get(steps) ?? 0) + cohort.count);
    }
    return withLine;
  };

  return {
    step: (at, arrived, waiting) => {
      lately = { late: 0, longest: 0 };
      if (arrived > 0) line.push({ at, count: arrived });
      const taken = before + arrived - waiting;
      if (taken >= 0) take(at, taken);
      else giveBack(-taken);
      before = waiting;
      const waited = oldest(at);
      if (waited <= maxWait && lately.late === 0) return close(at);
      const was: typeof open = open ?? { from: at, late: 0, longest: 0 };
      open = {
        from: was.from,
        late: was.late + lately.late,
        longest: Math.max(was.longest, lately.longest, waited),
      };
    },
    oldest,
    percentile: (share, at) => {
      const waits = [...all(at)].toSorted(([a], [b]) => a - b);
      const total = waits.reduce((sum, [, many]) => sum + many, 0);
      let seen = 0;
      for (const [steps, many] of waits) {
        seen += many;
        if (seen >= share * total) return steps * STEP;
      }
      return 0;
    },
    longest: (at) => Math.max(0, ...[...all(at).keys()].map((steps) => steps * STEP)),
    breaches: () => (open === null ? breaches : [...breaches, { ...open, length: STEP }]),
    breaching: () => open !== null,
    started: () => started,
  };
}
