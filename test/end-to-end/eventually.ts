import { setTimeout as pause } from "node:timers/promises";
import type { Seconds } from "../../shared/policy/units.ts";

/** Several times what the slowest step takes on a busy machine of two cores; a step that works never waits so long. */
export const PATIENCE: Seconds = 40;
const POLL_EVERY_MS = 20;

/** Looks again and again until there is something to see, and gives it; null, undefined and false are nothing. */
export async function eventually<T>(
  expected: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  within: Seconds = PATIENCE,
): Promise<T> {
  const deadline = performance.now() + within * 1000;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`this did not happen within ${within} s: ${expected}`);
    await pause(POLL_EVERY_MS);
  }
}
