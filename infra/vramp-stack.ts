import { join } from "node:path";
import { CfnOutput, Duration, Stack, type StackProps, Tags } from "aws-cdk-lib";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { Policy } from "../shared/policy/schema/policy.ts";
import { AlertsApi } from "./api.ts";
import { CloudEvents, hearsEvents } from "./events.ts";
import { AlertsFunction } from "./functions/alerts.ts";
import { CanaryFunction } from "./functions/canary.ts";
import { InterruptionsFunction } from "./functions/interruptions.ts";
import { InvokeFunction } from "./functions/invoke.ts";
import { ReconcileFunction } from "./functions/reconcile.ts";
import { TickFunction } from "./functions/tick.ts";
import {
  CANARY_EVERY,
  CANARY_MAX_AGE,
  CANARY_RETRIES,
  type FunctionName,
  TICK_MAX_AGE,
  TICK_RETRIES,
  TOKEN_LENGTH,
} from "./limits.ts";
import { acknowledge } from "./nag.ts";
import { Operations } from "./operations.ts";
import { createQueues } from "./queue.ts";
import { FunctionSchedule } from "./schedule.ts";
import { createStop } from "./stop.ts";
import { createTable } from "./table.ts";

export interface VrampStackProps extends StackProps {
  readonly policy: Policy;
  /** The folder with a folder for each function's bundle. */
  readonly bundles: string;
  /** ARN of the SNS topic that alarms go to; without one the stack has its own. */
  readonly alarmTopic?: string | undefined;
}

/** One fleet: everything that its policy needs to run, and permissions for the pools and sources it names. */
export class VrampStack extends Stack {
  constructor(scope: Construct, id: string, { policy, bundles, alarmTopic, ...props }: VrampStackProps) {
    super(scope, id, { description: `vramp: scales the GPU node pools of fleet ${policy.fleet}`, ...props });
    const bundle = (name: FunctionName) => join(bundles, name);
    const { wakes: queue, deadLetters } = createQueues(this);
    const table = createTable(this);
    const tokens = new Secret(this, "AlertTokens", {
      description: "vramp: the tokens that Alertmanager may present, one or two, one a line",
      generateSecretString: { passwordLength: TOKEN_LENGTH, excludePunctuation: true },
    });

    acknowledge(
      tokens,
      "SMG4",
      "Alertmanager reads the token from a file that its operator writes, so rotating it here alone would lock it out; two live tokens let the operator change it without a gap",
    );
    const stop = createStop(this, policy.fleet);

    const alerts = new AlertsFunction(this, "Alerts", { bundle: bundle("alerts"), queue, tokens });
    const tick = new TickFunction(this, "Tick", { bundle: bundle("tick"), queue });
    const invoke = new InvokeFunction(this, "Invoke", { bundle: bundle("invoke"), policy, table, queue });
    const reconcile = new ReconcileFunction(this, "Reconcile", {
      bundle: bundle("reconcile"),
      policy,
      table,
      queue,
      stop,
    });
    const api = new AlertsApi(this, "AlertsApi", { alerts: alerts.lambda });
    if (hearsEvents(policy)) {
      const { queue: events, deadLetters: lost } = new CloudEvents(this, "CloudEvents", { policy });
      new InterruptionsFunction(this, "Interruptions", { bundle: bundle("interruptions"), events, queue, table });
      this.#tell("EventDeadLetterQueue", lost.queueUrl, "events that were given up; it should be empty");
    }
    const canary = new CanaryFunction(this, "Canary", { bundle: bundle("canary"), url: api.url, tokens });
    new FunctionSchedule(this, "EveryMinute", {
      lambda: tick.lambda,
      description: "looks at every workload, every minute",
      every: Duration.minutes(1),
      maxAge: TICK_MAX_AGE,
      retries: TICK_RETRIES,
    });
    new FunctionSchedule(this, "EveryHour", {
      lambda: canary.lambda,
      description: "tries the way of alerts, every hour",
      every: Duration.hours(CANARY_EVERY),
      maxAge: CANARY_MAX_AGE,
      retries: CANARY_RETRIES,
    });
    const { topic, dashboard } = new Operations(this, "Operations", {
      fleet: policy.fleet,
      alarmTopic,
      tick,
      canary,
      reconcile,
      wakes: queue,
      notAccepted: api.notAccepted,
      stop: stop.parameterName,
    });

    Tags.of(this).add("vramp:fleet", policy.fleet);
    this.#tell("AlertsUrl", api.url, "where Alertmanager posts to");
    this.#tell("AlertTokensSecret", tokens.secretArn, "the secret with the tokens that Alertmanager presents");
    this.#tell("InvokeFunction", invoke.lambda.functionName, "what operators invoke");
    this.#tell("InvokeRole", invoke.role.roleArn, "the role that other accounts and clouds let look");
    this.#tell("ReconcileRole", reconcile.role.roleArn, "the role that other accounts and clouds let look and resize");
    this.#tell("MemoryTable", table.tableName, "the memory and the audit; it outlives the stack");
    this.#tell("WakeQueue", queue.queueUrl, "wake-ups under way");
    this.#tell("DeadLetterQueue", deadLetters.queueUrl, "wake-ups that were given up; it should be empty");
    this.#tell("AlarmTopic", topic.topicArn, "where alarms go; subscribe to it");
    this.#tell("Dashboard", dashboard.name, "the fleet's dashboard in CloudWatch");
    this.#tell("StopParameter", stop.parameterName, "true in it stops every change, with the memory or without");
  }

  #tell(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
