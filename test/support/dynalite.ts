import { CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { createDynamoClient } from "../../shared/memory/dynamodb-client.ts";
import { MEMORY_TABLE } from "../../shared/memory/table.ts";

export interface Dynalite {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  /** An empty table of vramp's, by its name. */
  readonly createTable: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Credentials that no cloud knows. */
export const NOBODY = { accessKeyId: "test", secretAccessKey: "test" };

/** A DynamoDB of this process on a port the system chose. */
export async function startDynalite(): Promise<Dynalite> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("dynalite listens on no port");
  const endpoint = `http://127.0.0.1:${address.port}`;
  const client = createDynamoClient({ endpoint, region: "eu-central-1", credentials: NOBODY });
  let tables = 0;
  return {
    endpoint,
    client,
    createTable: async () => {
      const table = `memory-${++tables}`;
      await client.send(new CreateTableCommand({ TableName: table, ...MEMORY_TABLE }));
      return table;
    },
    stop: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
