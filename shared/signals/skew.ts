import { CLOCK_SKEW } from "../model/reading.ts";
import { type EpochSeconds, formatDuration } from "../policy/units.ts";
import { SignalFault } from "./errors.ts";

/** Throws `SignalFault` if a reply's `Date` header is more than a minute from `now`. Without the header there is nothing to compare. */
export function refuseSkew(date: string | null, source: string, now: EpochSeconds): void {
  const apart = Date.parse(date ?? "") / 1000 - now;
  if (Math.abs(apart) > CLOCK_SKEW) {
    const how = `${formatDuration(Math.abs(apart))} ${apart > 0 ? "ahead of" : "behind"}`;
    throw new SignalFault("clockSkew", `the clock of ${source} is ${how} ours; set both by NTP`);
  }
}
