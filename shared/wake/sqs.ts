import { createHash } from "node:crypto";
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
  type SQSClientConfig,
} from "@aws-sdk/client-sqs";
import type { Wake } from "../model/observation.ts";
import type { Seconds } from "../policy/units.ts";
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

export interface SqsQueueOptions {
  readonly queueUrl: string;
  readonly client: SQSClient;
  /** Everything one `send` may take; `SEND_DEADLINE` unless somebody has longer. */
  readonly deadline?: Seconds;
}

/**
 * Wake-ups through an SQS FIFO queue, one group for each workload. Wake-ups of one workload that are sent together may
 * arrive in any order: each only says "look". A batch that is refused keeps no other from being sent.
 */
export function createSqsQueue({ queueUrl, client, deadline = SEND_DEADLINE }: SqsQueueOptions): WakeQueue {
  async function sendBatch(wakes: readonly Wake[], abortSignal: AbortSignal): Promise<void> {
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: wakes.map(entryOf) });
    const { Failed = [] } = await client.send(command, { abortSignal });
    const [first] = Failed;
    if (first !== undefined)
      throw new Error(`${Failed.length} of ${wakes.length} refused, the first with ${first.Code}: ${first.Message}`);
  }

  return {
    async send(wakes) {
      const abort = AbortSignal.timeout(deadline * 1000);
      const waiting = chunks(wakes, BATCH_SIZE).values();
      const failures: unknown[] = [];
      const sendNext = async (): Promise<void> => {
        for (const batch of waiting) await sendBatch(batch, abort).catch((error: unknown) => failures.push(error));
      };
      await Promise.all(Array.from({ length: PARALLEL_BATCHES }, sendNext));
      const [cause] = failures;
      if (failures.length === 0) return;
      throw new WakeQueueUnavailable(
        `the queue ${queueUrl} did not take all of ${wakes.length} wake-ups (${describe(cause)}); send all of them again, ` +
          "and check that the queue exists and the role may send to it",
        { cause },
      );
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
