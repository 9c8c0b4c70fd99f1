/** `denied` stays so until someone changes a trust policy; `unavailable` may pass. */
export type IdentityErrorKind = "denied" | "unavailable";

/**
 * An identity that could not be taken on. The message says which, what happened and what to do. There is no `cause`: what
 * the libraries throw quotes requests and replies, and with them tokens.
 */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
  readonly kind: IdentityErrorKind;

  constructor(kind: IdentityErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
