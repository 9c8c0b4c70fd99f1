import { Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression, ScheduleGroup, TimeWindow } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Construct } from "constructs";
import { toStatement } from "./permissions/grant.ts";

export interface FunctionScheduleProps {
  readonly lambda: IFunction;
  /** What for. */
  readonly description: string;
  readonly every: Duration;
  /** Seconds after which a call that did not get through is dropped. */
  readonly maxAge: number;
  readonly retries: number;
}

/**
 * Calls a function again and again. No dead-letter queue: a call that was lost has no content, and the next one makes up for it.
 */
export class FunctionSchedule extends Construct {
  constructor(scope: Construct, id: string, { lambda, description, every, maxAge, retries }: FunctionScheduleProps) {
    super(scope, id);
    const group = new ScheduleGroup(this, "Group", { removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, "Role", {
      description: `vramp: EventBridge Scheduler ${description}`,
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        // Without these, anybody's schedule in any account could have this role used for it (the confused deputy).
        conditions: {
          StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": group.scheduleGroupArn },
        },
      }),
    });
    role.addToPolicy(
      toStatement({ sid: "CallFunction", actions: ["lambda:InvokeFunction"], resources: [lambda.functionArn] }),
    );
    new Schedule(this, "Schedule", {
      description: `vramp: ${description}`,
      scheduleGroup: group,
      schedule: ScheduleExpression.rate(every),
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(lambda, {
        role: role.withoutPolicyUpdates(), // it would add every version and alias of the function
        maxEventAge: Duration.seconds(maxAge),
        retryAttempts: retries,
      }),
    });
  }
}
