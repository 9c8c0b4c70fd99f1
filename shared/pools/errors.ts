import { POOL_ERRORS, type PoolErrorKind, type PoolFailure } from "../model/pool.ts";

/** A cloud's refusal. `message` says what happened, to which pool, and what to do. */
export class PoolError extends Error {
  override readonly name = "PoolError";
  readonly kind: PoolErrorKind;

  constructor(kind: PoolErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }

  /** Whether trying again later may help. */
  get retryable(): boolean {
    return POOL_ERRORS[this.kind] === "retry";
  }

  toFailure(): PoolFailure {
    return { kind: this.kind, message: this.message };
  }
}
