import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { CONNECT_TIMEOUT, MAX_ATTEMPTS, REQUEST_TIMEOUT } from "./limits.ts";

/** A client that gives up in time. The SDK's own defaults wait for ever. */
export const createDynamoClient = (config: DynamoDBClientConfig = {}): DynamoDBClient =>
  new DynamoDBClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT * 1000,
      requestTimeout: REQUEST_TIMEOUT * 1000,
      throwOnRequestTimeout: true, // without it the SDK only logs a warning and waits on
    },
    ...config,
  });
