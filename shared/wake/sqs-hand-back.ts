import { ChangeMessageVisibilityCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { HandBack } from "./hand-back.ts";
import { createSqsClient } from "./sqs.ts";

export interface SqsHandBackOptions {
  readonly queueUrl: string;
  readonly client?: SQSClient;
}

/** Hands back to an SQS queue. A group stays in order whatever is changed of its messages: one that is hidden holds all behind it. */
export const createSqsHandBack =
  ({ queueUrl, client = createSqsClient() }: SqsHandBackOptions): HandBack =>
  async (receiptHandles, after) => {
    const changes = receiptHandles.map((ReceiptHandle) =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: after })),
    );
    await Promise.all(changes);
  };
