import { PublishCommand, SNSClient, type SNSClientConfig } from "@aws-sdk/client-sns";
import type { Message } from "../model/outbox.ts";
import { NotSent } from "./errors.ts";
import { REQUEST_TIMEOUT } from "./limits.ts";
import type { Target } from "./target.ts";
import { partsOf, titleOf } from "./text.ts";

/** Characters in a subject; SNS wants fewer than 100, all of them printable ASCII. */
const MAX_SUBJECT = 99;

const subjectOf = (title: string): string =>
  title
    .replaceAll("→", "->")
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, MAX_SUBJECT);

/** The part of a topic's ARN that says where it is. */
const regionOf = (topicArn: string): string => topicArn.split(":")[3] ?? "";

/** A FIFO topic keeps a workload's messages in order, and takes one that is sent again for the same. */
function inOrder(topicArn: string, { id, notice }: Message) {
  if (!topicArn.endsWith(".fifo")) return {};
  return { MessageGroupId: notice.workload ?? notice.fleet, MessageDeduplicationId: id };
}

/** A client that gives up in time. The outbox tries again, so that the client need not. */
const createClient = (region: string, config: SNSClientConfig): SNSClient =>
  new SNSClient({
    region,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: REQUEST_TIMEOUT * 1000,
      requestTimeout: REQUEST_TIMEOUT * 1000,
      throwOnRequestTimeout: true, // without it the SDK only logs a warning and waits on
    },
    ...config,
  });

/** A topic of Amazon SNS, in whatever region or account. Attributes say what it is about, for subscriptions that filter. */
export function createSns(topicArn: string, config: SNSClientConfig = {}): Target {
  const client = createClient(regionOf(topicArn), config);
  return {
    async send(message, abort) {
      const { notice } = message;
      const title = titleOf(notice);
      const about = (value: string) => ({ DataType: "String", StringValue: value });
      const command = new PublishCommand({
        TopicArn: topicArn,
        Subject: subjectOf(title),
        Message: `${title}\n\n${partsOf(notice).join("\n")}`,
        MessageAttributes: {
          fleet: about(notice.fleet),
          ...(notice.workload === null ? {} : { workload: about(notice.workload) }),
          occasions: { DataType: "String.Array", StringValue: JSON.stringify(notice.occasions) },
        },
        ...inOrder(topicArn, message),
      });
      await client.send(command, { abortSignal: abort }).catch((error: unknown) => {
        // AWS repeats the caller's ARN in its message, so only the error's name is passed on.
        const kind = error instanceof Error ? error.name : "unknown error";
        throw new NotSent(
          `SNS did not take a message for ${topicArn} (${kind}); check that the topic exists and that vramp's role may ` +
            "publish to it, with its key if it has one",
        );
      });
    },
  };
}
