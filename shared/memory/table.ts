/** The table's keys: what the stack creates, the tests and the sandbox create alike, and the adapter reads. */
export const PARTITION_KEY = "pk";
export const SORT_KEY = "sk";

/** When DynamoDB may delete an item, in whole epoch seconds. It takes up to days, so nothing here relies on it. */
export const TTL_ATTRIBUTE = "ttl";

/** `CreateTable`'s input but for the name. */
export const MEMORY_TABLE = {
  KeySchema: [
    { AttributeName: PARTITION_KEY, KeyType: "HASH" as const },
    { AttributeName: SORT_KEY, KeyType: "RANGE" as const },
  ],
  AttributeDefinitions: [
    { AttributeName: PARTITION_KEY, AttributeType: "S" as const },
    { AttributeName: SORT_KEY, AttributeType: "S" as const },
  ],
  BillingMode: "PAY_PER_REQUEST" as const,
};
