import * as z from "zod/mini";
import { IdentityError } from "../../identity/errors.ts";
import type { PoolErrorKind } from "../../model/pool.ts";
import type { GkeRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";

/** What an operator can do about each kind; the second half of every message. */
export const ADVICE: Readonly<Record<PoolErrorKind, string>> = {
  Busy: "GKE makes one change to a cluster at a time; the next run tries again.",
  Throttled: "Google limits how often it may be called; the next run tries again.",
  Unavailable:
    "The next run tries again; if this lasts, look at status.cloud.google.com and at vramp's route to Google.",
  NoCapacity: "Google has none to give here now: list another pool, zone or machine type, or wait.",
  QuotaExceeded: "Ask Google for a higher quota (IAM & Admin, Quotas), or use another pool.",
  Forbidden: "Grant vramp's identity the role in docs/gke.md, or give it valid credentials.",
  NotFound: "Check project, location, cluster and nodePool in the policy.",
  Invalid: "Compare the policy with the node pool in the Google Cloud console.",
};

/** How a node pool is called in messages. */
export const named = (ref: GkeRef): string =>
  `GKE node pool ${ref.cluster}/${ref.nodePool} (${ref.project}, ${ref.location})`;

const TEXT_LIMIT = 400;

/** A cloud's text as one sentence, without whom it speaks of, and not endless. */
export function cleaned(text: string): string {
  const line = text
    .replace(/[\w.+-]+@[\w.-]+\.\w+/g, "(an account)")
    .replace(/\s+/g, " ")
    .replace(/[.\s]+$/, "");
  return `${(line.length > TEXT_LIMIT ? `${line.slice(0, TEXT_LIMIT)}…` : line) || "no further text"}.`;
}

/**
 * Texts and reasons that say more than the code beside them, the first match winning: GKE has one code for a busy cluster
 * and a request that can never be met, and one for a rate limit, a quota of operations and a quota of GPUs.
 */
const BY_TEXT: readonly (readonly [RegExp, PoolErrorKind])[] = [
  [
    /CLUSTER_ALREADY_HAS_OPERATION|incompatible operation|concurrent operations quota|is currently \w+ing (the )?(cluster|node ?pool)|try again once it is done|resourceNotReady|resourceInUseByAnotherResource/i,
    "Busy",
  ],
  [/RATE_LIMIT_EXCEEDED|rateLimitExceeded|(requests|queries) per (minute|second|100 seconds)/i, "Throttled"],
  [
    /RESOURCE_POOL_EXHAUSTED|STOCKOUT|does not have enough resources|insufficient (capacity|resources)|resource_?availability/i,
    "NoCapacity",
  ],
  [/QUOTA_EXCEEDED|quotaExceeded|quota '?[\w-]*'? ?exceeded|exceed\w* .*quota|insufficient .*quota/i, "QuotaExceeded"],
];

/** gRPC's codes; https://grpc.io/docs/guides/status-codes/. What is absent is `Unavailable`: it may pass. */
const BY_CODE: Readonly<Record<number, PoolErrorKind>> = {
  3: "Invalid",
  5: "NotFound",
  6: "Invalid",
  7: "Forbidden",
  8: "Throttled",
  9: "Invalid",
  10: "Busy",
  11: "Invalid",
  12: "Invalid",
  16: "Forbidden",
};

/** Which kind a problem is, by its text and gRPC code. */
export const classify = (text: string, code: number | undefined): PoolErrorKind =>
  BY_TEXT.find(([pattern]) => pattern.test(text))?.[1] ??
  (code === undefined ? undefined : BY_CODE[code]) ??
  "Unavailable";

// What the SDK and the auth library throw, as far as it tells kinds apart. The SDK's `code` is gRPC's, the library's a text.
const thrown = z.object({
  name: z.string(),
  message: z.string(),
  code: z.catch(z.optional(z.union([z.number(), z.string()])), undefined),
  reason: z.catch(z.optional(z.string()), undefined),
  httpStatusCode: z.catch(z.optional(z.number()), undefined),
  status: z.catch(z.optional(z.number()), undefined),
  cause: z.optional(z.unknown()),
  response: z.catch(
    z.optional(
      z.object({
        data: z.object({
          error: z.object({ message: z.string(), errors: z._default(z.array(z.object({ reason: z.string() })), []) }),
        }),
      }),
    ),
    undefined,
  ),
});
type Thrown = z.output<typeof thrown>;

const asThrown = (error: unknown): Thrown => thrown.safeParse(error).data ?? { name: "Error", message: String(error) };

function grpcOf(status: number): number {
  const known: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 408: 4, 409: 10, 412: 9, 429: 8 };
  return known[status] ?? (status >= 400 && status < 500 ? 3 : 14);
}

/** The gRPC code of a refusal; undefined for what failed without a reply. */
function codeOf({ code, status, httpStatusCode }: Thrown): number | undefined {
  const answered = status ?? httpStatusCode;
  if (typeof code === "number" && code < 100) return code;
  return answered === undefined ? undefined : grpcOf(answered);
}

function identityErrorIn(error: unknown): IdentityError | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if (at instanceof IdentityError) return at;
  return null;
}

const isNetworkCode = (code: unknown): boolean => typeof code === "string" && /^E[A-Z_]+$/.test(code);

/** Whether the same call may fare better at once: there was a refusal that passes, or no reply. An unreadable one stays so. */
export function mayPassAtOnce(error: unknown): boolean {
  if (error instanceof PoolError || identityErrorIn(error) !== null) return false;
  const failure = asThrown(error);
  const answered = failure.status ?? failure.httpStatusCode;
  const kind = kindOf(failure);
  if (kind === "Throttled") return true;
  return kind === "Unavailable" && (answered !== undefined || isTimeout(failure) || isCutOff(failure));
}

const isTimeout = (failure: Thrown): boolean =>
  failure.code === 4 || failure.name === "TimeoutError" || failure.code === "TimeoutError";
const isCutOff = (failure: Thrown): boolean =>
  isNetworkCode(failure.code) || isNetworkCode(asThrown(failure.cause).code);

const kindOf = (failure: Thrown): PoolErrorKind => {
  const reasons = failure.response?.data.error.errors.map((error) => error.reason) ?? [];
  return classify([failure.reason ?? "", failure.message, ...reasons].join(" "), codeOf(failure));
};

function whatHappened(failure: Thrown, kind: PoolErrorKind): string {
  if (isTimeout(failure)) return "got no answer in time.";
  if (failure.name === "AbortError") return "was given up, because the run's time was over.";
  const answered = failure.status ?? failure.httpStatusCode;
  if (answered === undefined && kind === "Unavailable" && !isCutOff(failure))
    return "got an answer that cannot be read.";
  const text = failure.response?.data.error.message ?? failure.message;
  const permission = /["']((?:container|compute)\.[\w.]+)["']/.exec(text)?.[1];
  if (kind === "Forbidden" && permission !== undefined) return `was denied: vramp's identity lacks ${permission}.`;
  return `failed: ${cleaned(text)}`;
}

/** Whatever a call to Google threw, as the one `PoolError` that says the same to an operator. */
export function toPoolError(error: unknown, call: string, ref: GkeRef): PoolError {
  if (error instanceof PoolError) return error;
  const identity = identityErrorIn(error);
  if (identity !== null)
    return new PoolError(
      identity.kind === "denied" ? "Forbidden" : "Unavailable",
      `${named(ref)}: ${identity.message}`,
    );
  const failure = asThrown(error);
  const kind = kindOf(failure);
  const message = `${named(ref)}: ${call} ${whatHappened(failure, kind)} ${ADVICE[kind]}`;
  return new PoolError(kind, message, { cause: error });
}
