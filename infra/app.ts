// The CDK app, as the CDK command line runs it: `npx cdk deploy -c policy=FILE [-c alarmTopic=ARN]`.
import { App } from "aws-cdk-lib";
import { assemble } from "./assemble.ts";
import { DEFAULT_POLICY, PolicyRefused } from "./policy.ts";

const app = new App();

function context(name: string): string | undefined {
  const value: unknown = app.node.tryGetContext(name);
  return typeof value === "string" ? value : undefined;
}

try {
  const { deploying } = await assemble(app, {
    policyFile: context("policy") ?? DEFAULT_POLICY,
    alarmTopic: context("alarmTopic"),
  });
  for (const warning of deploying.warnings) console.error(warning);
  app.synth();
} catch (error) {
  if (!(error instanceof PolicyRefused)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
