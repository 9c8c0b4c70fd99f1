import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Grant } from "./grant.ts";
import { secretArn, sorted } from "./sources.ts";

/** Telling those whom the policy names: its very topics, and the secrets that hold its webhooks. */
export function tellPeople({ notify }: Policy): readonly Grant[] {
  const topics = sorted(notify.flatMap((each) => ("sns" in each ? [each.sns.topicArn] : [])));
  const webhooks = sorted(notify.flatMap((each) => ("slack" in each ? [secretArn(each.slack.webhookUrlSecret)] : [])));
  return [
    ...(topics.length === 0 ? [] : [{ sid: "PublishToTopics", actions: ["sns:Publish"], resources: topics }]),
    ...(webhooks.length === 0
      ? []
      : [{ sid: "ReadWebhooks", actions: ["secretsmanager:GetSecretValue"], resources: webhooks }]),
  ];
}
