import type { EpochSeconds } from "../policy/units.ts";

/** A cloud operation that was started and whose end a later run reads. `token` is what the adapter needs to poll it. */
export interface Operation {
  readonly pool: string;
  readonly token: string;
}

export type OperationState =
  | { readonly kind: "running" }
  | { readonly kind: "succeeded" }
  | { readonly kind: "failed"; readonly error: PoolFailure };

/** The closed family of what a cloud can say no with. */
export const POOL_ERRORS = {
  Busy: "retry",
  Throttled: "retry",
  Unavailable: "retry",
  NoCapacity: "fallBack",
  QuotaExceeded: "fallBack",
  Forbidden: "final",
  NotFound: "final",
  Invalid: "final",
} as const;

export type PoolErrorKind = keyof typeof POOL_ERRORS;

/** A cloud's refusal, as data. */
export interface PoolFailure {
  readonly kind: PoolErrorKind;
  /** What happened, to what, and what to do; fit for an operator, free of secrets. */
  readonly message: string;
}

export interface NodeState {
  /** The Kubernetes provider id, as the metrics label it: `aws:///eu-central-1a/i-0abc`. */
  readonly id: string;
  readonly ready: boolean;
  /** Under an interruption notice. */
  readonly noticed: boolean;
}

/** What a cloud says of one pool now. Sizes are nodes. */
export interface PoolState {
  readonly desired: number;
  readonly ready: number;
  /** Ready nodes under an interruption notice. */
  readonly noticed: number;
  /** The pool's size is always a multiple of this: its zones where the cloud sizes each alike, else 1. */
  readonly step: number;
  /** The bounds the cloud itself enforces on the pool. */
  readonly min: number;
  readonly max: number;
  /** `updating`: the cloud refuses another change for now. `degraded`: it reports problems but takes changes. */
  readonly status: "active" | "updating" | "degraded";
  /** Problems the cloud reports, already classified. */
  readonly issues: readonly PoolFailure[];
  /** When the latest refusal to launch a node was seen. */
  readonly capacityError: EpochSeconds | null;
  readonly nodes: readonly NodeState[] | null;
  /** The cloud's version of the pool, where it has one. */
  readonly etag: string | null;
}

/** A pool, as it was seen or as it could not be. */
export type PoolObservation =
  | { readonly kind: "seen"; readonly state: PoolState }
  | { readonly kind: "unseen"; readonly error: PoolFailure };
