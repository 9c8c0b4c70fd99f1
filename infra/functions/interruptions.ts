import { Aws, Duration } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { EVENT_BATCH_SIZE, EVENT_BATCH_WINDOW, FUNCTION_LIMITS } from "../limits.ts";
import { noteNotices, receiveEvents, sendWakes } from "../permissions/own.ts";
import { VrampFunction } from "./vramp-function.ts";

export interface InterruptionsFunctionProps {
  readonly bundle: string;
  /** Where the events come from. */
  readonly events: IQueue;
  readonly queue: IQueue;
  readonly table: TableV2;
}

/** Hears of interruptions: it notes them in the memory and wakes. It reaches no cloud. */
export class InterruptionsFunction extends VrampFunction {
  constructor(scope: Construct, id: string, { bundle, events, queue, table }: InterruptionsFunctionProps) {
    super(scope, id, {
      name: "interruptions",
      description: "what EC2 and Auto Scaling say of nodes becomes notices and wake-ups",
      bundle,
      environment: {
        VRAMP_TABLE: table.tableName,
        VRAMP_QUEUE_URL: queue.queueUrl,
        VRAMP_ACCOUNT: Aws.ACCOUNT_ID,
      },
      grants: [receiveEvents(events.queueArn), sendWakes(queue.queueArn), noteNotices(table.tableArn)],
    });
    new EventSourceMapping(this, "Events", {
      target: this.lambda,
      eventSourceArn: events.queueArn,
      batchSize: EVENT_BATCH_SIZE,
      maxBatchingWindow: Duration.seconds(EVENT_BATCH_WINDOW),
      maxConcurrency: FUNCTION_LIMITS.interruptions.concurrency,
      reportBatchItemFailures: true,
    });
  }
}
