import { createHash } from "node:crypto";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { queryProtocol, queryReply, type Xml } from "./aws-query.ts";
import { AwsFailure, type AwsService } from "./aws-wire.ts";

const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";
const VERSION = "2010-03-31";

// SNS's own limits.
export const MAX_MESSAGE_BYTES = 256 * 1024;
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,98}$/;
const ID = /^[A-Za-z0-9!-/:-@[-`{-~]{1,128}$/;
const ATTRIBUTE_NAME = /^(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/;
const DEDUPLICATES_FOR: Seconds = 300;

/** A message that a topic took. */
export interface Published {
  readonly topicArn: string;
  readonly subject: string | null;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Null but for a FIFO topic. */
  readonly group: string | null;
}

/** Amazon SNS, publishing only, as strict as SNS. Mount `service` under `sns`. */
export interface SnsEmulator {
  readonly service: AwsService;
  /** In the order in which they were taken; what a FIFO topic took for a repetition is left out. */
  readonly published: readonly Published[];
  createTopic(arn: string): void;
}

const invalid = (message: string): AwsFailure =>
  new AwsFailure(400, "InvalidParameter", `Invalid parameter: ${message}`);

const TAKES =
  /^(Action|Version|TopicArn|Subject|Message|MessageGroupId|MessageDeduplicationId|MessageAttributes\.entry\.\d+\.(Name|Value\.(DataType|StringValue)))$/;

function isArrayOfScalars(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item !== "object" || item === null);
  } catch {
    return false;
  }
}

function attributesIn(form: URLSearchParams): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  for (let n = 1; form.has(`MessageAttributes.entry.${n}.Name`); n += 1) {
    const of = (part: string): string => form.get(`MessageAttributes.entry.${n}.${part}`) ?? "";
    const [name, type, value] = [of("Name"), of("Value.DataType"), of("Value.StringValue")];
    if (!ATTRIBUTE_NAME.test(name) || Object.hasOwn(attributes, name)) throw invalid(`MessageAttributes name ${name}`);
    if (type !== "String" && type !== "String.Array")
      throw invalid(`The message attribute '${name}' has an invalid message attribute type`);
    if (value === "" || (type === "String.Array" && !isArrayOfScalars(value)))
      throw invalid(`The message attribute '${name}' must contain a valid value for its type '${type}'`);
    attributes[name] = value;
  }
  return attributes;
}

function refuseText(subject: string | null, message: string): void {
  if (subject !== null && !SUBJECT.test(subject)) throw invalid("Subject");
  if (message === "") throw invalid("Empty message");
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) throw invalid("Message too long");
}

/** What a FIFO topic wants besides, and a standard one does not. */
function fifoPartOf(form: URLSearchParams, fifo: boolean): { group: string | null; deduplicationId: string | null } {
  const group = form.get("MessageGroupId");
  const deduplicationId = form.get("MessageDeduplicationId");
  if (!fifo && (group !== null || deduplicationId !== null))
    throw invalid(
      "MessageDeduplicationId Reason: The request includes a parameter that is not valid for this topic type",
    );
  if (fifo && (group === null || !ID.test(group)))
    throw invalid("The MessageGroupId parameter is required for FIFO topics");
  if (fifo && (deduplicationId === null || !ID.test(deduplicationId)))
    throw invalid(
      "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  return { group, deduplicationId };
}

export function createSnsEmulator(now: Clock): SnsEmulator {
  const topics = new Set<string>();
  const published: Published[] = [];
  const taken = new Map<string, { readonly at: EpochSeconds; readonly reply: Xml }>();

  function publish(form: URLSearchParams, region: string): Xml {
    const unknown = [...form.keys()].find((key) => !TAKES.test(key));
    if (unknown !== undefined) throw invalid(`unknown parameter ${unknown}`);
    const topicArn = form.get("TopicArn") ?? "";
    if (topicArn.split(":")[3] !== region) throw invalid("TopicArn");
    if (!topics.has(topicArn)) throw new AwsFailure(404, "NotFound", "Topic does not exist");
    const [subject, message] = [form.get("Subject"), form.get("Message") ?? ""];
    refuseText(subject, message);
    const fifo = topicArn.endsWith(".fifo");
    const { group, deduplicationId } = fifoPartOf(form, fifo);
    const key = `${topicArn} ${deduplicationId}`;
    const before = taken.get(key);
    if (fifo && before !== undefined && now() - before.at < DEDUPLICATES_FOR) return before.reply;
    published.push({ topicArn, subject, message, attributes: attributesIn(form), group });
    const MessageId = createHash("sha256").update(`${published.length}`).digest("hex").slice(0, 36);
    const reply = fifo ? { MessageId, SequenceNumber: String(published.length).padStart(20, "0") } : { MessageId };
    taken.set(key, { at: now(), reply });
    return reply;
  }

  return {
    published,
    createTopic: (arn) => void topics.add(arn),
    service: {
      protocol: queryProtocol(NAMESPACE),
      operation: ({ body, region }) => {
        const form = new URLSearchParams(body);
        const name = form.get("Action") ?? "(none)";
        if (name !== "Publish" || form.get("Version") !== VERSION)
          throw new AwsFailure(400, "InvalidAction", `Could not find operation ${name} for version ${VERSION}`);
        return {
          name,
          mutating: true,
          input: Object.fromEntries(form),
          run: () => queryReply(NAMESPACE, name, publish(form, region)),
        };
      },
    },
  };
}
