import { loadPolicy } from "../shared/policy/load.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";
import type { Workload } from "../shared/policy/schema/workload.ts";
import { type Paint, report, UserError } from "./output.ts";
import { countIssues, formatIssue, readPolicyText } from "./policy-file.ts";

/** A policy to work with. Reports every problem of an invalid one and throws `UserError`. */
export async function readValidPolicy(file: string, paint: Paint): Promise<Policy> {
  const result = loadPolicy(await readPolicyText(file), file);
  if (result.ok) return result.policy;
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
