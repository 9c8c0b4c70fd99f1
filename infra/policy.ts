import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { type Accepted, checkedFileOf, formatChecked } from "../shared/policy/checked.ts";
import { loadPolicy, type PolicyIssue, withFindings } from "../shared/policy/load.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";
import { withHolidays } from "../shared/reconcile/with-holidays.ts";
import { policyChecks } from "./policy-checks.ts";

/** The fleet that is deployed when no other policy is named. */
export const DEFAULT_POLICY = "examples/fleet/policy.yaml";

/** How the policy is called in a bundle. */
export const POLICY_IN_BUNDLE = "policy.yaml";

/** The policy cannot be deployed; the message holds every problem, one a line. Needs no stack trace. */
export class PolicyRefused extends Error {
  override readonly name = "PolicyRefused";
}

/** A policy that may be deployed. */
export interface PolicyToDeploy {
  readonly policy: Policy;
  readonly revision: string;
  /** One line each. */
  readonly warnings: readonly string[];
  /**
   * What goes into each bundle, by path and text: the policy, as it was written and as it was checked, and, where the function
   * will look for it, its holiday file.
   */
  readonly files: Readonly<Record<string, string>>;
}

const readText = (file: string): Promise<string> => readFile(file, "utf8");

const inOneLine = ({ file, line, column, severity, message, why, fix }: PolicyIssue): string =>
  `${file}:${line}:${column}: ${severity}: ${[message, why, fix].filter((part) => part !== undefined).join("; ")}`;

/** A loaded policy as it goes into a bundle, by path and text: as it was written, and as it was checked. */
export const policyFiles = (loaded: Accepted, text: string): Readonly<Record<string, string>> => ({
  [POLICY_IN_BUNDLE]: text,
  [checkedFileOf(POLICY_IN_BUNDLE)]: formatChecked(loaded, text, policyChecks()),
});

/** Reads and checks a policy and the holiday file it names. Throws `PolicyRefused`. */
export async function readPolicy(file: string): Promise<PolicyToDeploy> {
  const text = await readText(file).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PolicyRefused(`cannot read the policy ${file} (${why}); name one with --policy FILE`, { cause });
  });
  const loaded = loadPolicy(text, file);
  if (!loaded.ok) throw new PolicyRefused(loaded.issues.map(inOneLine).join("\n"));
  const { policy, revision } = loaded;
  const checked = withFindings(loaded, (await withHolidays(policy, file, readText)).findings);
  if (!checked.ok) throw new PolicyRefused(checked.issues.map(inOneLine).join("\n"));
  const { ics } = policy.holidays ?? {};
  const holidays = ics === undefined ? {} : { [normalize(ics)]: await readText(join(dirname(file), ics)) };
  const warnings = checked.warnings.map(inOneLine);
  return { policy, revision, warnings, files: { ...holidays, ...policyFiles(loaded, text) } };
}
