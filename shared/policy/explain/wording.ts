import type { z } from "zod";
import { listed } from "../suggest.ts";

const TYPES: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "text",
  boolean: "`true` or `false`",
  object: "a mapping (`key: value`)",
  record: "a mapping (`key: value`)",
  array: "a list",
};

const plural = (count: number | bigint, noun: string) => `${count} ${noun}${Number(count) === 1 ? "" : "s"}`;
const NOUNS: Readonly<Record<string, string>> = { array: "entry", string: "character" };

function amount(origin: string, limit: number | bigint): string {
  const noun = NOUNS[origin];
  if (noun === undefined) return String(limit);
  return noun === "entry" && Number(limit) !== 1 ? `${limit} entries` : plural(limit, noun);
}

/** What was expected, for issues whose schema has no words of its own. Undefined leaves zod's. */
export function wording(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `expected ${listed(issue.values.map(String), "or")}`;
    case "too_small":
      return `expected ${issue.inclusive ? "at least" : "more than"} ${amount(issue.origin, issue.minimum)}`;
    case "too_big":
      return `expected ${issue.inclusive ? "at most" : "less than"} ${amount(issue.origin, issue.maximum)}`;
    default:
      return undefined;
  }
}
