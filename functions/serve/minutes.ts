import { setTimeout as sleepFor } from "node:timers/promises";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";

const MINUTE: Seconds = 60;

export interface MinutesOptions {
  readonly clock: Clock;
  /** Must not throw. */
  readonly tick: () => Promise<void>;
  readonly signal: AbortSignal;
  /** Waits; rejects when the signal aborts. */
  readonly sleep?: (duration: Seconds, signal: AbortSignal) => Promise<void>;
}

const realSleep = (duration: Seconds, signal: AbortSignal): Promise<void> =>
  sleepFor(duration * 1000, undefined, { signal });

/**
 * Ticks at once and then whenever a minute begins, until the signal aborts; resolves then. Each wait is counted anew from the
 * clock, so nothing drifts. A minute that began while a tick was running, or the machine asleep, is not made up for.
 */
export async function everyMinute({ clock, tick, signal, sleep = realSleep }: MinutesOptions): Promise<void> {
  while (!signal.aborted) {
    await tick();
    await until(nextMinute(clock()), clock, (duration) => sleep(duration, signal).catch(() => {}), signal);
  }
}

const nextMinute = (now: EpochSeconds): EpochSeconds => (Math.floor(now / MINUTE) + 1) * MINUTE;

/** A timer may fire a moment early, and a tick before its minute would count as the last one's. */
async function until(
  when: EpochSeconds,
  clock: Clock,
  sleep: (duration: Seconds) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let rest = when - clock(); rest > 0 && !signal.aborted; rest = when - clock()) {
    if (rest > MINUTE) return; // the clock was set back: the next tick is due now, not when it has caught up
    await sleep(rest);
  }
}
