import type { App } from "aws-cdk-lib";
import { BUNDLES, type Bundle, bundleFunctions } from "./bundle/bundle.ts";
import { checkByRules } from "./nag.ts";
import { type PolicyToDeploy, readPolicy } from "./policy.ts";
import { VrampStack } from "./vramp-stack.ts";

export interface Assembled {
  readonly stack: VrampStack;
  readonly bundles: readonly Bundle[];
  readonly deploying: PolicyToDeploy;
}

/** What is to be deployed, as the command line names it. */
export interface Wanted {
  readonly policyFile: string;
  /** ARN of the SNS topic that alarms go to; without one the stack has its own. */
  readonly alarmTopic?: string | undefined;
}

/**
 * Checks the policy, bundles the functions, and puts the stack for both into the app, which then fails to synthesize with a
 * finding of AWS's rules that is open. Throws `PolicyRefused`.
 */
export async function assemble(app: App, { policyFile, alarmTopic }: Wanted): Promise<Assembled> {
  const deploying = await readPolicy(policyFile);
  const { policy, files } = deploying;
  const bundles = await bundleFunctions(files);
  const stack = new VrampStack(app, `vramp-${policy.fleet}`, {
    policy,
    bundles: BUNDLES,
    alarmTopic,
    analyticsReporting: false,
  });
  checkByRules(app);
  return { stack, bundles, deploying };
}
