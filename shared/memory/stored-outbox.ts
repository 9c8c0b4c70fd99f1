import * as z from "zod/mini";
import { OCCASIONS } from "../model/notice.ts";
import type { Outbox } from "../model/outbox.ts";
import { accept, formatValue, parseJson } from "./stored.ts";

const lines = z.array(z.string());
const notice = z.strictObject({
  occasions: z.array(z.enum(OCCASIONS)).check(z.minLength(1)),
  fleet: z.string(),
  workload: z.nullable(z.string()),
  headline: z.string(),
  what: lines,
  why: lines,
  toDo: lines,
  command: z.string(),
});
const outbox = z.strictObject({
  messages: z.array(z.strictObject({ id: z.string(), at: z.number(), notice, targets: lines })),
  pauses: z.array(z.strictObject({ target: z.string(), failures: z.int().check(z.positive()), until: z.number() })),
  problems: z.array(z.strictObject({ problem: z.string(), since: z.number(), seen: z.number(), told: z.boolean() })),
}) satisfies z.ZodMiniType<Outbox>;

/** What is to be told, from its stored text. Throws `MemoryUnreadable`. */
export function parseOutbox(key: string, text: string): Outbox {
  const what = `the outbox of ${key}`;
  return accept(what, outbox.safeParse(parseJson(what, text)));
}

/** The text that is stored for what is to be told. Throws `MemoryUnreadable` rather than store what could not be read again. */
export function formatOutbox(key: string, value: Outbox): string {
  const text = formatValue(`the outbox of ${key}`, value);
  parseOutbox(key, text);
  return text;
}
