// AWS's own rules for a stack (cdk-nag, AwsSolutions). A finding is fixed or, where it is meant, acknowledged with a reason.
import { type App, Aws, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { IConstruct } from "constructs";
import type { Grant } from "./permissions/grant.ts";

/** Checks the app whenever it is synthesized; an open finding makes that fail. */
export function checkByRules(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }));
}

/** What nobody has fixed or acknowledged below a construct: a line for each rule, with where. */
export function openFindings(scope: IConstruct): readonly string[] {
  return new AwsSolutionsChecks()
    .validateScope(scope)
    .violations.map(({ ruleName, description, violatingResources }) => {
      const where = violatingResources.map(({ constructPath }) => constructPath);
      return `${ruleName}: ${description} ${where.join(", ")}`;
    });
}

/** Says why a rule does not apply to a construct and what is in it. */
export function acknowledge(scope: IConstruct, rule: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/** Why an ARN in a grant ends in a wildcard. One that is not here stays an open finding. */
const WILDCARDS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /:autoScalingGroup:\*:autoScalingGroupName\/eks-\*$/,
    "EKS names its groups and Auto Scaling adds an id; a condition on the group's tags holds it to the policy's node groups",
  ],
  [
    /:nodegroup\/[^*]+\/[^*]+\/\*$/,
    "the id at its end is made by EKS; cluster and node group are the policy's, in full",
  ],
];

/** How the rules write what CloudFormation fills in. */
const written = (arn: string): string =>
  [
    [Aws.PARTITION, "Partition"],
    [Aws.REGION, "Region"],
    [Aws.ACCOUNT_ID, "AccountId"],
  ].reduce((text, [token = "", name]) => text.replaceAll(token, `<AWS::${name}>`), arn);

/** Acknowledges the wildcards in a role's grants, each with the reason that stands beside it. */
export function acknowledgeWildcards(role: IConstruct, grants: readonly Grant[]): void {
  const everything = grants.flatMap((grant) => ("everything" in grant ? `${grant.sid}: ${grant.everything}` : []));
  if (everything.length > 0) acknowledge(role, "IAM5[Resource::*]", everything.join("; "));
  const arns = new Set(grants.flatMap((grant) => ("resources" in grant ? grant.resources.map(written) : [])));
  for (const arn of arns) {
    const [, reason] = WILDCARDS.find(([pattern]) => pattern.test(arn)) ?? [];
    if (reason !== undefined) acknowledge(role, `IAM5[Resource::${arn}]`, reason);
  }
}
