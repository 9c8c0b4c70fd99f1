import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqsClient } from "../../shared/wake/sqs.ts";
import { type Aws, startAws } from "./aws.ts";
import { createSqsEmulator, MAX_PAYLOAD_BYTES, queueUrl, type SqsEmulator } from "./sqs.ts";
import { pollInto } from "./sqs-event-source.ts";

const VISIBILITY_TIMEOUT = 60;
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

describe("the SQS emulator", () => {
  let now: number;
  let aws: Aws;
  let sqs: SqsEmulator;
  let client: ReturnType<typeof createSqsClient>;
  let QueueUrl: string;

  beforeEach(async () => {
    now = 1000;
    sqs = createSqsEmulator(() => now);
    aws = await startAws({ now: () => now, services: { sqs: sqs.service } });
    const dead = sqs.createQueue({ name: "dead.fifo" });
    const redrive = { to: dead, maxReceiveCount: 2 };
    sqs.createQueue({ name: "q.fifo", visibilityTimeout: VISIBILITY_TIMEOUT, redrive });
    QueueUrl = queueUrl(aws.url, "q.fifo");
    client = createSqsClient({ endpoint: aws.url, region: "eu-central-1", credentials });
  });
  afterEach(async () => {
    client.destroy();
    await aws.stop();
  });

  const send = (MessageBody: string, MessageGroupId = "g", MessageDeduplicationId = MessageBody) =>
    client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId }));
  const receive = async (MaxNumberOfMessages = 10) =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages }))).Messages ?? [];
  const remove = (ReceiptHandle = "") => client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  const bodies = (messages: readonly { Body?: string | undefined }[]) => messages.map(({ Body }) => Body);

  it("gives the messages of a group in order, and none while one of them is in flight", async () => {
    for (const body of ["1", "2", "3"]) await send(body);
    await send("other", "h");
    const [first] = await receive(1);
    expect(first?.Body).toBe("1");
    expect(bodies(await receive())).toEqual(["other"]);
    await remove(first?.ReceiptHandle);
    expect(bodies(await receive())).toEqual(["2", "3"]);
  });

  it("gives a message again once its visibility timeout has ended, or at once when it is handed back", async () => {
    await send("1");
    const [first] = await receive();
    now += VISIBILITY_TIMEOUT - 1;
    expect(await receive()).toEqual([]);
    const handBack = { QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 };
    await client.send(new ChangeMessageVisibilityCommand(handBack));
    expect(bodies(await receive())).toEqual(["1"]);
  });

  it("does not let a consumer that was too slow delete what is no longer its own", async () => {
    await send("1");
    const [first] = await receive();
    now += VISIBILITY_TIMEOUT;
    await expect(remove(first?.ReceiptHandle)).rejects.toThrow(/expired/);
    expect(bodies(await receive())).toEqual(["1"]);
  });

  it("moves a message that was received too often to the dead letters, and frees its group", async () => {
    await send("poison");
    await send("next");
    for (const _ of [1, 2]) {
      expect(bodies(await receive(1))).toEqual(["poison"]);
      now += VISIBILITY_TIMEOUT;
    }
    expect(bodies(await receive())).toEqual(["next"]);
    expect(sqs.queue("dead.fifo").counts()).toEqual({ visible: 1, inFlight: 0 });
  });

  it("drops a duplicate for five minutes from the first, even after it was consumed", async () => {
    const { MessageId } = await send("1");
    const [first] = await receive();
    await remove(first?.ReceiptHandle);
    now += 299;
    expect((await send("1")).MessageId).toBe(MessageId);
    expect(await receive()).toEqual([]);
    now += 1;
    await send("1");
    expect(bodies(await receive())).toEqual(["1"]);
  });

  it("says how many messages wait and how many are in flight", async () => {
    await send("1");
    await send("2", "h");
    await receive(1);
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesNotVisible: "1",
      FifoQueue: "true",
    });
  });

  const entry = (Id: string) => ({
    Id,
    MessageBody: Id,
    MessageGroupId: "g",
    MessageDeduplicationId: Id,
  });
  const ids = (count: number) => Array.from({ length: count }, (_, n) => entry(`e${n}`));

  it.each([
    ["no entry", [], "EmptyBatchRequest"],
    ["eleven entries", ids(11), "TooManyEntriesInBatchRequest"],
    ["an id twice", [entry("a"), entry("a")], "BatchEntryIdsNotDistinct"],
    ["an ill-formed id", [entry("a b")], "InvalidBatchEntryId"],
  ])("refuses a batch with %s", async (_what, Entries, code) => {
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({
      name: expect.stringContaining(code),
    });
    expect(await receive()).toEqual([]);
  });

  it("takes the good entries of a batch and names the bad ones", async () => {
    const { MessageGroupId: _, ...groupless } = entry("groupless");
    const { MessageDeduplicationId: __, ...undeduplicated } = entry("undeduplicated");
    const Entries = [
      entry("good"),
      groupless,
      undeduplicated,
      { ...entry("blank"), MessageBody: "" },
      { ...entry("control"), MessageBody: "\u0000" },
      { ...entry("spaced"), MessageGroupId: "a b" },
      { ...entry("long"), MessageDeduplicationId: "x".repeat(129) },
    ];
    const { Successful = [], Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(Successful.map(({ Id }) => Id)).toEqual(["good"]);
    expect(Failed.map(({ Id, Code }) => [Id, Code])).toEqual([
      ["groupless", "MissingParameter"],
      ["undeduplicated", "InvalidParameterValue"],
      ["blank", "MissingParameter"],
      ["control", "InvalidMessageContents"],
      ["spaced", "InvalidParameterValue"],
      ["long", "InvalidParameterValue"],
    ]);
    expect(bodies(await receive())).toEqual(["good"]);
  });

  it("refuses a batch that is too large as a whole", () => {
    // Past the front door, which takes no more than this in one request.
    const half = "x".repeat(MAX_PAYLOAD_BYTES / 2);
    const batch = (extra: string) =>
      sqs.service
        .operation({
          method: "POST",
          path: "/",
          query: new URLSearchParams(),
          headers: { "x-amz-target": "AmazonSQS.SendMessageBatch" },
          body: JSON.stringify({
            QueueUrl,
            Entries: [
              { ...entry("a"), MessageBody: half },
              { ...entry("b"), MessageBody: half + extra },
            ],
          }),
          accessKeyId: "test",
          region: "eu-central-1",
          service: "sqs",
        })
        .run();
    expect(() => batch("x")).toThrow(/cannot be longer than 1048576 bytes/);
    expect(batch("")).toMatchObject({ status: 200 });
  });

  it("refuses a queue whose name does not end in .fifo, and a queue that does not exist", async () => {
    expect(() => sqs.createQueue({ name: "wakes" })).toThrow(/\.fifo/);
    QueueUrl = queueUrl(aws.url, "none.fifo");
    await expect(send("1")).rejects.toMatchObject({ name: expect.stringMatching(/QueueDoesNotExist/) });
  });

  describe("as a function's event source", () => {
    const queue = () => sqs.queue("q.fifo");

    it("hands over events that look as Lambda's do", async () => {
      const events: SQSEvent[] = [];
      const source = pollInto({
        queue: queue(),
        handler: async (event) => {
          events.push(event);
          return undefined;
        },
      });
      await send("1");
      await source.drain();
      await source.stop();
      expect(events).toEqual([
        {
          Records: [
            {
              messageId: expect.any(String),
              receiptHandle: expect.any(String),
              body: "1",
              attributes: {
                ApproximateReceiveCount: "1",
                SentTimestamp: "1000000",
                SenderId: expect.any(String),
                ApproximateFirstReceiveTimestamp: "1000000",
                SequenceNumber: expect.stringMatching(/^\d{20}$/),
                MessageGroupId: "g",
                MessageDeduplicationId: "1",
              },
              messageAttributes: {},
              md5OfBody: "c4ca4238a0b923820dcc509a6f75849b",
              eventSource: "aws:sqs",
              eventSourceARN: "arn:aws:sqs:eu-central-1:000000000000:q.fifo",
              awsRegion: "eu-central-1",
            },
          ],
        },
      ]);
      expect(queue().counts()).toEqual({ visible: 0, inFlight: 0 });
    });

    it.each([
      ["names one", (id: string) => ({ batchItemFailures: [{ itemIdentifier: id }] }), ["bad"]],
      ["names none", () => ({ batchItemFailures: [] }), []],
      ["names one that was not among them", () => ({ batchItemFailures: [{ itemIdentifier: "?" }] }), ["good", "bad"]],
      [
        "throws",
        () => {
          throw new Error("no");
        },
        ["good", "bad"],
      ],
    ])("brings again what failed, after the visibility timeout, when the handler %s", async (_what, respond, again) => {
      await send("good", "g");
      await send("bad", "h");
      const received: string[][] = [];
      const source = pollInto({
        queue: queue(),
        pollEvery: null,
        handler: async ({ Records }) => {
          received.push(Records.map(({ body }) => body));
          if (received.length > 1) return undefined;
          return respond(Records.find(({ body }) => body === "bad")?.messageId ?? "");
        },
      });
      await source.drain();
      now += VISIBILITY_TIMEOUT - 1;
      await source.drain();
      expect(received).toEqual([["good", "bad"]]);
      now += 1;
      await source.drain();
      await source.stop();
      expect(received.slice(1).flat()).toEqual(again);
    });

    it("starts nothing after it was stopped", async () => {
      let calls = 0;
      const source = pollInto({
        queue: queue(),
        handler: async () => {
          calls++;
          return undefined;
        },
      });
      await source.stop();
      await send("1");
      await source.drain();
      expect(calls).toBe(0);
    });
  });
});
