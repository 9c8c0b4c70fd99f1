import { createHash } from "node:crypto";
import type { Loaded } from "./load.ts";
import { revisionOf } from "./revision.ts";

/** A policy that is fit to be in force, and its revision. */
export type Accepted = Pick<Loaded, "policy" | "revision">;

/** A policy that passed every check, and what shows that it is that still. */
interface Checked extends Accepted {
  /** Names the code that checked it. */
  readonly checks: string;
  /** SHA-256, in hex, of the text that it was read from. */
  readonly source: string;
}

/** Where the checked form of a policy file is kept: beside it. */
export const checkedFileOf = (file: string): string => `${file.replace(/\.ya?ml$/, "")}.checked.json`;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * A loaded policy as JSON, so that who trusts `checks`, the code that checked it, need not parse and check its text again, which
 * is most of what a cold start took.
 */
export function formatChecked({ policy, revision }: Accepted, text: string, checks: string): string {
  const checked: Checked = { checks, source: sha256(text), revision, policy };
  return JSON.stringify(checked);
}

/**
 * The policy in what `formatChecked` gave; null unless the same code checked it, it was read from this very text, and not a value
 * of it has changed since. Who gets null loads the text.
 */
export function readChecked(json: string, text: string, checks: string): Accepted | null {
  const found = jsonOf(json);
  if (!isRecord(found) || found.checks !== checks || found.source !== sha256(text)) return null;
  return isChecked(found) ? { policy: found.policy, revision: found.revision } : null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands in it is a policy if it is what was hashed when it had passed the schema: that is what the revision says. */
function isChecked(found: Readonly<Record<string, unknown>>): found is Readonly<Record<string, unknown>> & Checked {
  return isRecord(found.policy) && found.revision === revisionOf(found.policy);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // such as half a file
  }
}
