import { setTimeout as sleepFor } from "node:timers/promises";
import type { EpochSeconds, Seconds } from "../shared/policy/units.ts";

/**
 * The sandbox's time. It stands still while something happens and moves only by `advance`, so that a slow machine makes a
 * story take longer and changes nothing in it.
 */
export interface SandboxClock {
  /** How many times as fast as life it runs at most; infinite for as fast as the machine can. */
  readonly speed: number;
  now(): EpochSeconds;
  /** Moves on, and returns once real time has had its share, or the signal aborts. */
  advance(by: Seconds, abort: AbortSignal): Promise<void>;
}

/** A clock that starts at `start`, by default the real time, in whole seconds. */
export function createSandboxClock(speed: number, start: EpochSeconds = Date.now() / 1000): SandboxClock {
  let at = Math.floor(start);
  let due = performance.now();
  return {
    speed,
    now: () => at,
    async advance(by, signal) {
      at += by;
      const now = performance.now();
      // Time that was lost is not made up for: a burst after a pause would not be readable.
      due = Math.max(due + (by * 1000) / speed, now);
      await sleepFor(due - now, undefined, { signal }).catch(() => {});
    },
  };
}
