import type { Seconds } from "../policy/units.ts";

/** A target did not take a message. `message` says why and what to do; it never holds a webhook's address, which is a secret. */
export class NotSent extends Error {
  override readonly name = "NotSent";
  /** How long the target asked to be left alone; null when it did not say. */
  readonly retryAfter: Seconds | null;

  constructor(message: string, retryAfter: Seconds | null = null) {
    super(message);
    this.retryAfter = retryAfter;
  }
}
