import { check } from "./check.ts";
import { type Finding, formatPath, type PolicyIssue } from "./finding.ts";
import { revisionOf } from "./revision.ts";
import type { Policy } from "./schema/policy.ts";
import { parseText, type Source } from "./yaml/document.ts";

export type { PolicyIssue, Severity } from "./finding.ts";

/** A policy without errors. */
export interface Loaded {
  readonly ok: true;
  readonly policy: Policy;
  /** SHA-256, in hex, of what the policy means; the same for other comments, spellings and orders of keys. */
  readonly revision: string;
  readonly warnings: readonly PolicyIssue[];
  /** Gives what a later check found, such as of a file that the policy names, its place in the text. */
  readonly toIssue: (finding: Finding) => PolicyIssue;
}

export type LoadResult = Loaded | { readonly ok: false; readonly issues: readonly PolicyIssue[] };

/** Reads a policy and reports every problem of it, in the order of the text. Never throws. `file` only names the text. */
export function loadPolicy(text: string, file: string): LoadResult {
  const parsed = parseText(text);
  if (!parsed.ok)
    return { ok: false, issues: inOrder(parsed.problems.map((p) => ({ severity: "error", file, path: "", ...p }))) };

  const { policy, findings } = check(parsed.source.data);
  const toIssue = (finding: Finding) => issueAt(finding, parsed.source, file);
  const issues = inOrder(findings.map(toIssue));
  if (policy === null) return { ok: false, issues };
  return { ok: true, policy, revision: revisionOf(policy), warnings: issues, toIssue };
}

/** What a loaded policy comes to with what later checks found: one error more, and it is invalid. */
export function withFindings(loaded: Loaded, findings: readonly Finding[]): LoadResult {
  const issues = inOrder([...loaded.warnings, ...findings.map(loaded.toIssue)]);
  const invalid = findings.some(({ severity }) => severity === "error");
  return invalid ? { ok: false, issues } : { ...loaded, warnings: issues };
}

function issueAt(finding: Finding, source: Source, file: string): PolicyIssue {
  const { severity, path, message, why, fix } = finding;
  return {
    severity,
    file,
    ...source.locate(path, finding.atKey === true ? "key" : "value"),
    path: formatPath(path),
    message,
    ...(why === undefined ? {} : { why }),
    ...(fix === undefined ? {} : { fix }),
  };
}

const inOrder = (issues: readonly PolicyIssue[]): PolicyIssue[] =>
  issues.toSorted((a, b) => a.line - b.line || a.column - b.column);
