import { Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import { type EventPattern, Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { AUTO_SCALING, EC2, GROUP_EVENTS, INSTANCE_EVENTS } from "../functions/interruptions/events.ts";
import { EVENT_MAX_AGE } from "../functions/interruptions/limits.ts";
import { accountOf } from "../functions/interruptions/route.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";
import { MAX_RECEIVE_COUNT } from "../shared/wake/limits.ts";
import { DEAD_LETTER_RETENTION, EVENT_RETRIES, EVENT_VISIBILITY_TIMEOUT } from "./limits.ts";

const COMMON = {
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  removalPolicy: RemovalPolicy.DESTROY,
} as const satisfies QueueProps;

const eksPoolsOf = (policy: Policy) =>
  Object.values(policy.workloads).flatMap(({ pools }) =>
    pools.flatMap(({ capacity, eks }) => (eks === undefined ? [] : [{ capacity, eks }])),
  );

/** Whether the policy has pools that events can be about. */
export const hearsEvents = (policy: Policy): boolean => eksPoolsOf(policy).length > 0;

/** The events that may concern the policy's pools, and no others, as far as a pattern can tell. */
function patternsFor(policy: Policy): Readonly<Record<string, EventPattern>> {
  const pools = eksPoolsOf(policy);
  const sorted = (texts: readonly string[]) => [...new Set(texts)].toSorted();
  const where = {
    account: sorted(pools.map(({ eks }) => accountOf(eks, Aws.ACCOUNT_ID))),
    region: sorted(pools.map(({ eks }) => eks.region)),
  };
  const groups: EventPattern = {
    ...where,
    source: [AUTO_SCALING],
    detailType: [...GROUP_EVENTS],
    detail: { AutoScalingGroupName: [{ prefix: "eks-" }] },
  };
  // What EC2 says of an instance has no name or tag in it to choose by.
  const spot: EventPattern = { ...where, source: [EC2], detailType: [...INSTANCE_EVENTS] };
  return pools.some(({ capacity }) => capacity === "spot") ? { Groups: groups, Spot: spot } : { Groups: groups };
}

/**
 * What EC2 and Auto Scaling say of the policy's node groups, gathered in a queue: a wave of interruptions then is a few
 * batches, and not as many writes to the memory at once.
 */
export class CloudEvents extends Construct {
  readonly queue: Queue;
  /** Events that could not be delivered, or not be dealt with. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { policy }: { readonly policy: Policy }) {
    super(scope, id);
    this.deadLetters = new Queue(this, "DeadLetters", {
      ...COMMON,
      retentionPeriod: Duration.seconds(DEAD_LETTER_RETENTION),
    });
    this.queue = new Queue(this, "Queue", {
      ...COMMON,
      visibilityTimeout: Duration.seconds(EVENT_VISIBILITY_TIMEOUT),
      retentionPeriod: Duration.seconds(EVENT_MAX_AGE),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
    const target = new SqsQueue(this.queue, {
      deadLetterQueue: this.deadLetters,
      maxEventAge: Duration.seconds(EVENT_MAX_AGE),
      retryAttempts: EVENT_RETRIES,
    });
    for (const [name, eventPattern] of Object.entries(patternsFor(policy)))
      new Rule(this, name, {
        description: `vramp: ${eventPattern.source?.join()} events of the accounts and regions of ${policy.fleet}'s pools`,
        eventPattern,
        targets: [target],
      });
  }
}
