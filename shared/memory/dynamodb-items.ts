import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import type { Spending } from "../model/memory.ts";
import { parseSpending, unreadable } from "./stored.ts";
import { PARTITION_KEY, SORT_KEY } from "./table.ts";

export type Item = Record<string, AttributeValue>;

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: String(value) });
const key = (partition: string, sort: string): Item => ({
  [PARTITION_KEY]: text(partition),
  [SORT_KEY]: text(sort),
});

/** The kinds of item, each under a prefix of its own. */
export const memoryKey = (workload: string) => key(`workload#${workload}`, "memory");
export const leaseKey = (name: string) => key(`lease#${name}`, "lease");
export const requestKey = (requestId: string) => key(`request#${requestId}`, "reply");
export const outboxKey = (name: string) => key(`outbox#${name}`, "outbox");
export const spendingKey = (fleet: string) => key(`fleet#${fleet}`, "spending");

/** One attribute for each workload, whose name has a prefix, so that a workload called `pk` is no key. */
const SPENDING_PREFIX = "workload#";
export const spendingAttribute = (workload: string) => `${SPENDING_PREFIX}${workload}`;

export const AUDIT_PREFIX = "audit#";
/** Padded to the digits of the largest safe integer, so that the order of the text is the order of the numbers. */
export const auditKey = (workload: string, sequence: number) =>
  key(`workload#${workload}`, `${AUDIT_PREFIX}${String(sequence).padStart(16, "0")}`);

const storedText = z.object({ S: z.string() });
const storedNumber = z.object({ N: z.pipe(z.pipe(z.string(), z.transform(Number)), z.number()) });
export const memoryItem = z.object({ value: storedText, version: storedNumber });
export const auditItem = z.object({ value: storedText });
export const replyItem = z.object({ value: storedText, expiresAt: storedNumber });
export const leaseItem = z.object({ epoch: storedNumber });

/** What each workload noted in the fleet's item. Throws `MemoryUnreadable`. */
export function spendingsIn(item: Item): Readonly<Record<string, Spending>> {
  const noted = Object.entries(item).filter(([name]) => name.startsWith(SPENDING_PREFIX));
  return Object.fromEntries(
    noted.map(([name, value]) => {
      const workload = name.slice(SPENDING_PREFIX.length);
      const { S } = attributes(`the spending of ${workload}`, storedText, value);
      return [workload, parseSpending(workload, S)];
    }),
  );
}

/** An item's attributes as this adapter writes them. Throws `MemoryUnreadable`. */
export function attributes<T>(what: string, schema: z.ZodMiniType<T>, item: unknown): T {
  const result = schema.safeParse(item);
  if (result.success) return result.data;
  throw unreadable(what, "its attributes are not those vramp writes", result.error);
}
