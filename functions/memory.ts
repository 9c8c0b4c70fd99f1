import { createDynamoMemory } from "../shared/memory/dynamodb.ts";
import { createDynamoClient } from "../shared/memory/dynamodb-client.ts";
import type { Memory } from "../shared/memory/memory.ts";
import { variable } from "./runtime.ts";

/** The stack's memory. */
export const openMemory = (): Memory =>
  createDynamoMemory({ table: variable("VRAMP_TABLE"), client: createDynamoClient() });
