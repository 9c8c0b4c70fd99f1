// The CDK app, as the CDK command line runs it: `npx cdk deploy -c policy=FILE`.
import { App } from "aws-cdk-lib";
import { assemble } from "./assemble.ts";
import { DEFAULT_POLICY, PolicyRefused } from "./policy.ts";

const app = new App();
const named: unknown = app.node.tryGetContext("policy");
try {
  const { deploying } = await assemble(app, typeof named === "string" ? named : DEFAULT_POLICY);
  for (const warning of deploying.warnings) console.error(warning);
  app.synth();
} catch (error) {
  if (!(error instanceof PolicyRefused)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
