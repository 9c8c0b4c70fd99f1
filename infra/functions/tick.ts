import { Duration } from "aws-cdk-lib";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { TICK_MAX_AGE } from "../limits.ts";
import { sendWakes } from "../permissions/own.ts";
import { VrampFunction } from "./vramp-function.ts";

export interface TickFunctionProps {
  readonly bundle: string;
  readonly queue: IQueue;
}

/** Wakes every workload, every minute. */
export class TickFunction extends VrampFunction {
  constructor(scope: Construct, id: string, { bundle, queue }: TickFunctionProps) {
    super(scope, id, {
      name: "tick",
      description: "wakes every workload, every minute",
      bundle,
      environment: { VRAMP_QUEUE_URL: queue.queueUrl },
      grants: [sendWakes(queue.queueArn)],
      // The next tick is the retry: Lambda's own comes a minute later, together with it.
      asynchronous: { maxEventAge: Duration.seconds(TICK_MAX_AGE), retryAttempts: 0 },
    });
  }
}
