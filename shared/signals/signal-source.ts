import type { SignalObservation } from "../model/signal.ts";
import type { Signal } from "../policy/schema/signals.ts";
import type { EpochSeconds, Seconds } from "../policy/units.ts";

/** One signal to read: the series over `[now - window, now]`, or from a little earlier. */
export interface SignalRequest {
  readonly name: string;
  readonly signal: Signal;
  /** At least the signal's `maxAge`: after one failed scrape the sample before it must be seen, for it still speaks. */
  readonly window: Seconds;
  readonly now: EpochSeconds;
}

/** One metric source, for all the signals on it. */
export interface SignalSource {
  /**
   * One request to the source, and at most one more if it failed in passing. Never throws: whatever goes wrong is an
   * unknown with its reason. Answers as soon as `abort` fires, then with `timeout`. A `per: node` signal gives `perNode`,
   * `{}` if no node is reported; any other gives `series` or `empty`.
   */
  fetch(request: SignalRequest, abort: AbortSignal): Promise<SignalObservation>;
}
