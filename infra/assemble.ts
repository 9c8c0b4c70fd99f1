import type { App } from "aws-cdk-lib";
import { BUNDLES, type Bundle, bundleFunctions } from "./bundle/bundle.ts";
import { type PolicyToDeploy, readPolicy } from "./policy.ts";
import { VrampStack } from "./vramp-stack.ts";

export interface Assembled {
  readonly stack: VrampStack;
  readonly bundles: readonly Bundle[];
  readonly deploying: PolicyToDeploy;
}

/** Checks the policy, bundles the functions, and puts the stack for both into the app. Throws `PolicyRefused`. */
export async function assemble(app: App, policyFile: string): Promise<Assembled> {
  const deploying = await readPolicy(policyFile);
  const { policy, files } = deploying;
  const bundles = await bundleFunctions(files);
  const stack = new VrampStack(app, `vramp-${policy.fleet}`, { policy, bundles: BUNDLES, analyticsReporting: false });
  return { stack, bundles, deploying };
}
