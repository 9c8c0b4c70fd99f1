import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";

/** Who owns the clock: what happens, happens here, one event after another, in the order of their time. */
export interface Scheduler {
  /** The true time. What a function believes it is, is its own clock's affair. */
  readonly now: EpochSeconds;
  /** Events so far. */
  readonly steps: number;
  /** Runs `work` so many seconds from now. Events of one moment run in the order in which they were asked for. */
  after(delay: Seconds, work: () => void): void;
  /** Runs every event up to and including this time, and lets the promises they resolve run dry after each. */
  runUntil(time: EpochSeconds): Promise<void>;
}

interface Event {
  readonly at: EpochSeconds;
  readonly order: number;
  readonly work: () => void;
}

/** No seed comes near it; code that goes round in circles does. */
const MAX_STEPS = 500_000;

const precedes = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap: the earliest event first. */
function createHeap() {
  const events: Event[] = [];
  const swap = (i: number, j: number): void => {
    const [a, b] = [events[i], events[j]];
    if (a !== undefined && b !== undefined) [events[i], events[j]] = [b, a];
  };
  const before = (i: number, j: number): boolean => {
    const [a, b] = [events[i], events[j]];
    return a !== undefined && b !== undefined && precedes(a, b);
  };
  return {
    get first(): Event | undefined {
      return events[0];
    },
    push(event: Event): void {
      events.push(event);
      let at = events.length - 1;
      for (let up = (at - 1) >> 1; at > 0 && before(at, up); up = (at - 1) >> 1) {
        swap(at, up);
        at = up;
      }
    },
    pop(): void {
      swap(0, events.length - 1);
      events.pop();
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        const least = before(right, left) ? right : left;
        if (!before(least, at)) return;
        swap(at, least);
        at = least;
      }
    },
  };
}

/** Every promise that can run on has done so once the event loop comes round: nothing here waits for timers or I/O. */
const promisesRunDry = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createScheduler(start: EpochSeconds): Scheduler {
  const heap = createHeap();
  let now = start;
  let steps = 0;
  return {
    get now() {
      return now;
    },
    get steps() {
      return steps;
    },
    after(delay, work) {
      steps += 1;
      heap.push({ at: now + Math.max(0, delay), order: steps, work });
    },
    async runUntil(time) {
      for (let next = heap.first; next !== undefined && next.at <= time; next = heap.first) {
        if (steps > MAX_STEPS) throw new Error(`more than ${MAX_STEPS} events: something goes round in circles`);
        heap.pop();
        now = next.at;
        next.work();
        await promisesRunDry();
      }
      now = time;
    },
  };
}
