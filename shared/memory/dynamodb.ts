import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { AuditEntry, AuditEvent } from "../model/audit.ts";
import { EMPTY_MEMORY, MEMORY_SCHEMA, type Spending, type WorkloadMemory } from "../model/memory.ts";
import { EMPTY_OUTBOX } from "../model/outbox.ts";
import type { EpochSeconds, Seconds } from "../policy/units.ts";
import { chain } from "./audit-chain.ts";
import {
  AUDIT_PREFIX,
  attributes,
  auditItem,
  auditKey,
  type Item,
  leaseItem,
  leaseKey,
  memoryItem,
  memoryKey,
  number,
  outboxKey,
  replyItem,
  requestKey,
  spendingAttribute,
  spendingKey,
  spendingsIn,
  text,
} from "./dynamodb-items.ts";
import { MemoryUnavailable, VersionConflict } from "./errors.ts";
import { CALL_DEADLINE, MAX_APPEND_ATTEMPTS } from "./limits.ts";
import type { Lease, Memory, Remembered } from "./memory.ts";
import { formatMemory, formatSpending, formatValue, parseAuditEvent, parseMemory, parseReply } from "./stored.ts";
import { formatOutbox, parseOutbox } from "./stored-outbox.ts";
import { PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE } from "./table.ts";

/** A condition did not hold. `retried`: an earlier attempt of the same call may have landed although its reply was lost. */
interface Refused {
  readonly refused: true;
  readonly retried: boolean;
}

type Run<T> = (options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/**
 * Memory in one DynamoDB table (`table.ts` has its keys). Every write is of a single item, and conditional where two could
 * meet; every read is strongly consistent. The client should come from `createDynamoClient`, which gives up in time.
 */
export function createDynamoMemory({ table, client }: { table: string; client: DynamoDBClient }): Memory {
  /** Runs one call within its deadline. All but a condition that does not hold becomes `MemoryUnavailable`. */
  async function ask<T>(doing: string, run: Run<T>): Promise<T> {
    try {
      return await run({ abortSignal: AbortSignal.timeout(CALL_DEADLINE * 1000) });
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) throw cause;
      throw new MemoryUnavailable(
        `DynamoDB table ${table} failed (${cause instanceof Error ? cause.name : "unknown error"}) while ${doing}; ` +
          "check that it exists, that the role may use it, and whether it throttles. The next run tries again",
        { cause },
      );
    }
  }

  /** Asks for a conditional write. */
  async function write<T>(doing: string, run: Run<T>): Promise<T | Refused> {
    try {
      return await ask(doing, run);
    } catch (cause) {
      if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
      return { refused: true, retried: (cause.$metadata.attempts ?? 1) > 1 };
    }
  }

  async function read(doing: string, itemKey: Item): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName: table, Key: itemKey, ConsistentRead: true });
    const reply = await ask(doing, (options) => client.send(command, options));
    return reply.Item;
  }

  async function update(doing: string, input: Omit<UpdateItemCommandInput, "TableName">): Promise<Item | null> {
    const command = new UpdateItemCommand({ TableName: table, ReturnValues: "ALL_NEW", ...input });
    const reply = await write(doing, (options) => client.send(command, options));
    return isRefused(reply) ? null : (reply.Attributes ?? {});
  }

  /** The newest `limit` events; DynamoDB gives at most 1 MB at once, so it may take several pages. */
  async function newest(workload: string, limit: number): Promise<readonly AuditEvent[]> {
    const events: AuditEvent[] = [];
    let from: Item | undefined;
    while (events.length < limit) {
      const command: QueryCommand = new QueryCommand({
        TableName: table,
        KeyConditionExpression: "#pk = :workload AND begins_with(#sk, :audit)",
        ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
        ExpressionAttributeValues: { ":workload": text(`workload#${workload}`), ":audit": text(AUDIT_PREFIX) },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: limit - events.length,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      });
      const page: QueryCommandOutput = await ask(`reading the audit of ${workload}`, (options) =>
        client.send(command, options),
      );
      for (const item of page.Items ?? []) {
        const { value } = attributes(`an audit event of ${workload}`, auditItem, item);
        events.push(parseAuditEvent(workload, value.S));
      }
      from = page.LastEvaluatedKey;
      if (from === undefined) break;
    }
    return events;
  }

  async function stored(
    what: string,
    itemKey: Item,
  ): Promise<{ readonly value: string; readonly version: number } | null> {
    const item = await read(`loading ${what}`, itemKey);
    if (item === undefined) return null;
    const { value, version } = attributes(what, memoryItem, item);
    return { value: value.S, version: version.N };
  }

  /** Stores a text as the version after `expected`; false when another version is stored by now. */
  async function store(what: string, itemKey: Item, json: string, expected: number, more: Item = {}): Promise<boolean> {
    const version = expected + 1;
    const command = new PutItemCommand({
      TableName: table,
      Item: { ...itemKey, value: text(json), version: number(version), ...more },
      ...(expected === 0
        ? { ConditionExpression: "attribute_not_exists(#pk)", ExpressionAttributeNames: { "#pk": PARTITION_KEY } }
        : {
            ConditionExpression: "#version = :expected",
            ExpressionAttributeNames: { "#version": "version" },
            ExpressionAttributeValues: { ":expected": number(expected) },
          }),
    });
    const reply = await write(`saving ${what}`, (options) => client.send(command, options));
    if (!isRefused(reply)) return true;
    if (!reply.retried) return false;
    const found = await stored(what, itemKey);
    return found?.version === version && found.value === json;
  }

  return {
    async load(workload): Promise<Remembered> {
      const found = await stored(`the memory of ${workload}`, memoryKey(workload));
      if (found === null) return { value: structuredClone(EMPTY_MEMORY), version: 0 };
      return { value: parseMemory(workload, found.value), version: found.version };
    },

    async save(workload, value: WorkloadMemory, expected): Promise<number> {
      const json = formatMemory(workload, value);
      const more = { schema: number(MEMORY_SCHEMA) };
      if (await store(`the memory of ${workload}`, memoryKey(workload), json, expected, more)) return expected + 1;
      throw new VersionConflict(
        `the memory of ${workload} is no longer at version ${expected}: somebody else saved first; load and decide again`,
      );
    },

    async acquire(name, holder, ttl: Seconds, now: EpochSeconds): Promise<Lease | null> {
      const expiresAt = now + ttl;
      const common = {
        Key: leaseKey(name),
        ExpressionAttributeValues: { ":me": text(holder), ":now": number(now), ":until": number(expiresAt) },
      };
      const names = { "#holder": "holder", "#expires": "expiresAt" };
      const taken =
        (await update(`taking the lease ${name}`, {
          ...common,
          UpdateExpression: "SET #holder = :me, #expires = :until ADD #epoch :one",
          ConditionExpression: "attribute_not_exists(#holder) OR #expires <= :now",
          ExpressionAttributeNames: { ...names, "#epoch": "epoch" },
          ExpressionAttributeValues: { ...common.ExpressionAttributeValues, ":one": number(1) },
        })) ??
        (await update(`renewing the lease ${name}`, {
          ...common,
          UpdateExpression: "SET #expires = :until",
          ConditionExpression: "#holder = :me AND #expires > :now",
          ExpressionAttributeNames: names,
        }));
      if (taken === null) return null;
      return { key: name, holder, epoch: attributes(`the lease ${name}`, leaseItem, taken).epoch.N, expiresAt };
    },

    async release(lease): Promise<void> {
      // The item stays, without its holder: the next epoch must be greater than this one.
      await update(`releasing the lease ${lease.key}`, {
        Key: leaseKey(lease.key),
        UpdateExpression: "REMOVE #holder",
        ConditionExpression: "#holder = :me AND #epoch = :epoch",
        ExpressionAttributeNames: { "#holder": "holder", "#epoch": "epoch" },
        ExpressionAttributeValues: { ":me": text(lease.holder), ":epoch": number(lease.epoch) },
      });
    },

    async append(entry: AuditEntry): Promise<AuditEvent> {
      // The hash of an event of ours that was refused only because an earlier attempt of the same call had landed.
      let landed: string | null = null;
      for (let attempt = 0; attempt < MAX_APPEND_ATTEMPTS; attempt++) {
        const [head = null] = await newest(entry.workload, 1);
        if (head !== null && head.hash === landed) return head;
        const event = chain(entry, head);
        const command = new PutItemCommand({
          TableName: table,
          Item: {
            ...auditKey(entry.workload, event.sequence),
            value: text(formatValue(`an audit event of ${entry.workload}`, event)),
          },
          ConditionExpression: "attribute_not_exists(#pk)",
          ExpressionAttributeNames: { "#pk": PARTITION_KEY },
        });
        const reply = await write(`appending to the audit of ${entry.workload}`, (options) =>
          client.send(command, options),
        );
        if (!isRefused(reply)) return event;
        landed = reply.retried ? event.hash : null;
      }
      throw new MemoryUnavailable(
        `the audit of ${entry.workload} was written to by others ${MAX_APPEND_ATTEMPTS} times in a row; try again`,
      );
    },

    history: newest,

    async recall(requestId, now): Promise<unknown> {
      const item = await read(`looking for request ${requestId}`, requestKey(requestId));
      if (item === undefined) return null;
      const { value, expiresAt } = attributes(`the reply to request ${requestId}`, replyItem, item);
      if (expiresAt.N > now) return parseReply(requestId, value.S);
      // DynamoDB may keep an expired item for days, and it would keep `remember` from storing the next reply.
      const command = new DeleteItemCommand({
        TableName: table,
        Key: requestKey(requestId),
        ConditionExpression: "#expires = :seen",
        ExpressionAttributeNames: { "#expires": "expiresAt" },
        ExpressionAttributeValues: { ":seen": number(expiresAt.N) },
      });
      await write(`forgetting request ${requestId}`, (options) => client.send(command, options));
      return null;
    },

    async remember(requestId, reply, until): Promise<void> {
      const command = new PutItemCommand({
        TableName: table,
        Item: {
          ...requestKey(requestId),
          value: text(formatValue(`the reply to request ${requestId}`, reply)),
          expiresAt: number(until),
          [TTL_ATTRIBUTE]: number(Math.ceil(until)),
        },
        ConditionExpression: "attribute_not_exists(#pk)",
        ExpressionAttributeNames: { "#pk": PARTITION_KEY },
      });
      await write(`remembering request ${requestId}`, (options) => client.send(command, options));
    },

    async noteSpending(fleet, workload, spending: Spending): Promise<void> {
      await update(`noting the spending of ${workload}`, {
        Key: spendingKey(fleet),
        UpdateExpression: "SET #workload = :spending",
        ExpressionAttributeNames: { "#workload": spendingAttribute(workload) },
        ExpressionAttributeValues: { ":spending": text(formatSpending(workload, spending)) },
        ReturnValues: "NONE",
      });
    },

    async spendingOf(fleet): Promise<Readonly<Record<string, Spending>>> {
      return spendingsIn((await read(`reading the spending of fleet ${fleet}`, spendingKey(fleet))) ?? {});
    },

    async outbox(key) {
      const found = await stored(`the outbox of ${key}`, outboxKey(key));
      if (found === null) return { value: EMPTY_OUTBOX, version: 0 };
      return { value: parseOutbox(key, found.value), version: found.version };
    },

    async saveOutbox(key, value, expected) {
      return store(`the outbox of ${key}`, outboxKey(key), formatOutbox(key, value), expected);
    },
  };
}

const isRefused = (reply: object): reply is Refused => "refused" in reply;
