import { readFile } from "node:fs/promises";
import type { PolicyIssue } from "../shared/policy/load.ts";
import { type Paint, UserError } from "./output.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "you may not read it",
};

/** The text of a file. Throws an error whose message is only the reason: the caller knows what the file is for. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    throw new Error(REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause)), { cause });
  }
}

/** The text of a policy file. Throws `UserError` when it cannot be read. */
export async function readPolicyText(file: string): Promise<string> {
  try {
    return await readText(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`cannot read the policy ${file}: ${reason}`, { cause });
  }
}

/** `file:line:column: error: what`, and below it why and what to do. */
export function formatIssue(issue: PolicyIssue, paint: Paint): string {
  const where = paint("bold", `${issue.file}:${issue.line}:${issue.column}:`);
  const severity = paint(issue.severity === "error" ? "red" : "yellow", `${issue.severity}:`);
  const more = (label: string, text: string | undefined) =>
    text === undefined ? [] : [`  ${paint("dim", label)} ${text}`];
  const at = issue.path === "" ? undefined : issue.path;
  return [
    `${where} ${severity} ${issue.message}`,
    ...more("at: ", at),
    ...more("why:", issue.why),
    ...more("fix:", issue.fix),
  ].join("\n");
}

/** `2 errors, 1 warning`; empty when there is nothing to count. */
export function countIssues(issues: readonly PolicyIssue[]): string {
  return (["error", "warning"] as const)
    .map((severity) => ({ severity, count: issues.filter((issue) => issue.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 ? "" : "s"}`)
    .join(", ");
}
