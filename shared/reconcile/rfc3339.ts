import type { EpochSeconds } from "../policy/units.ts";

/** A time as RFC 3339 writes it, in UTC. */
export const rfc3339 = (at: EpochSeconds): string => new Date(at * 1000).toISOString();
