import type { PoolErrorKind, PoolFailure } from "../../model/pool.ts";
import type { GkeRef } from "../../policy/schema/pools.ts";
import { ADVICE, classify, cleaned, named } from "./errors.ts";

/** A problem as GKE or Compute Engine words it: a code of theirs and a text. */
export interface CloudIssue {
  readonly code: string;
  readonly message: string;
}

/** Conditions that only an operator can mend. */
const BROKEN =
  /GKE_SERVICE_ACCOUNT_DELETED|CLOUD_KMS_KEY|NODE_SERVICE_ACCOUNT_MISSING_PERMISSIONS|CONDITION_NOT_MET|INVALID_|PERMISSION/;

/** What an operator can do about a problem of the node pool's own, where that differs from a refused call. */
const ADVICE_ON_ISSUES: typeof ADVICE = {
  ...ADVICE,
  Unavailable: "It may pass; look at the node pool and its instance groups in the Google Cloud console.",
  Invalid: "Mend the node pool at Google; vramp changes nothing but its size.",
};

export function kindOfIssue({ code, message }: CloudIssue): PoolErrorKind {
  const kind = classify(`${code} ${message}`, undefined);
  return kind === "Unavailable" && BROKEN.test(code) ? "Invalid" : kind;
}

/** The problem as data, worded for an operator. */
export function toFailure(issue: CloudIssue, ref: GkeRef): PoolFailure {
  const kind = kindOfIssue(issue);
  return { kind, message: `${named(ref)}: ${issue.code}: ${cleaned(issue.message)} ${ADVICE_ON_ISSUES[kind]}` };
}

/** One problem of each kind: a condition and the launches that it sums up are one. */
export function oneOfEach(failures: readonly PoolFailure[]): readonly PoolFailure[] {
  return failures.filter((failure, index) => failures.findIndex((other) => other.kind === failure.kind) === index);
}
