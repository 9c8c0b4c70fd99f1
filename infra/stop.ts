import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";

/**
 * The fleet's stop, apart from the memory. CloudFormation writes a parameter only when the template changes, so what an
 * operator sets stays set over deployments.
 */
export function createStop(scope: Construct, fleet: string): StringParameter {
  return new StringParameter(scope, "Stop", {
    parameterName: `/vramp/${fleet}/stop`,
    description: `vramp: true stops every change of fleet ${fleet}, whatever else says; false lets it go on`,
    stringValue: "false",
    allowedPattern: "^(true|false)$",
  });
}
