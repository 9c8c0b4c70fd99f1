import { createHash } from "node:crypto";
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
  type SQSClientConfig,
} from "@aws-sdk/client-sqs";
import type { Wake } from "../model/observation.ts";
import {
  BATCH_SIZE,
  CONNECT_TIMEOUT,
  MAX_ATTEMPTS,
  PARALLEL_BATCHES,
  REQUEST_TIMEOUT,
  SEND_DEADLINE,
} from "./limits.ts";
import { formatWake } from "./message.ts";
import { type WakeQueue, WakeQueueUnavailable } from "./wake-queue.ts";

/** A client that gives up in time. The SDK's own defaults wait for ever. */
export const createSqsClient = (config: SQSClientConfig = {}): SQSClient =>
  new SQSClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT * 1000,
      requestTimeout: REQUEST_TIMEOUT * 1000,
      throwOnRequestTimeout: true, // without it the SDK only logs a warning and waits on
    },
    ...config,
  });

/**
 * Wake-ups through an SQS FIFO queue, one group for each workload. Wake-ups of one workload that are sent together may
 * arrive in any order: each only says "look".
 */
export function createSqsQueue({ queueUrl, client }: { queueUrl: string; client: SQSClient }): WakeQueue {
  async function sendBatch(wakes: readonly Wake[], abortSignal: AbortSignal): Promise<void> {
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: wakes.map(entryOf) });
    const { Failed = [] } = await client.send(command, { abortSignal });
    const [first] = Failed;
    if (first !== undefined)
      throw new Error(`${Failed.length} of ${wakes.length} refused, the first with ${first.Code}: ${first.Message}`);
  }

  return {
    async send(wakes) {
      const deadline = AbortSignal.timeout(SEND_DEADLINE * 1000);
      try {
        for (const together of chunks(chunks(wakes, BATCH_SIZE), PARALLEL_BATCHES))
          await Promise.all(together.map((batch) => sendBatch(batch, deadline)));
      } catch (cause) {
        throw new WakeQueueUnavailable(
          `the queue ${queueUrl} did not take all of ${wakes.length} wake-ups (${describe(cause)}); send all of them again, ` +
            "and check that the queue exists and the role may send to it",
          { cause },
        );
      }
    },
  };
}

/** The key is hashed because SQS takes 128 characters, and not all of them, as a deduplication id. */
const entryOf = (wake: Wake, index: number): SendMessageBatchRequestEntry => ({
  Id: String(index),
  MessageBody: formatWake(wake),
  MessageGroupId: wake.workload,
  MessageDeduplicationId: createHash("sha256").update(wake.key).digest("hex"),
});

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

const describe = (cause: unknown): string => (cause instanceof Error ? `${cause.name}: ${cause.message}` : "unknown");
