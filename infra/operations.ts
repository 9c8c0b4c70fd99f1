import { Stack } from "aws-cdk-lib";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { type IQueue, Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { alarmTopic } from "./alarm-topic.ts";
import { Alarms } from "./alarms.ts";
import { Dashboard } from "./dashboard.ts";
import type { CanaryFunction } from "./functions/canary.ts";
import type { ReconcileFunction } from "./functions/reconcile.ts";
import type { TickFunction } from "./functions/tick.ts";
import { VrampFunction } from "./functions/vramp-function.ts";
import { Sizes } from "./sizes.ts";

export interface OperationsProps {
  readonly fleet: string;
  /** ARN of the topic that alarms go to; without one there is a new one. */
  readonly alarmTopic: string | undefined;
  readonly tick: TickFunction;
  readonly canary: CanaryFunction;
  readonly reconcile: ReconcileFunction;
  /** The wake-ups. */
  readonly wakes: Queue;
  /** Answers of 5xx by the alerts API. */
  readonly notAccepted: IMetric;
  /** The name of the parameter with the fleet's stop. */
  readonly stop: string;
}

/** Every function of the stack, by what it is called there. */
const functionsOf = (stack: Stack): Readonly<Record<string, IFunction>> =>
  Object.fromEntries(
    stack.node.findAll().flatMap((c) => (c instanceof VrampFunction ? [[c.node.id, c.lambda] as const] : [])),
  );

/** Every queue to which another one moves what was given up. */
const deadLettersOf = (stack: Stack): readonly IQueue[] =>
  stack.node.findAll().flatMap((c) => (c instanceof Queue ? (c.deadLetterQueue?.queue ?? []) : []));

/**
 * What people watch and what calls them. It is made last: it looks for the functions and dead-letter queues that there are, so
 * that a new one cannot be left out.
 */
export class Operations extends Construct {
  readonly topic: ITopic;
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, { fleet, alarmTopic: arn, reconcile, ...props }: OperationsProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const watched = { functions: functionsOf(stack), deadLetters: deadLettersOf(stack) };
    const sizes = new Sizes(this, "Sizes", { fleet, log: reconcile.lambda.logGroup });
    this.topic = alarmTopic(this, arn);
    new Alarms(this, "Alarm", { ...props, ...watched, topic: this.topic });
    this.dashboard = new Dashboard(this, "Fleet", { ...watched, wakes: props.wakes, sizes: sizes.metrics });
  }
}
