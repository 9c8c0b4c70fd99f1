import type { AuditEvent } from "../model/audit.ts";
import { EMPTY_MEMORY } from "../model/memory.ts";
import { EMPTY_OUTBOX } from "../model/outbox.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { chain } from "./audit-chain.ts";
import { VersionConflict } from "./errors.ts";
import type { Lease, Memory } from "./memory.ts";
import {
  formatMemory,
  formatSpending,
  formatValue,
  parseAuditEvent,
  parseMemory,
  parseReply,
  parseSpending,
} from "./stored.ts";
import { formatOutbox, parseOutbox } from "./stored-outbox.ts";

/** What the store holds: the same texts that DynamoDB holds, so that nothing but plain JSON goes in or comes out. */
export interface InMemoryItems {
  readonly memories: Map<string, { readonly text: string; readonly version: number }>;
  readonly audits: Map<string, string[]>;
  readonly leases: Map<string, Lease & { readonly free: boolean }>;
  readonly replies: Map<string, { readonly text: string; readonly until: EpochSeconds }>;
  /** By fleet, then by workload. */
  readonly spendings: Map<string, Map<string, string>>;
  readonly outboxes: Map<string, { readonly text: string; readonly version: number }>;
}

export const emptyItems = (): InMemoryItems => ({
  memories: new Map(),
  audits: new Map(),
  leases: new Map(),
  replies: new Map(),
  spendings: new Map(),
  outboxes: new Map(),
});

/** Memory of this process, for `vramp decide`, the sandbox and tests. Several may share one set of items, as functions share a table. */
export function createInMemory(items: InMemoryItems = emptyItems()): Memory {
  const newest = (workload: string, limit: number): readonly AuditEvent[] =>
    (items.audits.get(workload) ?? [])
      .toReversed()
      .slice(0, Math.max(0, limit))
      .map((text) => parseAuditEvent(workload, text));

  return {
    async load(workload) {
      const stored = items.memories.get(workload);
      if (stored === undefined) return { value: structuredClone(EMPTY_MEMORY), version: 0 };
      return { value: parseMemory(workload, stored.text), version: stored.version };
    },

    async save(workload, value, expected) {
      const text = formatMemory(workload, value);
      if ((items.memories.get(workload)?.version ?? 0) !== expected)
        throw new VersionConflict(
          `the memory of ${workload} is no longer at version ${expected}: somebody else saved first; load and decide again`,
        );
      items.memories.set(workload, { text, version: expected + 1 });
      return expected + 1;
    },

    async acquire(key, holder, ttl, now) {
      const before = items.leases.get(key);
      const held = before !== undefined && !before.free && before.expiresAt > now;
      if (held && before.holder !== holder) return null;
      const epoch = held ? before.epoch : (before?.epoch ?? 0) + 1;
      const lease: Lease = { key, holder, epoch, expiresAt: now + ttl };
      items.leases.set(key, { ...lease, free: false });
      return lease;
    },

    async release({ key, holder, epoch }) {
      const held = items.leases.get(key);
      if (held?.holder === holder && held.epoch === epoch) items.leases.set(key, { ...held, free: true });
    },

    async append(entry) {
      const [head = null] = newest(entry.workload, 1);
      const event = chain(entry, head);
      const texts = items.audits.get(entry.workload) ?? [];
      texts.push(formatValue(`an audit event of ${entry.workload}`, event));
      items.audits.set(entry.workload, texts);
      return event;
    },

    async history(workload, limit) {
      return newest(workload, limit);
    },

    async recall(requestId, now) {
      const stored = items.replies.get(requestId);
      if (stored === undefined) return null;
      if (stored.until > now) return parseReply(requestId, stored.text);
      items.replies.delete(requestId);
      return null;
    },

    async remember(requestId, reply, until) {
      const text = formatValue(`the reply to request ${requestId}`, reply);
      if (!items.replies.has(requestId)) items.replies.set(requestId, { text, until });
    },

    async noteSpending(fleet, workload, spending) {
      const texts = items.spendings.get(fleet) ?? new Map<string, string>();
      items.spendings.set(fleet, texts.set(workload, formatSpending(workload, spending)));
    },

    async spendingOf(fleet) {
      const texts = [...(items.spendings.get(fleet) ?? [])];
      return Object.fromEntries(texts.map(([workload, text]) => [workload, parseSpending(workload, text)]));
    },

    async outbox(key) {
      const stored = items.outboxes.get(key);
      if (stored === undefined) return { value: EMPTY_OUTBOX, version: 0 };
      return { value: parseOutbox(key, stored.text), version: stored.version };
    },

    async saveOutbox(key, value, expected) {
      const text = formatOutbox(key, value);
      if ((items.outboxes.get(key)?.version ?? 0) !== expected) return false;
      items.outboxes.set(key, { text, version: expected + 1 });
      return true;
    },
  };
}
