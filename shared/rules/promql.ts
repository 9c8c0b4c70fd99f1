/** A policy from which no rules can be made. The message says which part, and what to change. */
export class RulesError extends Error {
  override readonly name = "RulesError";
}

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/**
 * `(query) > 50`, so that the comparison applies to the whole query whatever operators it has. The brackets stand on lines
 * of their own: a query may end in a comment.
 *
 * @throws RulesError if the query would not stay within the brackets
 */
export function compare(signal: string, query: string, comparison: "above" | "below", threshold: number): string {
  const flaw = flawIn(query);
  if (flaw !== null)
    throw new RulesError(`The query of signal "${signal}" ${flaw}; correct it under \`signals\` in the policy.`);
  return `(\n${query.replace(/\r\n?/g, "\n").trim()}\n) ${comparison === "above" ? ">" : "<"} ${threshold}`;
}

/** Why a query cannot stand within brackets, or null. Looks only at brackets, strings and comments; Prometheus judges the rest. */
function flawIn(query: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what YAML forbids.
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/.test(query)) return "contains a control character";
  const expected: string[] = [];
  // A string (with escapes, or raw), a comment, or a bracket.
  for (const [token] of query.matchAll(/"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`[^`]*`?|#[^\n]*|[()[\]{}]/g)) {
    const first = token[0] ?? "";
    if (`"'\``.includes(first)) {
      if (token.length < 2 || !token.endsWith(first)) return `has a string that does not end (${token.slice(0, 20)})`;
    } else if (first in CLOSING) expected.push(CLOSING[first] ?? "");
    else if (first !== "#" && expected.pop() !== first) return `closes a bracket that is not open (${first})`;
  }
  return expected.length === 0 ? null : `leaves a bracket open (${expected.at(-1)} is missing)`;
}
