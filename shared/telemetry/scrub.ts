/** Characters looked at; a log line that is longer says no more. */
const MAX_LENGTH = 4096;

/** Control, format and separator characters could forge lines or hide text in terminals (OWASP Logging). */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * What credentials look like, with what to keep of each. Nothing should bring them this far: errors are made without them.
 * This is for the library that quotes a request one day.
 */
const CREDENTIALS: readonly (readonly [pattern: RegExp, kept: string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{16,}/gi, "$1 [secret]"],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "[secret]"], // JSON Web Tokens
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, "[secret]"], // AWS access keys
  [/(x-amz-(?:signature|security-token|credential)=)[^\s&"']+/gi, "$1[secret]"],
  [
    /((?:secret_?access_?key|session_?token|client_?secret|password|(?:access|refresh|id)_?token)["']?\s*[:=]\s*["']?)[^\s"',;&}]+/gi,
    "$1[secret]",
  ],
  [/(hooks\.slack\.com\/services\/)[\w/]+/g, "$1[secret]"],
  [/(:\/\/)[^\s/@:]*:[^\s/@]*@/g, "$1[secret]@"], // https://user:password@host
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g, "[secret]"],
];

/** A text without invisible characters and without anything that looks like a credential. */
export function scrub(text: string): string {
  const visible = text.slice(0, MAX_LENGTH).replace(INVISIBLE, "");
  return CREDENTIALS.reduce((clear, [pattern, kept]) => clear.replace(pattern, kept), visible);
}

/** The same for every text in plain data, keys included. */
export function scrubAll(value: unknown): unknown {
  if (typeof value === "string") return scrub(value);
  if (Array.isArray(value)) return value.map(scrubAll);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [scrub(key), scrubAll(inner)]));
}
