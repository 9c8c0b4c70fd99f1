import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { Seconds } from "../../shared/policy/units.ts";
import { queueArn, systemAttributes } from "./sqs.ts";
import { type Delivery, type FifoQueue, md5 } from "./sqs-queue.ts";

export type SqsHandler = (event: SQSEvent) => Promise<SQSBatchResponse | undefined>;

/** A Lambda event source mapping with `ReportBatchItemFailures`. */
export interface SqsEventSource {
  /** Delivers until nothing can be received now and every invocation has ended. What failed waits for its visibility timeout. */
  drain(): Promise<void>;
  /** Resolves once every invocation has ended; none is started any more. */
  stop(): Promise<void>;
}

export interface SqsEventSourceOptions {
  readonly queue: FifoQueue;
  readonly handler: SqsHandler;
  /** Messages in one event. Lambda's limit for FIFO is 10. */
  readonly batchSize?: number;
  /** Invocations at once. Lambda goes up to one for each group. */
  readonly concurrency?: number;
  /** How often, in real time, to look for messages whose visibility timeout has ended; null: only when told to `drain`. */
  readonly pollEvery?: Seconds | null;
  readonly region?: string;
}

/** Does what Lambda does with an SQS queue, from now until `stop`: receives as messages arrive, and invokes the handler. */
export function pollInto({
  queue,
  handler,
  batchSize = 10,
  concurrency = 10,
  pollEvery = 1,
  region = "eu-central-1",
}: SqsEventSourceOptions): SqsEventSource {
  const running = new Set<Promise<void>>();
  let stopped = false;

  function receiveMore(): void {
    while (!stopped && running.size < concurrency) {
      const deliveries = queue.receive(batchSize);
      if (deliveries.length === 0) return;
      const run = invoke(deliveries).finally(() => {
        running.delete(run);
        receiveMore();
      });
      running.add(run);
    }
  }

  async function invoke(deliveries: readonly Delivery[]): Promise<void> {
    const failed = await failedOf(deliveries);
    // As in Lambda, what failed is not given back: it stays invisible, and its group locked, until the timeout.
    for (const delivery of deliveries) if (!failed.includes(delivery)) queue.remove(delivery.receiptHandle);
  }

  async function failedOf(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    try {
      const Records = deliveries.map((delivery) => recordOf(delivery, queue.name, region));
      return failuresOf(await handler({ Records }), deliveries);
    } catch {
      return deliveries;
    }
  }

  async function ended(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
  }

  const unsubscribe = queue.onArrival(() => setImmediate(receiveMore));
  const timer = pollEvery === null ? null : setInterval(receiveMore, pollEvery * 1000);
  receiveMore();

  return {
    async drain() {
      receiveMore();
      await ended();
    },
    async stop() {
      stopped = true;
      unsubscribe();
      if (timer !== null) clearInterval(timer);
      await ended();
    },
  };
}

/** The deliveries that a response calls failed. An identifier that is none of theirs fails the whole batch, as in Lambda. */
function failuresOf(response: SQSBatchResponse | undefined, deliveries: readonly Delivery[]): readonly Delivery[] {
  const identifiers = (response?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  const known = new Set(deliveries.map(({ messageId }) => messageId));
  if (!identifiers.every((identifier) => known.has(identifier))) return deliveries;
  return deliveries.filter(({ messageId }) => identifiers.includes(messageId));
}

const recordOf = (delivery: Delivery, queue: string, region: string): SQSRecord => ({
  messageId: delivery.messageId,
  receiptHandle: delivery.receiptHandle,
  body: delivery.body,
  attributes: systemAttributes(delivery),
  messageAttributes: {},
  md5OfBody: md5(delivery.body),
  eventSource: "aws:sqs",
  eventSourceARN: queueArn(queue, region),
  awsRegion: region,
});
