import { IdentityError } from "../identity/errors.ts";
import { type SignalObservation, UNKNOWN, type UnknownWhy } from "../model/signal.ts";
import { SecretUnavailable } from "../secrets/secrets.ts";
import { clean } from "../telemetry/telemetry.ts";

/** A source, or a signal on it, that cannot work however often it is tried. The message says what to change. */
export class SourceMisconfigured extends Error {
  override readonly name = "SourceMisconfigured";
}

/** Why one read brought nothing. Thrown inside the adapters only; `settle` makes an observation of it. */
export class SignalFault extends Error {
  override readonly name = "SignalFault";
  readonly why: UnknownWhy;

  constructor(why: UnknownWhy, message: string = UNKNOWN[why], options?: ErrorOptions) {
    super(message, options);
    this.why = why;
  }
}

const unknown = (why: UnknownWhy, detail: string = UNKNOWN[why]): SignalObservation => ({
  kind: "unknown",
  why,
  detail: clean(detail),
});

function classify(error: unknown): SignalObservation {
  if (error instanceof SignalFault) return unknown(error.why, error.message);
  if (error instanceof SourceMisconfigured) return unknown("misconfigured", error.message);
  if (error instanceof SecretUnavailable) return unknown("noCredentials", error.message);
  if (error instanceof IdentityError)
    return unknown(error.kind === "denied" ? "denied" : "noCredentials", error.message);
  // Only the name: a message that nobody foresaw may quote a header, and with it a secret.
  return unknown(
    "serverError",
    `reading the signal failed unexpectedly (${error instanceof Error ? error.name : typeof error})`,
  );
}

/**
 * Runs one read so that it ends by the deadline, whether or not everything in it heeds `abort`, and never throws: each
 * failure is an unknown with its reason, and after `abort` the reason is `timeout`.
 */
export async function settle(abort: AbortSignal, read: () => Promise<SignalObservation>): Promise<SignalObservation> {
  if (abort.aborted) return unknown("timeout");
  let onAbort = () => {};
  const aborted = new Promise<SignalObservation>((resolve) => {
    onAbort = () => resolve(unknown("timeout"));
    abort.addEventListener("abort", onAbort, { once: true });
  });
  const outcome = read().catch((error: unknown) => (abort.aborted ? unknown("timeout") : classify(error)));
  try {
    return await Promise.race([outcome, aborted]);
  } finally {
    abort.removeEventListener("abort", onAbort);
  }
}
