import type { Command } from "commander";
import { agreed, type CdkOptions, must, type Prepared, prepare } from "../cdk.ts";
import { EXIT, type ExitCode, print } from "../output.ts";

export function register(command: Command): void {
  command
    .requiredOption("--policy <file>", "the policy that is deployed, in YAML")
    .option("--region <name>", "the AWS region; without it that of AWS_REGION or of the profile")
    .option("--yes", "do not ask")
    .addHelpText("after", "\nEnds with 0 when the stack is gone, and with 2 when that was not agreed to.")
    .action(async (options: CdkOptions, self: Command) => {
      const { color } = self.optsWithGlobals<{ color: boolean }>();
      process.exitCode = await undeploy(await prepare(options, color), options);
    });
}

/** Says what goes and what stays and, once agreed, removes the stack. */
export async function undeploy({ policy, context, around }: Prepared, options: CdkOptions): Promise<ExitCode> {
  const pools = Object.values(policy.workloads).flatMap((workload) => workload.pools.map(({ name }) => name));
  around.report(
    [
      `will go: the functions, queues, alarms and the address for alerts of fleet ${policy.fleet}, and its stop`,
      `will stay, at the size they have then: the pools ${pools.join(", ")}. Nobody scales them any more`,
      "will stay: the table with memory and audit, and API Gateway's role and setting for logs",
    ].join("\n"),
  );
  if (!(await agreed(`Remove fleet ${policy.fleet}?`, options.yes === true, around))) return EXIT.pending;
  await must(around.cdk(["destroy", "--force", ...context]), "removing");
  print(`fleet ${policy.fleet} is no longer deployed; its pools stay as they are`);
  return EXIT.ok;
}
