import { mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "vitest";
import { listenOnLoopback } from "../../functions/http/listen.ts";
import { createDynamoMemory } from "../../shared/memory/dynamodb.ts";
import { createDynamoClient } from "../../shared/memory/dynamodb-client.ts";
import { MemoryUnavailable, MemoryUnreadable } from "../../shared/memory/errors.ts";
import { createInMemory, emptyItems } from "../../shared/memory/in-memory.ts";
import { CALL_DEADLINE, MAX_ATTEMPTS } from "../../shared/memory/limits.ts";
import { openSqliteMemory, type SqliteMemory } from "../../shared/memory/sqlite-file.ts";
import { PARTITION_KEY, SORT_KEY } from "../../shared/memory/table.ts";
import { EMPTY_MEMORY } from "../../shared/model/memory.ts";
import { NOBODY, startDynalite } from "../support/dynalite.ts";
import { SLACK } from "../support/slack.ts";
import { FULL, memoryContract } from "./memory.contract.ts";

memoryContract("in this process", async () => ({
  fresh: async () => createInMemory(),
  corruptible: async () => {
    const items = emptyItems();
    return {
      memory: createInMemory(items),
      corrupt: async (workload, text) => void items.memories.set(workload, { text, version: 1 }),
      corruptSpending: async (fleet, workload, text) => void items.spendings.get(fleet)?.set(workload, text),
      corruptOutbox: async (key, text) => void items.outboxes.set(key, { text, version: 1 }),
    };
  },
  propertyRuns: 300,
  stop: async () => {},
}));

memoryContract("DynamoDB", async () => {
  const { client, createTable, stop } = await startDynalite();
  const fresh = async () => createDynamoMemory({ table: await createTable(), client });
  return {
    fresh,
    corruptible: async () => {
      const table = await createTable();
      const write = async (partition: string, sort: string, attribute: string, text: string) => {
        const Key = { [PARTITION_KEY]: { S: partition }, [SORT_KEY]: { S: sort } };
        const UpdateExpression = "SET #attribute = :text";
        const names = { ExpressionAttributeNames: { "#attribute": attribute } };
        const values = { ExpressionAttributeValues: { ":text": { S: text } } };
        await client.send(new UpdateItemCommand({ TableName: table, Key, UpdateExpression, ...names, ...values }));
      };
      return {
        memory: createDynamoMemory({ table, client }),
        corrupt: (workload, text) => write(`workload#${workload}`, "memory", "value", text),
        corruptSpending: (fleet, workload, text) => write(`fleet#${fleet}`, "spending", `workload#${workload}`, text),
        corruptOutbox: (key, text) => write(`outbox#${key}`, "outbox", "value", text),
      };
    },
    propertyRuns: 15,
    stop,
  };
});

memoryContract("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vramp-memory-"));
  const opened: SqliteMemory[] = [];
  const create = () => {
    const file = join(folder, `${opened.length}.db`);
    const store = openSqliteMemory(file);
    opened.push(store);
    return { file, memory: store.memory };
  };
  return {
    fresh: async () => create().memory,
    corruptible: async () => {
      const { file, memory } = create();
      const write = async (sql: string, ...values: readonly string[]) => {
        const db = new DatabaseSync(file);
        db.prepare(sql).run(...values);
        db.close();
      };
      return {
        memory,
        corrupt: (workload, text) => write("UPDATE memories SET value = ? WHERE workload = ?", text, workload),
        corruptSpending: (fleet, workload, text) =>
          write("UPDATE spendings SET value = ? WHERE fleet = ? AND workload = ?", text, fleet, workload),
        corruptOutbox: (key, text) => write("UPDATE outboxes SET value = ? WHERE key = ?", text, key),
      };
    },
    propertyRuns: 15,
    stop: async () => {
      for (const store of opened) store.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe("memory in DynamoDB", () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function started() {
    const dynalite = await startDynalite();
    stops.push(dynalite.stop);
    const table = await dynalite.createTable();
    return { ...dynalite, table, memory: createDynamoMemory({ table, client: dynalite.client }) };
  }

  /** Every first attempt of a call of this kind is carried out and its reply lost, so that the SDK sends it again. */
  function loseFirstReplies(client: ReturnType<typeof createDynamoClient>, commandName: string): void {
    let attempts = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const reply = await next(args);
        if (context.commandName !== commandName || attempts++ % 2 === 1) return reply;
        throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
      },
      { step: "finalizeRequest", priority: "low", name: "loseFirstReplies" },
    );
  }

  it("is unreadable when an item lacks the attributes vramp writes", async () => {
    const { client, table, memory } = await started();
    const Item = { [PARTITION_KEY]: { S: "workload#llm" }, [SORT_KEY]: { S: "memory" }, value: { N: "1" } };
    await client.send(new PutItemCommand({ TableName: table, Item }));
    await expect(memory.load("llm")).rejects.toBeInstanceOf(MemoryUnreadable);
  });

  it("cannot tell what is spent when a note of it is no text", async () => {
    const { client, table, memory } = await started();
    const Item = { [PARTITION_KEY]: { S: "fleet#f" }, [SORT_KEY]: { S: "spending" }, "workload#llm": { N: "1" } };
    await client.send(new PutItemCommand({ TableName: table, Item }));
    await expect(memory.spendingOf("f")).rejects.toBeInstanceOf(MemoryUnreadable);
  });

  it("reads an audit that is larger than one page", async () => {
    const { memory } = await started();
    for (let n = 0; n < 5; n++)
      await memory.append({ workload: "llm", type: "decided", time: "t", data: { n, text: "x".repeat(300_000) } });
    expect((await memory.history("llm", 99)).map(({ data }) => data.n)).toEqual([4, 3, 2, 1, 0]);
  });

  it("is saved when only the reply to the save was lost", async () => {
    const { client, memory } = await started();
    loseFirstReplies(client, "PutItemCommand");
    expect(await memory.save("llm", FULL, 0)).toBe(1);
    expect(await memory.load("llm")).toEqual({ value: FULL, version: 1 });
  });

  it("appends an event once when only the reply was lost", async () => {
    const { client, memory } = await started();
    loseFirstReplies(client, "PutItemCommand");
    for (const n of [1, 2]) await memory.append({ workload: "llm", type: "acted", time: "t", data: { n } });
    expect((await memory.history("llm", 99)).map(({ data }) => data.n)).toEqual([2, 1]);
  });

  it("takes a lease once when only the reply was lost", async () => {
    const { client, memory } = await started();
    loseFirstReplies(client, "UpdateItemCommand");
    expect(await memory.acquire("llm", "a", 10, 100)).toMatchObject({ epoch: 1 });
  });

  it("is unavailable, and says which table, when there is no such table", async () => {
    const { client } = await started();
    const memory = createDynamoMemory({ table: "elsewhere", client });
    await expect(memory.load("llm")).rejects.toBeInstanceOf(MemoryUnavailable);
    await expect(memory.load("llm")).rejects.toThrow(/elsewhere .*ResourceNotFoundException.* llm/);
  });

  it("is unavailable at once when nobody listens [F69]", async () => {
    const { client, memory, stop } = await started();
    await stop();
    await expect(memory.load("llm")).rejects.toMatchObject({ name: "MemoryUnavailable", cause: expect.any(Error) });
    await expect(memory.save("llm", EMPTY_MEMORY, 0)).rejects.toBeInstanceOf(MemoryUnavailable);
    await expect(memory.acquire("llm", "a", 1, 1)).rejects.toBeInstanceOf(MemoryUnavailable);
    await expect(memory.spendingOf("f")).rejects.toBeInstanceOf(MemoryUnavailable);
    client.destroy();
  });

  it.each([
    ["throttles", 400, "ProvisionedThroughputExceededException"],
    ["fails", 500, "InternalServerError"],
  ])("is unavailable when DynamoDB %s [F69]", async (_what, status, code) => {
    const { memory } = await answering((reply) =>
      reply.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify({ __type: code })),
    );
    await expect(memory.load("llm")).rejects.toMatchObject({
      name: "MemoryUnavailable",
      message: expect.stringContaining(code),
    });
  });

  it("is asked again, and unavailable within its deadline, when DynamoDB never answers [F69]", async () => {
    let requests = 0;
    const { memory } = await answering(() => void requests++);
    const since = performance.now();
    await expect(memory.load("llm")).rejects.toBeInstanceOf(MemoryUnavailable);
    expect(requests).toBe(MAX_ATTEMPTS);
    expect((performance.now() - since) / 1000).toBeLessThan(CALL_DEADLINE + SLACK);
  });

  async function answering(answer: (reply: ServerResponse) => void) {
    const { url: endpoint, stop } = await listenOnLoopback((request, reply) => {
      request.resume();
      answer(reply);
    });
    const client = createDynamoClient({ endpoint, region: "eu-central-1", credentials: NOBODY });
    stops.push(async () => {
      client.destroy();
      await stop();
    });
    return { memory: createDynamoMemory({ table: "memory", client }) };
  }
});
