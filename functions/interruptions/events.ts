import * as z from "zod/mini";
import "../../shared/policy/english.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";

export const EC2 = "aws.ec2";
/** What EC2 says of one spot instance. The stack's rules ask for these and no others. */
export const INSTANCE_EVENTS = [
  "EC2 Spot Instance Interruption Warning",
  "EC2 Instance Rebalance Recommendation",
] as const;

export const AUTO_SCALING = "aws.autoscaling";
/** What Auto Scaling says of one group. The stack's rules ask for these and no others. */
export const GROUP_EVENTS = [
  "EC2 Instance Launch Successful",
  "EC2 Instance Launch Unsuccessful",
  "EC2 Instance Terminate Successful",
] as const;

const text = z.string().check(z.minLength(1), z.maxLength(255));

/** EventBridge's envelope. Fields that AWS adds later are let through. */
const envelope = z.looseObject({
  id: text,
  account: z.string().check(z.regex(/^\d{12}$/)),
  region: text,
  time: z.pipe(
    z.iso.datetime(),
    z.transform((time) => Date.parse(time) / 1000),
  ),
});

const cloudEvent = z.union([
  z.extend(envelope, {
    source: z.literal(EC2),
    "detail-type": z.enum(INSTANCE_EVENTS),
    detail: z.looseObject({ "instance-id": z.string().check(z.regex(/^i-[0-9a-f]{8,32}$/)) }),
  }),
  z.extend(envelope, {
    source: z.literal(AUTO_SCALING),
    "detail-type": z.enum(GROUP_EVENTS),
    detail: z.looseObject({ AutoScalingGroupName: text }),
  }),
]);

/** What an event is about. No size is read from one. */
export type About =
  | { readonly kind: "instance"; readonly instance: string; readonly doomed: boolean }
  | { readonly kind: "group"; readonly group: string };

/** An event that may concern a pool. */
export interface CloudEvent {
  /** EventBridge's own, the same when the event is delivered again. */
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly time: EpochSeconds;
  readonly type: (typeof INSTANCE_EVENTS)[number] | (typeof GROUP_EVENTS)[number];
  readonly about: About;
}

/** Not an event that the stack's rules let through. Trying it again gives the same. */
export class EventUnreadable extends Error {
  override readonly name = "EventUnreadable";
}

function aboutOf(event: z.output<typeof cloudEvent>): About {
  if (event.source === AUTO_SCALING) return { kind: "group", group: event.detail.AutoScalingGroupName };
  // A rebalance recommendation has no deadline, and EKS answers it by itself: it launches a replacement and drains.
  const doomed = event["detail-type"] === "EC2 Spot Instance Interruption Warning";
  return { kind: "instance", instance: event.detail["instance-id"], doomed };
}

/** The event in a message's body. Throws `EventUnreadable`. */
export function parseEvent(body: string): CloudEvent {
  const result = cloudEvent.safeParse(jsonOf(body));
  if (!result.success) {
    const problems = z.prettifyError(result.error).replaceAll(/\s+/g, " ");
    throw new EventUnreadable(
      `the message is no event that vramp knows (${problems}); let it go to the dead-letter queue`,
      { cause: result.error },
    );
  }
  const { id, account, region, time, "detail-type": type } = result.data;
  return { id, account, region, time, type, about: aboutOf(result.data) };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // refused by the schema, like any other body without an event
  }
}
