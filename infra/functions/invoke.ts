import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import { takeIdentities } from "../permissions/identities.ts";
import { forgetRequests, remember, sendWakes } from "../permissions/own.ts";
import { readPools } from "../permissions/pools.ts";
import { metricHosts, readSources } from "../permissions/sources.ts";
import { VrampFunction } from "./vramp-function.ts";

export interface InvokeFunctionProps {
  readonly bundle: string;
  readonly policy: Policy;
  readonly table: TableV2;
  readonly queue: IQueue;
}

/**
 * What operators call. It looks at everything and changes only the memory. In this account IAM sees to that; what it may do
 * behind an identity of another account or cloud is what that one grants to it.
 */
export class InvokeFunction extends VrampFunction {
  constructor(scope: Construct, id: string, { bundle, policy, table, queue }: InvokeFunctionProps) {
    super(scope, id, {
      name: "invoke",
      description: "plan, explain, status, hold, pause and resume for operators",
      bundle,
      environment: { VRAMP_TABLE: table.tableName, VRAMP_QUEUE_URL: queue.queueUrl, ...metricHosts(policy) },
      grants: [
        sendWakes(queue.queueArn),
        remember(table.tableArn),
        forgetRequests(table.tableArn),
        ...readPools(policy),
        ...readSources(policy),
        ...takeIdentities(policy),
      ],
    });
  }
}
