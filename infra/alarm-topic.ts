import { ArnFormat, Aws, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

const CLOUDWATCH = new ServicePrincipal("cloudwatch.amazonaws.com");

/** Days until a removed key is gone: KMS's shortest. It encrypts messages under way and nothing that lasts. */
const KEY_GRACE = 7;

/** CloudWatch cannot use the key that SNS has of its own, so the topic gets one. */
function createKey(scope: Construct): Key {
  const key = new Key(scope, "AlarmKey", {
    description: "vramp: encrypts alarms on their way",
    enableKeyRotation: true,
    pendingWindow: Duration.days(KEY_GRACE),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // As AWS has it, without a condition on the account, which KMS does not see for alarms; the topic's own policy has it.
  const actions = ["kms:Decrypt", "kms:GenerateDataKey"];
  key.addToResourcePolicy(new PolicyStatement({ principals: [CLOUDWATCH], actions, resources: ["*"] }));
  return key;
}

/** Where the stack's alarms go: the topic that is named, or one of its own, encrypted, for this account's alarms only. */
export function alarmTopic(scope: Construct, arn: string | undefined): ITopic {
  if (arn !== undefined) return Topic.fromTopicArn(scope, "Alarms", arn);
  const topic = new Topic(scope, "Alarms", {
    displayName: `vramp alarms of ${Stack.of(scope).stackName}`,
    masterKey: createKey(scope),
    enforceSSL: true,
  });
  const alarms = Stack.of(scope).formatArn({
    service: "cloudwatch",
    resource: "alarm",
    resourceName: "*",
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: "TakeAlarms",
      principals: [CLOUDWATCH],
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID }, ArnLike: { "aws:SourceArn": alarms } },
    }),
  );
  return topic;
}
