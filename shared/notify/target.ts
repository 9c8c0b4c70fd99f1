import type { Message } from "../model/outbox.ts";
import type { Notification } from "../policy/schema/policy.ts";

/** Where people hear of a decision. */
export interface Target {
  /** Hands a message over. Throws `NotSent`, or `SecretUnavailable` when the target's secret cannot be read. */
  send(message: Message, abort: AbortSignal): Promise<void>;
}

/** A target's name in outboxes and logs. What the policy says of it is no secret: a secret's name, or a topic's ARN. */
export const targetOf = (notification: Notification): string =>
  "slack" in notification ? `slack ${notification.slack.webhookUrlSecret}` : `sns ${notification.sns.topicArn}`;
