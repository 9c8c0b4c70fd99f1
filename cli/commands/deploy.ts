import type { Command } from "commander";
import { agreed, type CdkOptions, must, type Prepared, prepare } from "../cdk.ts";
import { EXIT, type ExitCode, print, UserError } from "../output.ts";

interface Options extends CdkOptions {
  readonly alarmTopic?: string;
}

/** How CDK says how many stacks differ from what is deployed. */
const DIFFERENCES = /Number of stacks with differences: (\d+)/;

export function register(command: Command): void {
  command
    .requiredOption("--policy <file>", "the policy, in YAML")
    .option("--region <name>", "the AWS region; without it that of AWS_REGION or of the profile")
    .option("--alarm-topic <arn>", "the SNS topic that alarms go to, instead of a new one")
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      "\nEnds with 0 when all is deployed, and with 2 when there are changes that were not agreed to.",
    )
    .action(async (options: Options, self: Command) => {
      const { color } = self.optsWithGlobals<{ color: boolean }>();
      process.exitCode = await deploy(await prepare(options, color), options);
    });
}

/** Shows what would change and, once agreed, changes it. */
export async function deploy({ policy, context, around }: Prepared, options: Options): Promise<ExitCode> {
  const topic = options.alarmTopic === undefined ? [] : ["-c", `alarmTopic=${options.alarmTopic}`];
  const named = [...context, ...topic];
  const { output } = await must(around.cdk(["diff", "--method", "template", ...named]), "comparing");
  const differences = DIFFERENCES.exec(output)?.[1];
  if (differences === undefined) throw new UserError("CDK did not say whether anything differs; nothing was changed");
  if (differences === "0") {
    print(`fleet ${policy.fleet} is deployed as it is; nothing to do`);
    return EXIT.ok;
  }
  if (!(await agreed(`Deploy fleet ${policy.fleet}?`, options.yes === true, around))) return EXIT.pending;
  await must(around.cdk(["deploy", "--require-approval", "never", ...named]), "deploying");
  print(`fleet ${policy.fleet} is deployed`);
  return EXIT.ok;
}
