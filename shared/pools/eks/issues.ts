import type { PoolErrorKind, PoolFailure } from "../../model/pool.ts";
import type { EksRef } from "../../policy/schema/pools.ts";
import { ADVICE, cleaned, named, sentence } from "./errors.ts";

/** A problem as EKS or EC2 words it: a code of theirs and a text. */
export interface CloudIssue {
  readonly code: string;
  readonly message: string;
}

/**
 * Which kind a problem is, by code and text, the first match winning. EKS has no code for a stock-out: it says
 * AsgInstanceLaunchFailures and quotes EC2, so the text has to be read. Unmatched problems are passing ones: what is
 * final for vramp is only what an operator must mend.
 */
const KINDS: readonly (readonly [RegExp, PoolErrorKind])[] = [
  [/RateLimitExceeded|RequestLimitExceeded/, "Throttled"],
  [/InstanceRefreshActive/, "Busy"],
  [
    /(Limit|InstanceCount)Exceeded|vCPU (capacity|limit)|spot instance count exceeded|quota|EniLimitReached/i,
    "QuotaExceeded",
  ],
  [/Insufficient\w*Capacity|UnfulfillableCapacity|no Spot capacity|not have sufficient .* capacity/i, "NoCapacity"],
  // A full subnet is as final for this pool's growth, and as passing, as a stock-out: another pool may have room.
  [/InsufficientFreeAddresses|IpNotAvailable|enough (free|available) (IP )?addresses/i, "NoCapacity"],
  [/AccessDenied|UnauthorizedOperation|not authorized/i, "Forbidden"],
  [/ClusterUnreachable|NodeCreationFailure|PodEvictionFailure|NodeTerminationFailure|InternalFailure/, "Unavailable"],
  [/NotFound|Mismatch|InvalidConfiguration|DoesNotExist|Missing|Deleted|Invalid|Deprecated/, "Invalid"],
];

/** What an operator can do about a problem of the node group's own, where that differs from a refused call. */
const ADVICE_ON_ISSUES: typeof ADVICE = {
  ...ADVICE,
  Unavailable: "It may pass; look at the node group's health and its Auto Scaling group's activity in the AWS console.",
  Forbidden: "Give EKS's service role and the nodes' role their permissions back.",
  Invalid: "Mend the node group at EKS; vramp changes nothing but its size.",
};

export function classify({ code, message }: CloudIssue): PoolErrorKind {
  return KINDS.find(([pattern]) => pattern.test(`${code} ${message}`))?.[1] ?? "Unavailable";
}

/** The problem as data, worded for an operator. */
export function toFailure(issue: CloudIssue, ref: EksRef): PoolFailure {
  const kind = classify(issue);
  return {
    kind,
    message: `${named(ref)}: ${sentence(`${issue.code}: ${cleaned(issue.message) || "no further text"}`)} ${ADVICE_ON_ISSUES[kind]}`,
  };
}
