import { z } from "zod";
import { createDynamoMemory } from "../shared/memory/dynamodb.ts";
import type { Memory } from "../shared/memory/memory.ts";
import { startDynalite } from "../test/support/dynalite.ts";

/** Requests so far, and the capacity units that they took, as DynamoDB counts them. */
export interface Usage {
  readonly requests: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface CountedMemory {
  readonly memory: Memory;
  usage(): Usage;
  stop(): Promise<void>;
}

const consumed = z.object({ ConsumedCapacity: z.object({ CapacityUnits: z.number() }) });
const READS = new Set(["GetItemCommand", "QueryCommand"]);

/** A memory in dynalite, over HTTP and through the AWS SDK, that counts its requests on the way. */
export async function countedDynamo(): Promise<CountedMemory> {
  const { client, createTable, stop } = await startDynalite();
  // On a busy machine the answer may come too late, and the table be there already; then another one does.
  const table = await createTable().catch(() => createTable());
  let [requests, readUnits, writeUnits] = [0, 0, 0];
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const reply = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
        const { CapacityUnits } = consumed.parse(reply.output).ConsumedCapacity;
        requests += 1;
        if (READS.has(commandName)) readUnits += CapacityUnits;
        else writeUnits += CapacityUnits;
        return reply;
      },
    { step: "initialize", name: "countUsage" },
  );
  return {
    memory: createDynamoMemory({ table, client }),
    usage: () => ({ requests, readUnits, writeUnits }),
    stop,
  };
}

/** What came between two readings, for each of so many. */
export const perEach = (before: Usage, after: Usage, count: number): Usage => ({
  requests: (after.requests - before.requests) / count,
  readUnits: (after.readUnits - before.readUnits) / count,
  writeUnits: (after.writeUnits - before.writeUnits) / count,
});
