import * as z from "zod/mini";
import { IdentityError } from "../../identity/errors.ts";
import type { PoolErrorKind } from "../../model/pool.ts";
import type { EksRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";

/** What an operator can do about each kind; the second half of every message. */
export const ADVICE: Readonly<Record<PoolErrorKind, string>> = {
  Busy: "Another change is still being made; the next run tries again.",
  Throttled: "AWS limits how often it may be called; the next run tries again.",
  Unavailable: "The next run tries again; if this lasts, look at the AWS Health Dashboard and at vramp's route to AWS.",
  NoCapacity: "AWS has none to give here now: list another pool, zone or instance type, or wait.",
  QuotaExceeded: "Ask AWS for a higher quota (Service Quotas), or use another pool.",
  Forbidden: "Give vramp's role the permission, or valid credentials.",
  NotFound: "Check region, cluster and nodegroup in the policy.",
  Invalid: "Compare the policy with the node group in the EKS console.",
};

/** How a node group is called in messages. */
export const named = (ref: EksRef): string => `EKS node group ${ref.cluster}/${ref.nodegroup} (${ref.region})`;

// AWS repeats the caller's ARN, with account and session, and sometimes an encoded authorization blob: none is for a log.
const ARN = /\barn:aws[\w-]*:[^\s,;"']+/g;
const BLOB = /Encoded authorization failure message: \S+/g;
const TEXT_LIMIT = 400;

/** A cloud's text, without ARNs, on one line, and not endless. */
export function cleaned(text: string): string {
  const line = text.replace(ARN, "(an ARN)").replace(BLOB, "").replace(/\s+/g, " ").trim();
  return line.length > TEXT_LIMIT ? `${line.slice(0, TEXT_LIMIT)}…` : line;
}

// What the SDK throws, as far as it tells kinds apart. Errors without a reply (socket, time-out, abort) have no status.
const thrown = z.object({
  name: z.string(),
  message: z.string(),
  code: z.optional(z.string()),
  $metadata: z.optional(z.object({ httpStatusCode: z.optional(z.number()) })),
});

const BY_NAME: readonly (readonly [RegExp, PoolErrorKind])[] = [
  [/Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/, "Throttled"],
  [/ResourceInUse|ScalingActivityInProgress|ResourceContention/, "Busy"],
  [/^(ResourceLimitExceeded|LimitExceeded)/, "QuotaExceeded"],
  [
    /AccessDenied|NotAuthorized|UnauthorizedOperation|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|OptInRequired|ExpiredToken|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|Credentials|TokenProvider/,
    "Forbidden",
  ],
  [/ResourceNotFound/, "NotFound"],
  [/InvalidParameter|InvalidRequest|^ClientException|Validation/, "Invalid"],
];

function kindOfStatus(status: number | undefined): PoolErrorKind {
  if (status === undefined || status < 400 || status >= 500) return "Unavailable";
  if (status === 401 || status === 403) return "Forbidden";
  if (status === 404) return "NotFound";
  if (status === 408) return "Unavailable";
  if (status === 409) return "Busy";
  return status === 429 ? "Throttled" : "Invalid";
}

function whatHappened(kind: PoolErrorKind, name: string, text: string, status: number | undefined): string {
  if (name === "TimeoutError") return "got no answer in time";
  if (name === "AbortError") return "was given up, because the run's time was over";
  if (kind === "Unavailable" && status !== undefined && status < 400) return "got an answer that cannot be read";
  const action = /not authorized to perform: ([\w:]+)/.exec(text)?.[1];
  if (action !== undefined) return `was denied: vramp's role may not call ${action}`;
  return `failed with ${name}: ${cleaned(text) || "no further text"}`;
}

/** Whatever a call to AWS threw, as the one `PoolError` that says the same to an operator. */
export function toPoolError(error: unknown, call: string, ref: EksRef): PoolError {
  if (error instanceof PoolError) return error;
  if (error instanceof IdentityError) {
    const kind = error.kind === "denied" ? "Forbidden" : "Unavailable";
    return new PoolError(kind, `${named(ref)}: ${call} was not tried. ${error.message}`, { cause: error });
  }
  const parsed = thrown.safeParse(error);
  const { name, message, code, $metadata } = parsed.success
    ? parsed.data
    : { name: "Error", message: String(error), code: undefined, $metadata: undefined };
  const status = $metadata?.httpStatusCode;
  const kind = BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? kindOfStatus(status);
  const what = whatHappened(kind, name === "Error" && code !== undefined ? code : name, message, status);
  return new PoolError(kind, `${named(ref)}: ${call} ${sentence(what)} ${ADVICE[kind]}`, { cause: error });
}

/** The text with exactly one full stop at its end. */
export const sentence = (text: string): string => `${text.replace(/[.\s]+$/, "")}.`;
