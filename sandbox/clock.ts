import { setTimeout as sleepFor } from "node:timers/promises";
import type { EpochSeconds, Seconds } from "../shared/policy/units.ts";

/** A clock that runs `speed` times as fast as real time, starting at real time. */
export interface SandboxClock {
  readonly speed: number;
  now(): EpochSeconds;
  /** Waits for so many of this clock's seconds. */
  sleep(duration: Seconds, abort?: AbortSignal): Promise<void>;
}

export function createSandboxClock(speed: number): SandboxClock {
  const began = performance.now() / 1000;
  const start = Date.now() / 1000;
  return {
    speed,
    now: () => start + (performance.now() / 1000 - began) * speed,
    sleep: (duration, signal) => sleepFor((duration * 1000) / speed, undefined, signal === undefined ? {} : { signal }),
  };
}
