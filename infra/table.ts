import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE } from "../shared/memory/table.ts";

/**
 * The memory and the audit. It outlives the stack: who scaled what, when and why must not go with it. Point-in-time recovery
 * reaches back 35 days. DynamoDB's own key costs nothing and asks no permission of any role.
 */
export function createTable(scope: Construct): TableV2 {
  return new TableV2(scope, "Memory", {
    partitionKey: { name: PARTITION_KEY, type: AttributeType.STRING },
    sortKey: { name: SORT_KEY, type: AttributeType.STRING },
    timeToLiveAttribute: TTL_ATTRIBUTE,
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
