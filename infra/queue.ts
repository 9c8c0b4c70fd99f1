import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { MAX_RECEIVE_COUNT } from "../shared/wake/limits.ts";
import { DEAD_LETTER_RETENTION, VISIBILITY_TIMEOUT, WAKE_RETENTION } from "./limits.ts";

export interface WakeQueues {
  readonly wakes: Queue;
  readonly deadLetters: Queue;
}

// By content, SQS would swallow a repeated wake-up for five minutes; the sender gives every one its own id.
const COMMON = {
  fifo: true,
  contentBasedDeduplication: false,
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  removalPolicy: RemovalPolicy.DESTROY,
} as const satisfies QueueProps;

/** Wake-ups, one group for each workload, and where those end that could not be dealt with. */
export function createQueues(scope: Construct): WakeQueues {
  const deadLetters = new Queue(scope, "DeadLetters", {
    ...COMMON,
    retentionPeriod: Duration.seconds(DEAD_LETTER_RETENTION),
  });
  const wakes = new Queue(scope, "Wakes", {
    ...COMMON,
    // Otherwise 300 requests a second, and a tick over 10,000 workloads is a thousand. The ids name their workload anyway.
    deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
    fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUT),
    retentionPeriod: Duration.seconds(WAKE_RETENTION),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
  });
  return { wakes, deadLetters };
}
