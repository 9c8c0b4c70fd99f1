import { createHash, timingSafeEqual } from "node:crypto";
import { type Secrets, SecretUnavailable } from "../../shared/secrets/secrets.ts";
import { MAX_TOKENS, MIN_TOKEN_LENGTH } from "./limits.ts";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * The live tokens from their secret: one a line, so that a new one can be added before the old one goes.
 * Throws `SecretUnavailable` when there is none, too many, or one that could be guessed.
 */
export async function liveTokens(secrets: Secrets, name: string): Promise<readonly string[]> {
  const tokens = (await secrets.get(name)).split(/\s+/).filter((line) => line !== "");
  if (tokens.length === 0 || tokens.length > MAX_TOKENS) {
    throw new SecretUnavailable(
      `secret ${name} must hold one or ${MAX_TOKENS} tokens, one a line; it holds ${tokens.length}`,
    );
  }
  if (tokens.some((token) => token.length < MIN_TOKEN_LENGTH)) {
    throw new SecretUnavailable(
      `secret ${name} holds a token shorter than ${MIN_TOKEN_LENGTH} characters; use a longer one`,
    );
  }
  return tokens;
}

/** What the caller presents: a Bearer token, or the password of Basic. Empty when there is neither. */
function presented(authorization: string): string {
  const [scheme = "", credentials = ""] = authorization.trim().split(/\s+/, 2);
  if (scheme.toLowerCase() === "bearer") return credentials;
  if (scheme.toLowerCase() !== "basic") return "";
  const decoded = Buffer.from(credentials, "base64").toString("utf8");
  return decoded.slice(decoded.indexOf(":") + 1);
}

/** Whether the Authorization header holds a live token. Digests are compared, each in constant time, and all of them. */
export function authorized(authorization: string | undefined, tokens: readonly string[]): boolean {
  const given = digest(presented(authorization ?? ""));
  let matches = 0;
  for (const token of tokens) matches += timingSafeEqual(given, digest(token)) ? 1 : 0;
  return matches > 0;
}
