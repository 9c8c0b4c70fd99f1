import { PublishCommand, type PublishCommandInput, SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "./aws.ts";
import { createSnsEmulator, MAX_MESSAGE_BYTES, type SnsEmulator } from "./sns.ts";

const TOPIC = "arn:aws:sns:eu-central-1:111122223333:gpu";
const FIFO = `${TOPIC}.fifo`;

describe("the SNS emulator", () => {
  let now: number;
  let aws: Aws;
  let sns: SnsEmulator;
  let client: SNSClient;

  beforeEach(async () => {
    now = 1000;
    sns = createSnsEmulator(() => now);
    aws = await startAws({ now: () => now, services: { sns: sns.service } });
    for (const arn of [TOPIC, FIFO]) sns.createTopic(arn);
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    client = new SNSClient({ endpoint: aws.url, region: "eu-central-1", credentials, maxAttempts: 1 });
  });
  afterEach(async () => {
    client.destroy();
    await aws.stop();
  });

  const publish = (input: PublishCommandInput) => client.send(new PublishCommand({ TopicArn: TOPIC, ...input }));
  const attribute = (DataType: string, StringValue: string) => ({ a: { DataType, StringValue } });

  it("takes a message with its subject and attributes", async () => {
    const MessageAttributes = { ...attribute("String", "prod"), b: { DataType: "String.Array", StringValue: '["x"]' } };
    const { MessageId } = await publish({ Subject: "hello", Message: "2 → 4 & <more>", MessageAttributes });
    expect(MessageId).toBeDefined();
    expect(sns.published).toEqual([
      {
        topicArn: TOPIC,
        subject: "hello",
        message: "2 → 4 & <more>",
        attributes: { a: "prod", b: '["x"]' },
        group: null,
      },
    ]);
  });

  it.each<[what: string, code: string, input: PublishCommandInput]>([
    ["a topic that is not there", "NotFound", { TopicArn: `${TOPIC}s`, Message: "m" }],
    ["a topic of another region", "InvalidParameter", { TopicArn: TOPIC.replace("central", "west"), Message: "m" }],
    ["an empty message", "InvalidParameter", { Message: "" }],
    ["a message that is too long", "InvalidParameter", { Message: "x".repeat(MAX_MESSAGE_BYTES + 1) }],
    ["a subject that is too long", "InvalidParameter", { Message: "m", Subject: "x".repeat(100) }],
    ["a subject of two lines", "InvalidParameter", { Message: "m", Subject: "a\nb" }],
    ["a subject that is not ASCII", "InvalidParameter", { Message: "m", Subject: "2 → 4" }],
    ["an attribute without a value", "InvalidParameter", { Message: "m", MessageAttributes: attribute("String", "") }],
    ["an array that is none", "InvalidParameter", { Message: "m", MessageAttributes: attribute("String.Array", "x") }],
    ["a group for a standard topic", "InvalidParameter", { Message: "m", MessageGroupId: "g" }],
    ["no group for a FIFO topic", "InvalidParameter", { TopicArn: FIFO, Message: "m", MessageDeduplicationId: "d" }],
    ["no way to tell a repetition", "InvalidParameter", { TopicArn: FIFO, Message: "m", MessageGroupId: "g" }],
    ["a parameter that it does not have", "InvalidParameter", { Message: "m", MessageStructure: "json" }],
  ])("refuses %s", async (_what, code, input) => {
    await expect(publish(input)).rejects.toMatchObject({ name: expect.stringContaining(code) });
    expect(sns.published).toEqual([]);
  });

  it("takes what a FIFO topic is sent again for the same, for five minutes", async () => {
    const again = { TopicArn: FIFO, Message: "m", MessageGroupId: "g", MessageDeduplicationId: "d" };
    for (const at of [1000, 1299]) {
      now = at;
      await publish(again);
    }
    expect(sns.published).toHaveLength(1);
    now = 1300;
    await publish(again);
    expect(sns.published).toHaveLength(2);
  });
});
