import { z } from "zod";
import type { Clock } from "../../shared/model/clock.ts";
import type { Seconds } from "../../shared/policy/units.ts";
import { awsJsonService, call } from "./aws-json.ts";
import { AwsFailure, type AwsService } from "./aws-wire.ts";
import { createFifoQueue, type Delivery, type FifoQueue, md5, type Redrive } from "./sqs-queue.ts";

// SQS's own limits.
/** One message, or all messages of one batch, in bytes of UTF-8. It was 256 KiB until August 2025. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;
const MAX_BATCH_ENTRIES = 10;
const DEFAULT_VISIBILITY_TIMEOUT: Seconds = 30;
const MAX_VISIBILITY_TIMEOUT: Seconds = 12 * 3600;

const ACCOUNT = "000000000000";
const FIFO_NAME = /^[A-Za-z0-9_-]{1,75}\.fifo$/;
/** What XML 1.0 has no place for. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters SQS refuses
const FORBIDDEN_CHARACTERS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/u;
const ID = /^[A-Za-z0-9!-/:-@[-`{-~]{1,128}$/;

/** AWS SQS, FIFO queues only. Mount `service` under `sqs`. */
export interface SqsEmulator {
  readonly service: AwsService;
  createQueue(options: NewQueue): FifoQueue;
  queue(name: string): FifoQueue;
}

export interface NewQueue {
  /** Ends in `.fifo`. */
  readonly name: string;
  readonly visibilityTimeout?: Seconds;
  readonly redrive?: Redrive;
}

/** The URL of a queue at this endpoint. */
export const queueUrl = (endpoint: string, name: string): string => `${endpoint}/${ACCOUNT}/${name}`;
export const queueArn = (name: string, region = "eu-central-1"): string => `arn:aws:sqs:${region}:${ACCOUNT}:${name}`;

const invalid = (message: string) => new AwsFailure(400, "InvalidParameterValue", message);

const batchEntry = z.object({
  Id: z.string(),
  MessageBody: z.string(),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
});
type Entry = Omit<z.output<typeof batchEntry>, "Id">;

const url = z.object({ QueueUrl: z.string() });

export function createSqsEmulator(now: Clock): SqsEmulator {
  const queues = new Map<string, FifoQueue>();

  function createQueue({ name, visibilityTimeout = DEFAULT_VISIBILITY_TIMEOUT, redrive }: NewQueue): FifoQueue {
    if (!FIFO_NAME.test(name))
      throw invalid(
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
      );
    const queue = createFifoQueue({ name, now, visibilityTimeout, redrive: redrive ?? null });
    queues.set(name, queue);
    return queue;
  }

  function find(name: string): FifoQueue {
    const queue = queues.get(name);
    if (queue !== undefined) return queue;
    throw new AwsFailure(400, "QueueDoesNotExist", "The specified queue does not exist.");
  }
  const at = (target: string): FifoQueue => find(target.split("/").at(-1) ?? "");

  const service = awsJsonService({
    target: "AmazonSQS",
    version: "1.0",
    queryCodes: {
      QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
      EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
      TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
      BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
      InvalidBatchEntryId: "AWS.SimpleQueueService.InvalidBatchEntryId",
      BatchRequestTooLong: "AWS.SimpleQueueService.BatchRequestTooLong",
    },
    calls: {
      GetQueueAttributes: call(false, url, ({ QueueUrl }) => ({ Attributes: attributesOf(at(QueueUrl)) })),

      SendMessage: call(true, url.extend(batchEntry.omit({ Id: true }).shape), ({ QueueUrl, ...entry }) =>
        send(at(QueueUrl), entry),
      ),

      SendMessageBatch: call(true, url.extend({ Entries: z.array(batchEntry) }), ({ QueueUrl, Entries }) => {
        const queue = at(QueueUrl);
        refuseBatch(Entries);
        const results = Entries.map(({ Id, ...entry }) => sendOne(queue, Id, entry));
        return {
          Successful: results.flatMap(({ successful }) => successful),
          Failed: results.flatMap(({ failed }) => failed),
        };
      }),

      ReceiveMessage: call(
        true,
        url.extend({
          MaxNumberOfMessages: z.int().min(1).max(10).default(1),
          VisibilityTimeout: z.int().min(0).max(MAX_VISIBILITY_TIMEOUT).optional(),
        }),
        ({ QueueUrl, MaxNumberOfMessages, VisibilityTimeout }) => ({
          Messages: at(QueueUrl).receive(MaxNumberOfMessages, VisibilityTimeout).map(messageOf),
        }),
      ),

      DeleteMessage: call(true, url.extend({ ReceiptHandle: z.string() }), ({ QueueUrl, ReceiptHandle }) => {
        if (at(QueueUrl).remove(ReceiptHandle) === "expired")
          throw invalid(
            `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
          );
      }),

      ChangeMessageVisibility: call(
        true,
        url.extend({ ReceiptHandle: z.string(), VisibilityTimeout: z.int().min(0).max(MAX_VISIBILITY_TIMEOUT) }),
        ({ QueueUrl, ReceiptHandle, VisibilityTimeout }) => {
          if (at(QueueUrl).changeVisibility(ReceiptHandle, VisibilityTimeout) !== "changed")
            throw new AwsFailure(400, "MessageNotInflight", "The specified message isn't in flight.");
        },
      ),
    },
  });

  return { service, createQueue, queue: find };
}

/** Refuses a batch as a whole. */
function refuseBatch(entries: readonly z.output<typeof batchEntry>[]): void {
  const ids = entries.map(({ Id }) => Id);
  const size = entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
  if (entries.length === 0)
    throw new AwsFailure(
      400,
      "EmptyBatchRequest",
      "There should be at least one SendMessageBatchRequestEntry in the request.",
    );
  if (entries.length > MAX_BATCH_ENTRIES)
    throw new AwsFailure(
      400,
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${MAX_BATCH_ENTRIES}. You have sent ${entries.length}.`,
    );
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id)))
    throw new AwsFailure(
      400,
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    );
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new AwsFailure(400, "BatchEntryIdsNotDistinct", `Id ${twice} repeated.`);
  if (size > MAX_PAYLOAD_BYTES)
    throw new AwsFailure(
      400,
      "BatchRequestTooLong",
      `Batch requests cannot be longer than ${MAX_PAYLOAD_BYTES} bytes. You have sent ${size} bytes.`,
    );
}

function sendOne(queue: FifoQueue, id: string, entry: Entry) {
  try {
    return { successful: [{ Id: id, ...send(queue, entry) }], failed: [] };
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
    return { successful: [], failed: [{ Id: id, SenderFault: true, Code: error.code, Message: error.message }] };
  }
}

function send(queue: FifoQueue, entry: Entry) {
  const { MessageBody: body, MessageGroupId: group, MessageDeduplicationId: deduplicationId } = entry;
  if (group === undefined)
    throw new AwsFailure(400, "MissingParameter", "The request must contain the parameter MessageGroupId.");
  if (deduplicationId === undefined)
    throw invalid(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  for (const [name, value] of Object.entries({ MessageGroupId: group, MessageDeduplicationId: deduplicationId }))
    if (!ID.test(value))
      throw invalid(
        `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      );
  if (body === "") throw new AwsFailure(400, "MissingParameter", "The request must contain the parameter MessageBody.");
  if (Buffer.byteLength(body) > MAX_PAYLOAD_BYTES)
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_PAYLOAD_BYTES} bytes.`,
    );
  if (FORBIDDEN_CHARACTERS.test(body))
    throw new AwsFailure(
      400,
      "InvalidMessageContents",
      "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
    );
  const { messageId, sequenceNumber } = queue.send({ body, group, deduplicationId });
  return { MessageId: messageId, MD5OfMessageBody: md5(body), SequenceNumber: sequenceNumber };
}

/** The system attributes of a delivery, as both `ReceiveMessage` and Lambda's event name them. */
export const systemAttributes = (delivery: Delivery) => ({
  ApproximateReceiveCount: String(delivery.receiveCount),
  SentTimestamp: String(Math.round(delivery.sentAt * 1000)),
  SenderId: "AIDAEMULATED",
  ApproximateFirstReceiveTimestamp: String(Math.round(delivery.firstReceivedAt * 1000)),
  SequenceNumber: delivery.sequenceNumber,
  MessageDeduplicationId: delivery.deduplicationId,
  MessageGroupId: delivery.group,
});

const messageOf = (delivery: Delivery) => ({
  MessageId: delivery.messageId,
  ReceiptHandle: delivery.receiptHandle,
  MD5OfBody: md5(delivery.body),
  Body: delivery.body,
  Attributes: systemAttributes(delivery),
});

function attributesOf(queue: FifoQueue): Readonly<Record<string, string>> {
  const { visible, inFlight } = queue.counts();
  const redrive = queue.redrive && {
    deadLetterTargetArn: queueArn(queue.redrive.to.name),
    maxReceiveCount: queue.redrive.maxReceiveCount,
  };
  return {
    QueueArn: queueArn(queue.name),
    FifoQueue: "true",
    ContentBasedDeduplication: "false",
    VisibilityTimeout: String(queue.visibilityTimeout),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ...(redrive === null ? {} : { RedrivePolicy: JSON.stringify(redrive) }),
  };
}
