import type { Finding } from "../shared/policy/finding.ts";
import { type LoadResult, loadPolicy } from "../shared/policy/load.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";
import type { Workload } from "../shared/policy/schema/workload.ts";
import { withHolidays } from "../shared/reconcile/with-holidays.ts";
import { type Paint, report, UserError } from "./output.ts";
import { countIssues, formatIssue, readPolicyText, readText } from "./policy-file.ts";

/** A policy file, checked; and a valid one's holidays, with what was found in the file that has them. */
export interface PolicyFile {
  readonly result: LoadResult;
  readonly aboutHolidays: readonly Finding[];
}

/** Reads and checks a policy file and the holiday file it names. Throws `UserError` when the policy itself cannot be read. */
export async function loadPolicyFile(file: string): Promise<PolicyFile> {
  const result = loadPolicy(await readPolicyText(file), file);
  if (!result.ok) return { result, aboutHolidays: [] };
  const { policy, findings } = await withHolidays(result.policy, file, readText);
  return { result: { ...result, policy }, aboutHolidays: findings };
}

/**
 * A policy to work with, its holidays read. Reports every problem of an invalid one and throws `UserError`. Of a holiday file
 * problems are only warnings, as they are when vramp runs.
 */
export async function readValidPolicy(file: string, paint: Paint): Promise<Policy> {
  const { result, aboutHolidays } = await loadPolicyFile(file);
  if (result.ok) {
    for (const finding of aboutHolidays)
      report(formatIssue(result.toIssue({ ...finding, severity: "warning" }), paint));
    return result.policy;
  }
  for (const issue of result.issues) report(formatIssue(issue, paint));
  throw new UserError(`the policy ${file} is invalid: ${countIssues(result.issues)}`);
}

/** A workload of the policy, by name. Throws `UserError` if there is none. */
export function workloadNamed(policy: Policy, name: string): Workload {
  const workload = Object.hasOwn(policy.workloads, name) ? policy.workloads[name] : undefined;
  if (workload !== undefined) return workload;
  throw new UserError(
    `the policy has no workload ${JSON.stringify(name)}; it has ${Object.keys(policy.workloads).join(", ")}`,
  );
}
