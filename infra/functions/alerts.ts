import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { readSecret, sendWakes } from "../permissions/own.ts";
import { VrampFunction } from "./vramp-function.ts";

export interface AlertsFunctionProps {
  readonly bundle: string;
  readonly queue: IQueue;
  readonly tokens: Secret;
}

/** Faces the internet, so it can do the least: read the tokens it checks, and wake. It reaches no cloud and no memory. */
export class AlertsFunction extends VrampFunction {
  constructor(scope: Construct, id: string, { bundle, queue, tokens }: AlertsFunctionProps) {
    super(scope, id, {
      name: "alerts",
      description: "Alertmanager's webhook becomes wake-ups",
      bundle,
      environment: { VRAMP_QUEUE_URL: queue.queueUrl, VRAMP_ALERT_TOKENS_SECRET: tokens.secretArn },
      grants: [sendWakes(queue.queueArn), readSecret("ReadTokens", tokens.secretArn)],
    });
  }
}
