import { Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression, ScheduleGroup, TimeWindow } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Construct } from "constructs";
import { TICK_MAX_AGE, TICK_RETRIES } from "./limits.ts";
import { toStatement } from "./permissions/grant.ts";

/**
 * Calls `tick` every minute. No dead-letter queue: a tick that was lost has no content, and the next one makes up for it.
 */
export class TickSchedule extends Construct {
  constructor(scope: Construct, id: string, { tick }: { readonly tick: IFunction }) {
    super(scope, id);
    const group = new ScheduleGroup(this, "Group", { removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, "Role", {
      description: "vramp: EventBridge Scheduler calls tick",
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        // Without these, anybody's schedule in any account could have this role used for it (the confused deputy).
        conditions: {
          StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": group.scheduleGroupArn },
        },
      }),
    });
    role.addToPolicy(
      toStatement({ sid: "CallTick", actions: ["lambda:InvokeFunction"], resources: [tick.functionArn] }),
    );
    new Schedule(this, "Schedule", {
      description: "vramp: looks at every workload, every minute",
      scheduleGroup: group,
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(tick, {
        role: role.withoutPolicyUpdates(), // it would add every version and alias of the function
        maxEventAge: Duration.seconds(TICK_MAX_AGE),
        retryAttempts: TICK_RETRIES,
      }),
    });
  }
}
