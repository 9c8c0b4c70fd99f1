import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { AuditEntry, AuditEvent } from "../model/audit.ts";
import { EMPTY_MEMORY } from "../model/memory.ts";
import { EMPTY_OUTBOX } from "../model/outbox.ts";
import { chain } from "./audit-chain.ts";
import { VersionConflict } from "./errors.ts";
import type { Memory } from "./memory.ts";
import { memoryError } from "./sqlite-errors.ts";
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

const textRow = z.object({ value: z.string() });
const memoryRow = textRow.extend({ version: z.number() });
const leaseRow = z.object({ epoch: z.number() });
const spendingRow = textRow.extend({ workload: z.string() });

/**
 * Memory in an open SQLite file with vramp's tables (`sqlite-file.ts`). What is stored are the same texts that DynamoDB holds.
 * Every call is one statement or one transaction, and has reached the disk when it resolves.
 */
export function createSqliteMemory(db: DatabaseSync, file: string): Memory {
  /** Runs one call at once; what fails becomes one of the memory's errors. */
  async function ask<T>(doing: string, run: () => T): Promise<T> {
    try {
      return run();
    } catch (cause) {
      throw memoryError(file, doing, cause);
    }
  }

  function inTransaction<T>(run: () => T): T {
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = run();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Stores the version after `expected`; false when another one is stored by now. */
  function store(insert: string, update: string, row: readonly (string | number)[], expected: number): boolean {
    const { changes } = expected === 0 ? db.prepare(insert).run(...row) : db.prepare(update).run(...row, expected);
    return changes === 1;
  }

  function newest(workload: string, limit: number): readonly AuditEvent[] {
    const rows = db
      .prepare("SELECT value FROM audit WHERE workload = ? ORDER BY sequence DESC LIMIT ?")
      .all(workload, Math.max(0, limit));
    return z
      .array(textRow)
      .parse(rows)
      .map(({ value }) => parseAuditEvent(workload, value));
  }

  function appendNow(entry: AuditEntry): AuditEvent {
    const [head = null] = newest(entry.workload, 1);
    const event = chain(entry, head);
    const text = formatValue(`an audit event of ${entry.workload}`, event);
    db.prepare("INSERT INTO audit (workload, sequence, value) VALUES (?, ?, ?)").run(
      entry.workload,
      event.sequence,
      text,
    );
    return event;
  }

  return {
    load: (workload) =>
      ask(`loading the memory of ${workload}`, () => {
        const found = db.prepare("SELECT value, version FROM memories WHERE workload = ?").get(workload);
        if (found === undefined) return { value: structuredClone(EMPTY_MEMORY), version: 0 };
        const { value, version } = memoryRow.parse(found);
        return { value: parseMemory(workload, value), version };
      }),

    save: (workload, value, expected) =>
      ask(`saving the memory of ${workload}`, () => {
        const version = expected + 1;
        const text = formatMemory(workload, value);
        const stored = store(
          "INSERT INTO memories (version, value, workload) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
          "UPDATE memories SET version = ?, value = ? WHERE workload = ? AND version = ?",
          [version, text, workload],
          expected,
        );
        if (stored) return version;
        throw new VersionConflict(
          `the memory of ${workload} is no longer at version ${expected}: somebody else saved first; load and decide again`,
        );
      }),

    acquire: (key, holder, ttl, now) =>
      ask(`taking the lease ${key}`, () => {
        const expiresAt = now + ttl;
        // On the right of SET stands what was there before: a lease that still runs keeps its epoch.
        const taken = db
          .prepare(
            `INSERT INTO leases (key, holder, epoch, expires_at) VALUES (:key, :holder, 1, :until)
             ON CONFLICT DO UPDATE SET holder = :holder, expires_at = :until,
               epoch = epoch + (leases.holder IS NULL OR leases.expires_at <= :now)
             WHERE leases.holder IS NULL OR leases.holder = :holder OR leases.expires_at <= :now
             RETURNING epoch`,
          )
          .get({ key, holder, now, until: expiresAt });
        return taken === undefined ? null : { key, holder, epoch: leaseRow.parse(taken).epoch, expiresAt };
      }),

    release: ({ key, holder, epoch }) =>
      ask(`releasing the lease ${key}`, () => {
        // The row stays, without its holder: the next epoch must be greater than this one.
        db.prepare("UPDATE leases SET holder = NULL WHERE key = ? AND holder = ? AND epoch = ?").run(
          key,
          holder,
          epoch,
        );
      }),

    append: (entry) => ask(`appending to the audit of ${entry.workload}`, () => inTransaction(() => appendNow(entry))),

    history: (workload, limit) => ask(`reading the audit of ${workload}`, () => newest(workload, limit)),

    recall: (requestId, now) =>
      ask(`looking for request ${requestId}`, () => {
        // Nothing else throws replies away, and an expired one would keep `remember` from storing the next.
        db.prepare("DELETE FROM replies WHERE expires_at <= ?").run(now);
        const found = db.prepare("SELECT value FROM replies WHERE request_id = ?").get(requestId);
        return found === undefined ? null : parseReply(requestId, textRow.parse(found).value);
      }),

    remember: (requestId, reply, until) =>
      ask(`remembering request ${requestId}`, () => {
        const text = formatValue(`the reply to request ${requestId}`, reply);
        db.prepare("INSERT INTO replies (request_id, value, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING").run(
          requestId,
          text,
          until,
        );
      }),

    noteSpending: (fleet, workload, spending) =>
      ask(`noting the spending of ${workload}`, () => {
        const text = formatSpending(workload, spending);
        db.prepare("INSERT OR REPLACE INTO spendings (fleet, workload, value) VALUES (?, ?, ?)").run(
          fleet,
          workload,
          text,
        );
      }),

    spendingOf: (fleet) =>
      ask(`reading the spending of fleet ${fleet}`, () => {
        const rows = db.prepare("SELECT workload, value FROM spendings WHERE fleet = ?").all(fleet);
        const noted = z.array(spendingRow).parse(rows);
        return Object.fromEntries(noted.map(({ workload, value }) => [workload, parseSpending(workload, value)]));
      }),

    outbox: (key) =>
      ask(`reading the outbox of ${key}`, () => {
        const found = db.prepare("SELECT value, version FROM outboxes WHERE key = ?").get(key);
        if (found === undefined) return { value: EMPTY_OUTBOX, version: 0 };
        const { value, version } = memoryRow.parse(found);
        return { value: parseOutbox(key, value), version };
      }),

    saveOutbox: (key, value, expected) =>
      ask(`saving the outbox of ${key}`, () => {
        return store(
          "INSERT INTO outboxes (version, value, key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
          "UPDATE outboxes SET version = ?, value = ? WHERE key = ? AND version = ?",
          [expected + 1, formatOutbox(key, value), key],
          expected,
        );
      }),
  };
}
