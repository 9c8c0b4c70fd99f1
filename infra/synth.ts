// `npm run synth [-- --policy FILE] [--alarm-topic ARN]`: the CloudFormation template and the bundles, without a network or an AWS account. Runs
// the app itself: the CDK command line would only add a start of its own.
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { App } from "aws-cdk-lib";
import { assemble, type Wanted } from "./assemble.ts";
import type { Bundle } from "./bundle/bundle.ts";
import { DEFAULT_POLICY, PolicyRefused } from "./policy.ts";

const OUTPUT = "cdk.out";

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`.padStart(9);

const row = ({ name, startBytes, bytes, dir }: Bundle): string =>
  `  ${name.padEnd(15)}${kib(startBytes)} at the start,${kib(bytes)} in all   ${relative("", dir)}`;

async function synth(wanted: Wanted): Promise<void> {
  const app = new App({ outdir: OUTPUT });
  const { stack, bundles, deploying } = await assemble(app, wanted);
  for (const warning of deploying.warnings) console.error(warning);
  const { templateFullPath } = app.synth().getStackByName(stack.stackName);
  console.log(`stack ${stack.stackName}, from ${wanted.policyFile} (revision ${deploying.revision.slice(0, 7)})`);
  console.log(`functions\n${bundles.map(row).join("\n")}`);
  console.log(`template ${relative("", resolve(templateFullPath))}`);
}

/** What is wrong with the policy, the stack (CDK has printed the findings) or the command needs no stack trace. */
const isMistake = (error: Error): boolean =>
  error instanceof PolicyRefused ||
  error.name === "ValidationFailed" ||
  ("code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));

try {
  const { values } = parseArgs({
    options: { policy: { type: "string", default: DEFAULT_POLICY }, "alarm-topic": { type: "string" } },
  });
  await synth({ policyFile: values.policy, alarmTopic: values["alarm-topic"] });
} catch (error) {
  if (!(error instanceof Error && isMistake(error))) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
