import type { Wake } from "../model/observation.ts";

/** Where wake-ups wait for `reconcile`: in order for one group, one in flight for each group, at least once. */
export interface WakeQueue {
  /** Returns once every wake-up is enqueued; throws `WakeQueueUnavailable` if even one may not be. */
  send(wakes: readonly Wake[]): Promise<void>;
}

/** The queue did not take every wake-up. Sending all of them again is harmless. */
export class WakeQueueUnavailable extends Error {
  override readonly name = "WakeQueueUnavailable";
}
