import { randomBytes } from "node:crypto";
import type { Secrets } from "../../shared/secrets/secrets.ts";
import { createStaticSecrets } from "../../shared/secrets/static.ts";
import type { Address } from "../http/listen.ts";
import { Misconfigured } from "../runtime.ts";
import { isLoopback } from "./address.ts";

/** The secret with the tokens that one path takes, and where it is. */
export interface Tokens {
  readonly secrets: Secrets;
  readonly tokenSecret: string;
}

/** Names of the secrets that hold the tokens; null for a path that is given the token of this run. */
export interface TokenNames {
  readonly alerts: string | null;
  readonly invoke: string | null;
}

export interface AllTokens {
  readonly alerts: Tokens;
  readonly invoke: Tokens;
  /** The token that was made for `invoke` in this run; null when it has one of its own. */
  readonly made: string | null;
}

const MADE = "this-run";

/**
 * Alertmanager's tokens and the operators', each apart: whoever may announce an alert may not hold a size. Throws
 * `Misconfigured` when other machines could come and a path has no tokens of its own.
 */
export function tokensFor(names: TokenNames, address: Address, secrets: Secrets): AllTokens {
  const missing = names.alerts === null || names.invoke === null;
  if (missing && !isLoopback(address))
    throw new Misconfigured(
      `other machines can reach ${address.host}, so /alerts and /invoke need tokens: name the secrets that hold them ` +
        "with --alert-tokens and --invoke-tokens, or listen on 127.0.0.1",
    );
  const token = randomBytes(32).toString("base64url");
  const ofThisRun: Tokens = { secrets: createStaticSecrets({ [MADE]: token }), tokenSecret: MADE };
  const named = (name: string | null): Tokens => (name === null ? ofThisRun : { secrets, tokenSecret: name });
  return { alerts: named(names.alerts), invoke: named(names.invoke), made: names.invoke === null ? token : null };
}
