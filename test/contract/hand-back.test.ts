import { afterEach, expect, it } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { createSqsEmulator, queueUrl } from "../../sandbox/clouds/sqs.ts";
import { pollInto, type SqsEventSource } from "../../sandbox/clouds/sqs-event-source.ts";
import { parseWake } from "../../shared/wake/message.ts";
import { createSqsClient, createSqsQueue } from "../../shared/wake/sqs.ts";
import { createSqsHandBack } from "../../shared/wake/sqs-hand-back.ts";
import { NOBODY } from "../support/dynalite.ts";
import { wake } from "./wake.contract.ts";

const VISIBILITY_TIMEOUT = 360;

let aws: Aws;
let source: SqsEventSource;
afterEach(async () => {
  await source.stop();
  await aws.stop();
});

/** A queue whose consumer hands back everything, to come again after 30 s, until `mended`. */
async function setUp() {
  let now = 1000;
  const at = { mended: false };
  const seen: string[] = [];
  const sqs = createSqsEmulator(() => now);
  aws = await startAws({ now: () => now, services: { sqs: sqs.service } });
  const wakes = sqs.createQueue({ name: "wakes.fifo", visibilityTimeout: VISIBILITY_TIMEOUT });
  const client = createSqsClient({ endpoint: aws.url, region: "eu-central-1", credentials: NOBODY });
  const url = queueUrl(aws.url, "wakes.fifo");
  const handBack = createSqsHandBack({ queueUrl: url, client });
  source = pollInto({
    queue: wakes,
    pollEvery: null,
    handler: async ({ Records }) => {
      seen.push(...Records.map(({ body }) => parseWake(body).key));
      if (at.mended) return { batchItemFailures: [] };
      const handles = Records.map(({ receiptHandle }) => receiptHandle);
      await handBack(handles, 30).catch(() => {});
      return { batchItemFailures: Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    },
  });
  const { send } = createSqsQueue({ queueUrl: url, client });
  /** What is delivered once so much time has passed. */
  const after = async (duration: number): Promise<readonly string[]> => {
    now += duration;
    await source.drain();
    return seen.splice(0);
  };
  return { at, send, after };
}

it("brings a group again after the time that was asked for, in its order, and nothing of it before [F20]", async () => {
  const { at, send, after } = await setUp();
  await send([wake("llm", "1")]);
  await send([wake("llm", "2")]);
  await send([wake("llm", "3")]);
  const first = await after(0);
  expect(first.at(0)).toBe("1");
  expect(await after(29)).toEqual([]);
  at.mended = true;
  expect([...(await after(1)), ...(await after(0))]).toEqual(["1", "2", "3"]);
});

it("leaves the group hidden until the queue's own time ends when SQS does not hear of it", async () => {
  const { at, send, after } = await setUp();
  aws.fault({ operation: "ChangeMessageVisibility", kind: "denied", times: 9 });
  await send([wake("llm", "1")]);
  expect(await after(0)).toEqual(["1"]);
  at.mended = true;
  expect(await after(VISIBILITY_TIMEOUT - 1)).toEqual([]);
  expect(await after(1)).toEqual(["1"]);
});
