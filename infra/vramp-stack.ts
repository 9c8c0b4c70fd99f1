import { join } from "node:path";
import { CfnOutput, Stack, type StackProps, Tags } from "aws-cdk-lib";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { Policy } from "../shared/policy/schema/policy.ts";
import { AlertsApi } from "./api.ts";
import { AlertsFunction } from "./functions/alerts.ts";
import { InvokeFunction } from "./functions/invoke.ts";
import { ReconcileFunction } from "./functions/reconcile.ts";
import { TickFunction } from "./functions/tick.ts";
import { type FunctionName, TOKEN_LENGTH } from "./limits.ts";
import { createQueues } from "./queue.ts";
import { TickSchedule } from "./schedule.ts";
import { createTable } from "./table.ts";

export interface VrampStackProps extends StackProps {
  readonly policy: Policy;
  /** The folder with a folder for each function's bundle. */
  readonly bundles: string;
}

/** One fleet: everything that its policy needs to run, and permissions for the pools and sources it names. */
export class VrampStack extends Stack {
  constructor(scope: Construct, id: string, { policy, bundles, ...props }: VrampStackProps) {
    super(scope, id, { description: `vramp: scales the GPU node pools of fleet ${policy.fleet}`, ...props });
    const bundle = (name: FunctionName) => join(bundles, name);
    const { wakes: queue, deadLetters } = createQueues(this);
    const table = createTable(this);
    const tokens = new Secret(this, "AlertTokens", {
      description: "vramp: the tokens that Alertmanager may present, one or two, one a line",
      generateSecretString: { passwordLength: TOKEN_LENGTH, excludePunctuation: true },
    });

    const alerts = new AlertsFunction(this, "Alerts", { bundle: bundle("alerts"), queue, tokens });
    const tick = new TickFunction(this, "Tick", { bundle: bundle("tick"), queue });
    const invoke = new InvokeFunction(this, "Invoke", { bundle: bundle("invoke"), policy, table, queue });
    const reconcile = new ReconcileFunction(this, "Reconcile", { bundle: bundle("reconcile"), policy, table, queue });
    const api = new AlertsApi(this, "AlertsApi", { alerts: alerts.lambda });
    new TickSchedule(this, "EveryMinute", { tick: tick.lambda });

    Tags.of(this).add("vramp:fleet", policy.fleet);
    this.#tell("AlertsUrl", api.url, "where Alertmanager posts to");
    this.#tell("AlertTokensSecret", tokens.secretArn, "the secret with the tokens that Alertmanager presents");
    this.#tell("InvokeFunction", invoke.lambda.functionName, "what operators invoke");
    this.#tell("InvokeRole", invoke.role.roleArn, "the role that other accounts and clouds let look");
    this.#tell("ReconcileRole", reconcile.role.roleArn, "the role that other accounts and clouds let look and resize");
    this.#tell("MemoryTable", table.tableName, "the memory and the audit; it outlives the stack");
    this.#tell("WakeQueue", queue.queueUrl, "wake-ups under way");
    this.#tell("DeadLetterQueue", deadLetters.queueUrl, "wake-ups that were given up; it should be empty");
  }

  #tell(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
