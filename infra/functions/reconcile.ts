import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { IParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import { BATCH_SIZE, FUNCTION_LIMITS } from "../limits.ts";
import { takeIdentities } from "../permissions/identities.ts";
import { tellPeople } from "../permissions/notify.ts";
import { readStop, receiveWakes, remember, updateInPlace } from "../permissions/own.ts";
import { readPools, removeNodes, resizePools } from "../permissions/pools.ts";
import { metricHosts, readSources } from "../permissions/sources.ts";
import { VrampFunction } from "./vramp-function.ts";

export interface ReconcileFunctionProps {
  readonly bundle: string;
  readonly policy: Policy;
  readonly table: TableV2;
  readonly queue: IQueue;
  /** The fleet's stop. */
  readonly stop: IParameter;
}

/**
 * The queue's consumer, and the only function that may change a pool: those the policy names, only their size and which nodes. It
 * also tells people.
 */
export class ReconcileFunction extends VrampFunction {
  constructor(scope: Construct, id: string, { bundle, policy, table, queue, stop }: ReconcileFunctionProps) {
    super(scope, id, {
      name: "reconcile",
      description: "looks at one workload, decides its size and asks the cloud for it",
      bundle,
      environment: {
        VRAMP_TABLE: table.tableName,
        VRAMP_QUEUE_URL: queue.queueUrl,
        VRAMP_STOP_PARAMETER: stop.parameterName,
        ...metricHosts(policy),
      },
      grants: [
        receiveWakes(queue.queueArn),
        remember(table.tableArn),
        updateInPlace(table.tableArn),
        readStop(stop.parameterArn),
        ...readPools(policy),
        ...resizePools(policy),
        ...removeNodes(policy),
        ...readSources(policy),
        ...takeIdentities(policy),
        ...tellPeople(policy),
      ],
    });
    new EventSourceMapping(this, "Wakes", {
      target: this.lambda,
      eventSourceArn: queue.queueArn,
      batchSize: BATCH_SIZE,
      // No more than the function may run: what is received beyond that is throttled, and each time counts as a delivery.
      maxConcurrency: FUNCTION_LIMITS.reconcile.concurrency,
      reportBatchItemFailures: true,
    });
  }
}
