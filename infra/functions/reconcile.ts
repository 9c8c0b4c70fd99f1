import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import { BATCH_SIZE, FUNCTION_LIMITS } from "../limits.ts";
import { takeIdentities } from "../permissions/identities.ts";
import { receiveWakes, remember, updateInPlace } from "../permissions/own.ts";
import { readPools, resizePools } from "../permissions/pools.ts";
import { readSources } from "../permissions/sources.ts";
import { VrampFunction } from "./vramp-function.ts";

export interface ReconcileFunctionProps {
  readonly bundle: string;
  readonly policy: Policy;
  readonly table: TableV2;
  readonly queue: IQueue;
}

/** The queue's consumer, and the only function that may change a pool: those the policy names, and only their size. */
export class ReconcileFunction extends VrampFunction {
  constructor(scope: Construct, id: string, { bundle, policy, table, queue }: ReconcileFunctionProps) {
    super(scope, id, {
      name: "reconcile",
      description: "looks at one workload, decides its size and asks the cloud for it",
      bundle,
      environment: { VRAMP_TABLE: table.tableName },
      grants: [
        receiveWakes(queue.queueArn),
        remember(table.tableArn),
        updateInPlace(table.tableArn),
        ...readPools(policy),
        ...resizePools(policy),
        ...readSources(policy),
        ...takeIdentities(policy),
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
