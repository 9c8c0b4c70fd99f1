import { type Command, Option } from "commander";
import { type LoadResult, type PolicyIssue, withFindings } from "../../shared/policy/load.ts";
import { EXIT, type ExitCode, OUTPUTS, type Output, type Paint, painter, print, printJson } from "../output.ts";
import { countIssues, formatIssue } from "../policy-file.ts";
import { loadPolicyFile } from "../valid-policy.ts";

export function register(command: Command): void {
  command
    .argument("<file>", "the policy, in YAML")
    .addOption(new Option("--output <format>", "how to print the result").choices(OUTPUTS).default("text"))
    .addHelpText("after", "\nExit codes: 0 valid (there may be warnings), 1 invalid or unreadable")
    .action(async (file: string, options: { output: Output }, self: Command) => {
      const { color } = self.optsWithGlobals<{ color: boolean }>();
      const { result: loaded, aboutHolidays } = await loadPolicyFile(file);
      const result = loaded.ok ? withFindings(loaded, aboutHolidays) : loaded;
      if (options.output === "json") printJson(toJson(result));
      else print(toText(result, file, painter(process.stdout, color, process.env)));
      process.exitCode = exitCode(result);
    });
}

const exitCode = (result: LoadResult): ExitCode => (result.ok ? EXIT.ok : EXIT.error);

interface ValidateJson {
  readonly valid: boolean;
  /** The next three are null or empty when the policy is invalid. */
  readonly fleet: string | null;
  readonly revision: string | null;
  readonly workloads: readonly string[];
  readonly issues: readonly PolicyIssue[];
}

/** The stable form for other programs. */
export function toJson(result: LoadResult): ValidateJson {
  if (!result.ok) return { valid: false, fleet: null, revision: null, workloads: [], issues: result.issues };
  const { policy, revision, warnings } = result;
  return { valid: true, fleet: policy.fleet, revision, workloads: Object.keys(policy.workloads), issues: warnings };
}

/** Characters of the revision that people get to see; as many as git shows. */
const SHORT = 7;

/** The form for people: every issue, then one line that sums up. */
export function toText(result: LoadResult, file: string, paint: Paint): string {
  const issues = result.ok ? result.warnings : result.issues;
  const count = countIssues(issues);
  const lines = issues.map((issue) => `${formatIssue(issue, paint)}\n`);
  if (!result.ok) return [...lines, `${paint("red", "invalid")}: ${file}: ${count}`].join("\n");
  const names = Object.keys(result.policy.workloads);
  const workloads = `${names.length} workload${names.length === 1 ? "" : "s"} (${names.join(", ")})`;
  const summary = `${file}: fleet ${result.policy.fleet}, ${workloads}, revision ${result.revision.slice(0, SHORT)}`;
  return [...lines, `${paint("green", "valid")}: ${summary}${count === "" ? "" : `, ${count}`}`].join("\n");
}
