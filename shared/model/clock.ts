import type { EpochSeconds } from "../policy/units.ts";

/** Where the shell gets `now` from; the sandbox and the tests bring their own. */
export type Clock = () => EpochSeconds;

export const systemClock: Clock = () => Date.now() / 1000;
