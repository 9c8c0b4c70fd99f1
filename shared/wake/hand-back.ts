import type { Seconds } from "../policy/units.ts";
import { HAND_BACK_AFTER, HAND_BACK_AT_MOST } from "./limits.ts";

/**
 * Has messages that go back to their queue come again after a time, and not when their hiding ends by itself. Throws when even one
 * may not: that one, and with it its group, comes when its hiding ends.
 */
export type HandBack = (receiptHandles: readonly string[], after: Seconds) => Promise<void>;

/** How long a message stays away that was delivered so often and is worth another try. */
export const awayFor = (deliveries: number): Seconds =>
  Math.min(HAND_BACK_AFTER * 2 ** Math.max(0, deliveries - 1), HAND_BACK_AT_MOST);
