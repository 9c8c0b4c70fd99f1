import * as z from "zod/mini";
import type { AuditEvent } from "../model/audit.ts";
import type { Learned } from "../model/learned.ts";
import { MEMORY_SCHEMA, type Spending, type WorkloadMemory } from "../model/memory.ts";
import { REASONS } from "../model/reasons.ts";
import { identifier, label } from "../policy/border.ts";
import { MemoryUnavailable, MemoryUnreadable } from "./errors.ts";
import { MAX_VALUE_BYTES } from "./limits.ts";

// Objects are strict: a field this version does not know may be one that forbids what it is about to do.

const at = z.number();
const amount = z.number().check(z.nonnegative());
const count = z.int().check(z.nonnegative());
const nodes = amount;
const change = z.number().check(z.positive());
const operation = z.strictObject({ pool: z.string(), token: z.string() });
const overrideBase = { reason: z.string(), actor: z.string(), at, until: at };

const reasonNames = new Set<string>(Object.keys(REASONS));
const reason = z.custom<keyof typeof REASONS>((value) => typeof value === "string" && reasonNames.has(value), {
  error: "not a reason this version knows",
});

const causes = z.record(identifier, z.number());
const spending = z.strictObject({
  day: z.string(),
  at,
  perHour: amount,
  spent: amount,
}) satisfies z.ZodMiniType<Spending>;

const footing = z.strictObject({ size: nodes, total: nodes });
const health = z.strictObject({
  owingSince: z.nullable(at),
  failures: count,
  heard: z.nullable(at),
  failedAt: z.nullable(at),
  trouble: z.nullable(z.enum(["NoCapacity", "QuotaExceeded", "NoProgress"])),
  backoffUntil: z.nullable(at),
});

const rates = z.array(z.strictObject({ at, rate: amount }));
const orders = z.array(z.strictObject({ at, nodes }));
const learnedPool = z.strictObject({
  desired: nodes,
  ready: nodes,
  noticed: nodes,
  given: nodes,
  orders,
  upSince: z.nullable(at),
  losses: amount,
  exposure: amount,
  shut: z.boolean(),
  limit: z._default(nodes, 0),
  triedAt: at,
  probing: z.boolean(),
  refusals: count,
  heard: z.nullable(at),
});
const learned = z.strictObject({
  at,
  rates,
  forecasts: rates,
  variance: amount,
  // What was stored by an earlier version lacks what has a default.
  usual: z._default(z.nullable(amount), null),
  backlog: z.nullable(z.strictObject({ at, waiting: amount, since: z.nullable(at) })),
  busyAt: at,
  arrived: amount,
  watched: amount,
  care: amount,
  served: amount,
  nodeSeconds: amount,
  inService: amount,
  boot: amount,
  bootVariance: z.nullable(amount),
  gaps: z.nullable(z.strictObject({ lasted: z.array(amount), ended: z.array(amount) })),
  line: z.nullable(z.strictObject({ overdue: amount, entries: orders, came: z._default(orders, []) })),
  bursts: z._default(z.nullable(z.strictObject({ line: amount, late: amount, watched: amount })), null),
  nodes,
  surplusSince: z._default(z.nullable(at), null),
  probes: z.number(),
  thrift: z._default(amount, 1),
  held: z._default(amount, 1),
  pools: z.record(label, learnedPool),
}) satisfies z.ZodMiniType<Learned>;

const workloadMemory = z.strictObject({
  schema: z.literal(MEMORY_SCHEMA),
  recommendations: z.array(z.strictObject({ at, nodes })),
  scaleUps: z.array(z.strictObject({ at, change })),
  scaleDowns: z.array(z.strictObject({ at, change })),
  lastChange: z.nullable(z.strictObject({ at, from: nodes, to: nodes, settledAt: z.nullable(at) })),
  overrides: z.array(
    z.discriminatedUnion("kind", [
      z.strictObject({ ...overrideBase, kind: z.literal("hold"), nodes }),
      z.strictObject({ ...overrideBase, kind: z.literal("wake"), nodes }),
      z.strictObject({ ...overrideBase, kind: z.literal("pause"), direction: z.enum(["in", "out", "both"]) }),
    ]),
  ),
  intents: z.array(
    z.strictObject({
      id: z.string(),
      pool: z.string(),
      from: nodes,
      to: nodes,
      remove: z.nullable(z.array(z.string())),
      at,
      epoch: z.int(),
      policyRevision: z.string(),
      operation: z.nullable(operation),
    }),
  ),
  pools: z.record(label, z.strictObject({ at, desired: nodes, ready: nodes, health })),
  assigned: z.nullable(z.strictObject({ before: footing, after: footing, pools: z.record(label, nodes) })),
  external: z.nullable(z.strictObject({ at, from: nodes, to: nodes, pools: z.array(label) })),
  notices: z.array(z.strictObject({ nodeId: z.string(), until: at })),
  scaleIn: z.nullable(z.strictObject({ since: at })),
  calendarWake: z.nullable(z.strictObject({ schedule: label, asserted: at, at })),
  growth: z.strictObject({ causes, made: z.array(z.strictObject({ at, causes })) }),
  turns: z.array(at),
  spending: z.nullable(spending),
  // What was stored before there was anything to learn lacks it.
  learned: z._default(z.nullable(learned), null),
  lastDecision: z.nullable(z.strictObject({ at, current: nodes, want: nodes, reason, detail: z.string() })),
}) satisfies z.ZodMiniType<WorkloadMemory>;

/** Turns what schema `from` stored into what schema `from + 1` stores. */
export interface Upgrade {
  readonly from: number;
  readonly apply: (stored: object) => unknown;
}

/** How the previous schema becomes this one. Schema 1 is the first, so there is none yet; there is never more than one. */
export const UPGRADE: Upgrade | null = null;

const versioned = z.looseObject({ schema: z.int() });

/** A workload's memory from its stored text. Throws `MemoryUnreadable` unless it is of this schema or the one before. */
export function parseMemory(workload: string, text: string, upgrade: Upgrade | null = UPGRADE): WorkloadMemory {
  const what = `the memory of ${workload}`;
  const stored = parseJson(what, text);
  const { schema } = accept(what, versioned.safeParse(stored));
  if (schema === MEMORY_SCHEMA) return accept(what, workloadMemory.safeParse(stored));
  if (upgrade === null || schema !== upgrade.from)
    throw new MemoryUnreadable(
      `${what} has schema ${schema}, and this version reads ${MEMORY_SCHEMA}; run the version of vramp that wrote it`,
    );
  return accept(what, workloadMemory.safeParse(upgrade.apply(Object(stored))));
}

/** The text that is stored for a workload's memory. Throws `MemoryUnreadable` rather than store what could not be read again. */
export function formatMemory(workload: string, value: WorkloadMemory): string {
  const text = formatValue(`the memory of ${workload}`, value);
  parseMemory(workload, text);
  return text;
}

// The data are passed on as they are: a schema that copies keys would drop `__proto__`, and the hash would not match.
const data = z.custom<AuditEvent["data"]>((value) => typeof value === "object" && value !== null);

const auditEvent = z.strictObject({
  specversion: z.literal("1.0"),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.string(),
  datacontenttype: z.literal("application/json"),
  data,
  sequence: z.int().check(z.positive()),
  previous: z.string(),
  hash: z.string(),
}) satisfies z.ZodMiniType<AuditEvent>;

/** An audit event from its stored text. Throws `MemoryUnreadable`. Whether the chain holds is for `verifyChain`. */
export function parseAuditEvent(workload: string, text: string): AuditEvent {
  const what = `an audit event of ${workload}`;
  return accept(what, auditEvent.safeParse(parseJson(what, text)));
}

/** What a workload noted of its spending, from its stored text. Throws `MemoryUnreadable`. */
export function parseSpending(workload: string, text: string): Spending {
  const what = `the spending of ${workload}`;
  return accept(what, spending.safeParse(parseJson(what, text)));
}

/** The text that is stored for a workload's spending. Throws `MemoryUnreadable` rather than store what could not be read again. */
export function formatSpending(workload: string, value: Spending): string {
  const text = formatValue(`the spending of ${workload}`, value);
  parseSpending(workload, text);
  return text;
}

/** A reply that was stored under a request id. */
export const parseReply = (requestId: string, text: string): unknown =>
  parseJson(`the reply to request ${requestId}`, text);

/**
 * The text that is stored for a value. One JSON text rather than DynamoDB's own maps and numbers, which are decimals of
 * a smaller range: every number comes back as it went, and what is hashed is what is stored.
 */
export function formatValue(what: string, value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  const size = Buffer.byteLength(text);
  if (size <= MAX_VALUE_BYTES) return text;
  throw new MemoryUnavailable(
    `${what} is ${size} bytes and the store takes ${MAX_VALUE_BYTES}; it was not stored. Shorten what is kept of it`,
  );
}

/** The JSON in a stored text. Throws `MemoryUnreadable`. */
export function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(what, "it is not JSON", cause);
  }
}

/** What a schema made of something stored. Throws `MemoryUnreadable` when it does not fit. */
export function accept<T>(what: string, result: z.core.util.SafeParseResult<T>): T {
  if (result.success) return result.data;
  throw unreadable(what, z.prettifyError(result.error).replaceAll(/\s+/g, " "), result.error);
}

/** What is stored is not what this version would have stored. */
export const unreadable = (what: string, why: string, cause?: unknown) =>
  new MemoryUnreadable(`${what} cannot be read: ${why}; nothing is changed until it is repaired or deleted`, { cause });
