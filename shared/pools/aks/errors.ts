import * as z from "zod/mini";
import { IdentityError } from "../../identity/errors.ts";
import type { PoolErrorKind, PoolFailure } from "../../model/pool.ts";
import type { AksRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";

/** What an operator can do about each kind; the second half of every message. */
const ADVICE: Readonly<Record<PoolErrorKind, string>> = {
  Busy: "Another change is still being made; the next run tries again.",
  Throttled: "Azure limits how often it may be called; the next run tries again.",
  Unavailable: "The next run tries again; if this lasts, look at Azure Service Health and at vramp's route to Azure.",
  NoCapacity: "Azure has none to give here now: list another pool, zone or VM size, or wait.",
  QuotaExceeded: "Ask Azure for a higher quota (Subscriptions, Usage + quotas), or use another pool.",
  Forbidden: "Give vramp's identity the role in docs/aks.md, or valid credentials.",
  NotFound: "Check subscription, resourceGroup, cluster and agentPool in the policy.",
  Invalid: "Compare the policy with the node pool in the Azure portal.",
};

/** How an agent pool is called in messages. */
export const named = (ref: AksRef): string => `AKS agent pool ${ref.cluster}/${ref.agentPool} (${ref.resourceGroup})`;

const TEXT_LIMIT = 400;

/** A cloud's text as one sentence, without the ids and accounts it speaks of, and not endless. */
function cleaned(text: string): string {
  const line = text
    .replace(/\/subscriptions\/[^\s'",;)]+/gi, "(a resource)")
    .replace(/[\w.+-]+@[\w.-]+\.\w+/g, "(an account)")
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "(an id)")
    .replace(/\s+/g, " ")
    .replace(/[.\s]+$/, "");
  return `${(line.length > TEXT_LIMIT ? `${line.slice(0, TEXT_LIMIT)}…` : line) || "no further text"}.`;
}

/** A problem as Azure words it: a code of its own and a text. */
export interface CloudIssue {
  readonly code: string;
  readonly message: string;
}

/**
 * Which kind a code and its text are, the first match winning. `OperationNotAllowed` alone says nothing: it stands for an
 * operation in progress, a used-up quota and a stopped cluster.
 */
const KINDS: readonly (readonly [RegExp, PoolErrorKind])[] = [
  [/TooManyRequests|RequestsThrottled|OperationThrottled|throttl/i, "Throttled"],
  [
    /is in progress|pending-operation|wait for it to finish|another operation|EtagMismatch|PreconditionFailed|OperationPreempted/i,
    "Busy",
  ],
  [/QuotaExceeded|\bquota\b|exceeding approved|LimitExceeded/i, "QuotaExceeded"],
  [
    /SkuNotAvailable|(Overconstrained)?(Zonal)?Allocation(Request|Failed)|sufficient capacity|capacity restrictions/i,
    "NoCapacity",
  ],
  // A full subnet is as final for this pool's growth, and as passing, as a stock-out: another pool may have room.
  [/SubnetIsFull|InsufficientSubnetSize|enough (free |available )?IP addresses/i, "NoCapacity"],
  [
    /AuthorizationFailed|AuthenticationFailed|LinkedAuthorization|ScopeLocked|ReadOnlyDisabled|Disallowed/i,
    "Forbidden",
  ],
  [/\b(Agent)?(Pool|Resource|ResourceGroup|Subscription|Cluster)?NotFound\b/, "NotFound"],
  [/autoscaler|PropertyChangeNotAllowed|InvalidParameter|BadRequest|is (in )?stopped|CannotDelete/i, "Invalid"],
];

const kindOfText = ({ code, message }: CloudIssue): PoolErrorKind | undefined =>
  KINDS.find(([pattern]) => pattern.test(`${code} ${message}`))?.[1];

/** What an operator can do about a problem of the pool's own, where that differs from a refused call. */
const ADVICE_ON_ISSUES: typeof ADVICE = {
  ...ADVICE,
  Unavailable: "It may pass; look at the node pool's and the scale set's activity log in the Azure portal.",
  Forbidden: "Give the cluster's own identity its permissions back.",
  Invalid: "Mend the node pool at AKS; vramp changes nothing but its size.",
  NotFound: "AKS misses something that the node pool needs; mend it there.",
};

/** A failed operation's or a degraded pool's problem, as data and worded for an operator. Unmatched problems may pass. */
export function toFailure(issue: CloudIssue, ref: AksRef): PoolFailure {
  const kind = kindOfText(issue) ?? "Unavailable";
  return { kind, message: `${named(ref)}: ${issue.code}: ${cleaned(issue.message)} ${ADVICE_ON_ISSUES[kind]}` };
}

// What the SDK throws, as far as it tells kinds apart. Errors without a reply (socket, time-out, abort) have no statusCode.
const thrown = z.object({
  name: z.string(),
  message: z.string(),
  code: z.catch(z.optional(z.string()), undefined),
  statusCode: z.catch(z.optional(z.number()), undefined),
});
type Thrown = z.output<typeof thrown>;

const asThrown = (error: unknown): Thrown => {
  const parsed = thrown.safeParse(error);
  return parsed.success
    ? parsed.data
    : { name: "Error", message: String(error), code: undefined, statusCode: undefined };
};

function kindOf({ name, code, message, statusCode }: Thrown): PoolErrorKind {
  if (/^(Credential|Authentication|AggregateAuthentication)/.test(name)) return "Forbidden";
  if (statusCode === 501) return "Invalid";
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500 || statusCode === 408) return "Unavailable";
  if (statusCode === 401 || statusCode === 403) return "Forbidden";
  if (statusCode === 404) return "NotFound";
  if (statusCode === 412) return "Busy";
  if (statusCode === 429) return "Throttled";
  return kindOfText({ code: code ?? "", message }) ?? (statusCode === 409 ? "Busy" : "Invalid");
}

/** Texts of AKS's that say what is wrong and not what to do. */
const EXPLAINED: readonly (readonly [RegExp, string])[] = [
  [
    /Cannot scale cluster autoscaler enabled node pool|Cannot manually scale and enable cluster autoscaler/i,
    "The cluster's autoscaler governs this pool: turn it off with `az aks nodepool update --disable-cluster-autoscaler`.",
  ],
  [
    /is (in )?stopped|not running/i,
    "Start it with `az aks nodepool start`, or `az aks start` if the cluster is stopped.",
  ],
];

function whatHappened(failure: Thrown, kind: PoolErrorKind, over: boolean): string {
  if (over) return "was given up, because the run's time was over.";
  if (failure.name === "AbortError") return "got no answer in time.";
  if (failure.name === "SyntaxError" || failure.code === "PARSE_ERROR") return "got an answer that cannot be read.";
  const action = /to perform action '([\w./]+)'/.exec(failure.message)?.[1];
  if (kind === "Forbidden" && action !== undefined) return `was denied: vramp's identity lacks ${action}.`;
  return `failed with ${failure.code ?? failure.statusCode ?? failure.name}: ${cleaned(failure.message)}`;
}

/** Whatever a call to Azure threw, as the one `PoolError` that says the same to an operator. `over`: the run's time is. */
export function toPoolError(error: unknown, call: string, ref: AksRef, over: boolean): PoolError {
  if (error instanceof PoolError) return error;
  if (error instanceof IdentityError)
    return new PoolError(
      error.kind === "denied" ? "Forbidden" : "Unavailable",
      `${named(ref)}: ${call} was not tried. ${error.message}`,
    );
  const failure = asThrown(error);
  const kind = over ? "Unavailable" : kindOf(failure);
  const advice =
    EXPLAINED.find(([pattern]) => kind === "Invalid" && pattern.test(failure.message))?.[1] ?? ADVICE[kind];
  return new PoolError(kind, `${named(ref)}: ${call} ${whatHappened(failure, kind, over)} ${advice}`, { cause: error });
}
