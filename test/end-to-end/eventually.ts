import { setTimeout as pause } from "node:timers/promises";
import type { Seconds } from "../../shared/policy/units.ts";

/** Many times what the slowest step takes, for a machine may stand still for seconds; a step that works never waits so long. */
const PATIENCE: Seconds = 120;
/** What a whole test, or what prepares it, may take: a few steps that all take that long. In milliseconds. */
export const TEST_TIMEOUT_MS = 5 * PATIENCE * 1000;
const POLL_EVERY_MS = 20;

/**
 * Looks again and again until there is something to see, and gives it. Null, undefined and false are nothing, and so is an error,
 * for what makes up for it comes later; the last one is told if nothing ever comes.
 */
export async function eventually<T>(
  expected: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + PATIENCE * 1000;
  for (;;) {
    let cause: unknown;
    try {
      const seen = await look();
      if (seen !== null && seen !== undefined && seen !== false) return seen;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline)
      throw new Error(`this did not happen within ${PATIENCE} s: ${expected}`, { cause });
    await pause(POLL_EVERY_MS);
  }
}
