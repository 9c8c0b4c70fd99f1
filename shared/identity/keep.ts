import type { Clock } from "../model/clock.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { RENEW_BEFORE } from "./limits.ts";

/** A credential and its end. */
export interface Lasting<T> {
  readonly value: T;
  readonly expires: EpochSeconds;
}

/**
 * Keeps what `fetch` brings until shortly before its end. However many ask at the same time, one request is made. While a
 * renewal fails, the old one serves to its end; a failure itself is not kept.
 */
export function keep<T>(fetch: () => Promise<Lasting<T>>, now: Clock): () => Promise<Lasting<T>> {
  let held: Lasting<T> | null = null;
  let pending: Promise<Lasting<T>> | null = null;
  const renewed = async (): Promise<Lasting<T>> => {
    pending ??= fetch().finally(() => {
      pending = null;
    });
    return pending;
  };
  return async () => {
    if (held !== null && now() < held.expires - RENEW_BEFORE) return held;
    try {
      held = await renewed();
      return held;
    } catch (error) {
      if (held !== null && now() < held.expires) return held;
      throw error;
    }
  };
}
