import { randomUUID } from "node:crypto";
import type { SQSEvent } from "aws-lambda";
import type { EpochSeconds } from "../shared/policy/units.ts";
import { rfc3339 } from "../shared/reconcile/rfc3339.ts";

/** The AWS account that the emulator plays. */
export const SANDBOX_ACCOUNT = "111122223333";

/** EC2's warning for one spot instance, as EventBridge puts it and its queue hands it to the function. */
export function interruptionEvent(instanceId: string, region: string, at: EpochSeconds): SQSEvent {
  const event = {
    version: "0",
    id: randomUUID(),
    "detail-type": "EC2 Spot Instance Interruption Warning",
    source: "aws.ec2",
    account: SANDBOX_ACCOUNT,
    time: rfc3339(at),
    region,
    resources: [`arn:aws:ec2:${region}:${SANDBOX_ACCOUNT}:instance/${instanceId}`],
    detail: { "instance-id": instanceId, "instance-action": "terminate" },
  };
  const received = String(at * 1000);
  return {
    Records: [
      {
        messageId: event.id,
        receiptHandle: event.id,
        body: JSON.stringify(event),
        attributes: {
          ApproximateReceiveCount: "1",
          SentTimestamp: received,
          SenderId: "events.amazonaws.com",
          ApproximateFirstReceiveTimestamp: received,
        },
        messageAttributes: {},
        md5OfBody: "",
        eventSource: "aws:sqs",
        eventSourceARN: `arn:aws:sqs:${region}:${SANDBOX_ACCOUNT}:events`,
        awsRegion: region,
      },
    ],
  };
}
