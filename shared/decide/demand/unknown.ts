import type { ConditionFinding } from "../../model/decision.ts";
import type { Reason } from "../../model/reasons.ts";

const REASONS: Readonly<Partial<Record<string, Reason>>> = {
  stale: "SignalStale",
  lowCoverage: "LowCoverage",
  clockSkew: "ClockSkew",
};

/** The reason code for a way of being unknown. */
export function unknownReason(why: ConditionFinding["why"]): Reason {
  return (why === null ? undefined : REASONS[why]) ?? "SignalUnknown";
}
