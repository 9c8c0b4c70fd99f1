import type { Notification } from "../policy/schema/policy.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { type Target, targetOf } from "./target.ts";

export interface TargetsOptions {
  readonly secrets: Secrets;
  /** Where Slack is, when it is not where it always is. SNS's client reads AWS's own variables. */
  readonly slackEndpoint?: string | undefined;
}

async function open(notification: Notification, { secrets, slackEndpoint }: TargetsOptions): Promise<Target> {
  if ("slack" in notification) {
    const { createSlack } = await import("./slack.ts");
    return createSlack({ secretName: notification.slack.webhookUrlSecret, secrets, endpoint: slackEndpoint });
  }
  const { createSns } = await import("./sns.ts");
  return createSns(notification.sns.topicArn);
}

/** Opens targets, each once. What a target takes is loaded when it is first opened: most fleets need no SNS. */
export function createTargets(options: TargetsOptions): (notification: Notification) => Promise<Target> {
  const opened = new Map<string, Promise<Target>>();
  return (notification) => {
    const name = targetOf(notification);
    const target = opened.get(name) ?? open(notification, options);
    opened.set(name, target);
    return target;
  };
}
