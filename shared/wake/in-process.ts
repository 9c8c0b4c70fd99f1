import { setTimeout as sleepFor } from "node:timers/promises";
import type { Clock } from "../model/clock.ts";
import type { Wake } from "../model/observation.ts";
import type { EpochSeconds, Seconds } from "../policy/units.ts";
import { DEAD_LETTERS_KEPT, DEDUPLICATION_WINDOW, MAX_IN_FLIGHT, MAX_RECEIVE_COUNT, RETRY_DELAY } from "./limits.ts";
import { type WakeQueue, WakeQueueUnavailable } from "./wake-queue.ts";

/** A wake-up that failed on every delivery, and how it failed last. */
export interface DeadLetter {
  readonly wake: Wake;
  readonly error: unknown;
}

/** The queue of a process that consumes its own wake-ups. */
export interface InProcessQueue extends WakeQueue {
  /** Resolves once nothing waits, runs or rests before another try. */
  idle(): Promise<void>;
  /** Takes no more, forgets what waits, and resolves once what runs has ended. */
  stop(): Promise<void>;
  /** The latest, oldest first. */
  deadLetters(): readonly DeadLetter[];
}

export interface InProcessQueueOptions {
  readonly consume: (wake: Wake) => Promise<void>;
  readonly now: Clock;
  /** Waits before another try; rejects when the signal aborts. */
  readonly sleep?: (duration: Seconds, signal: AbortSignal) => Promise<void>;
}

const realSleep = (duration: Seconds, signal: AbortSignal): Promise<void> =>
  sleepFor(duration * 1000, undefined, { signal });

/**
 * Wake-ups within one process, as SQS FIFO would bring them: one in flight for each workload, equal keys within five
 * minutes once, a few tries, then a dead letter. What waits for one workload is only ever the newest wake-up, because
 * one look sees everything.
 */
export function createInProcessQueue({ consume, now, sleep = realSleep }: InProcessQueueOptions): InProcessQueue {
  const waiting = new Map<string, Wake>();
  const running = new Map<string, Promise<void>>();
  const seen = new Map<string, EpochSeconds>();
  const dead: DeadLetter[] = [];
  const stopping = new AbortController();

  /** True if this key was not seen within the window. Keys are in the order of their time, so the old ones stand first. */
  function fresh(wake: Wake, at: EpochSeconds): boolean {
    for (const [key, since] of seen) {
      if (at - since < DEDUPLICATION_WINDOW) break;
      seen.delete(key);
    }
    if (seen.has(wake.key)) return false;
    seen.set(wake.key, at);
    return true;
  }

  function startNext(): void {
    for (const workload of waiting.keys()) {
      if (running.size >= MAX_IN_FLIGHT) return;
      if (running.has(workload)) continue;
      // In a later turn, when it stands in `running`: a consumer may itself send.
      const run = Promise.resolve()
        .then(() => drain(workload))
        .finally(() => {
          running.delete(workload);
          startNext();
        });
      running.set(workload, run);
    }
  }

  /** Consumes what waits for one workload, the newest of it, until one succeeds or too many in a row have failed. */
  async function drain(workload: string): Promise<void> {
    let failures = 0;
    let wake = take(workload);
    while (wake !== null) {
      const error = await failureOf(wake);
      if (error === null) return;
      failures++;
      if (failures >= MAX_RECEIVE_COUNT) return bury({ wake, error: error.cause });
      await rest(failures);
      if (stopping.signal.aborted) return;
      wake = take(workload) ?? wake;
    }
  }

  function take(workload: string): Wake | null {
    const wake = waiting.get(workload) ?? null;
    waiting.delete(workload);
    return wake;
  }

  /** A consumer may throw anything, even null; so what it threw comes wrapped. */
  async function failureOf(wake: Wake): Promise<{ readonly cause: unknown } | null> {
    try {
      await consume(wake);
      return null;
    } catch (cause) {
      return { cause };
    }
  }

  async function rest(failures: number): Promise<void> {
    // Only `stop` ends it early, and the caller looks for that.
    await sleep(RETRY_DELAY * 2 ** (failures - 1), stopping.signal).catch(() => {});
  }

  function bury(letter: DeadLetter): void {
    dead.push(letter);
    dead.splice(0, dead.length - DEAD_LETTERS_KEPT);
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running.values());
  }

  return {
    async send(wakes) {
      if (stopping.signal.aborted)
        throw new WakeQueueUnavailable(
          `the queue has stopped and took none of ${wakes.length} wake-ups; start the process again`,
        );
      const at = now();
      for (const wake of wakes) if (fresh(wake, at)) waiting.set(wake.workload, wake);
      startNext();
    },
    idle,
    async stop() {
      stopping.abort();
      waiting.clear();
      await idle();
    },
    deadLetters: () => [...dead],
  };
}
