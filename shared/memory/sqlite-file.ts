import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { MemoryUnreadable } from "./errors.ts";
import { BUSY_TIMEOUT } from "./limits.ts";
import type { Memory } from "./memory.ts";
import { createSqliteMemory } from "./sqlite.ts";
import { MemoryInUse, memoryError } from "./sqlite-errors.ts";
import { type FileLock, takeFileLock } from "./sqlite-lock.ts";

/** Raised whenever the tables change; a file with a greater one is refused. The texts in them have a schema of their own. */
export const STORE_SCHEMA = 1;

/** `store` has one row: the tables' schema, and the process that uses the file, for whoever finds it in use. */
const TABLES = `
  CREATE TABLE store (
    only INTEGER PRIMARY KEY CHECK (only = 1), schema INTEGER NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL
  ) STRICT;
  CREATE TABLE memories (workload TEXT PRIMARY KEY, version INTEGER NOT NULL, value TEXT NOT NULL) STRICT;
  CREATE TABLE audit (
    workload TEXT NOT NULL, sequence INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (workload, sequence)
  ) STRICT;
  CREATE TABLE leases (key TEXT PRIMARY KEY, holder TEXT, epoch INTEGER NOT NULL, expires_at REAL NOT NULL) STRICT;
  CREATE TABLE replies (request_id TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at REAL NOT NULL) STRICT;
  CREATE TABLE spendings (
    fleet TEXT NOT NULL, workload TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (fleet, workload)
  ) STRICT;
`;

/** Came later than schema 1, and means nothing to a vramp that does not know it: made wherever it is missing. */
const OUTBOXES =
  "CREATE TABLE IF NOT EXISTS outboxes (key TEXT PRIMARY KEY, version INTEGER NOT NULL, value TEXT NOT NULL) STRICT";

/** A memory file that this process has to itself. */
export interface SqliteMemory {
  readonly memory: Memory;
  /** Ends the use of the file. Every call of the memory after it throws `MemoryUnavailable`. */
  close(): void;
}

/**
 * Opens a memory file for this process alone, and makes it if there is none; its folder must exist. Throws `MemoryInUse` when
 * another process has it, `MemoryUnreadable` when it is not one of vramp's or of a newer vramp's, else `MemoryUnavailable`.
 */
export function openSqliteMemory(file: string): SqliteMemory {
  const opening = <T>(run: () => T): T => attempt(file, "opening it", run);
  const lock = opening(() => takeFileLock(`${file}.lock`));
  if (lock === null) throw new MemoryInUse(inUse(file));
  try {
    const db = opening(() => new DatabaseSync(file, { timeout: BUSY_TIMEOUT * 1000 }));
    try {
      opening(() => prepare(db, file));
    } catch (error) {
      db.close();
      throw error;
    }
    return { memory: createSqliteMemory(db, file), close: () => closeBoth(db, lock) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function attempt<T>(file: string, doing: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw memoryError(file, doing, cause);
  }
}

function closeBoth(db: DatabaseSync, lock: FileLock): void {
  db.close();
  lock.release();
}

function prepare(db: DatabaseSync, file: string): void {
  refuseForeign(db, file);
  // A reader, such as a backup, must not keep vramp from writing.
  db.exec("PRAGMA journal_mode = WAL");
  // A commit is on the disk before the call returns: an intent must outlast a power cut that follows the cloud's call.
  db.exec("PRAGMA synchronous = FULL");
  db.exec("BEGIN IMMEDIATE");
  if (tablesOf(db).length === 0) db.exec(TABLES);
  db.exec(OUTBOXES);
  db.prepare("INSERT OR REPLACE INTO store (only, schema, pid, host) VALUES (1, ?, ?, ?)").run(
    STORE_SCHEMA,
    process.pid,
    hostname(),
  );
  // Whoever holds a lease in the file is gone, for we have the lock. The epochs stay: the next must be greater.
  db.exec("UPDATE leases SET holder = NULL");
  db.exec("COMMIT");
}

const names = z.array(z.object({ name: z.string() }));
const tablesOf = (db: DatabaseSync): readonly string[] =>
  names.parse(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()).map(({ name }) => name);

function refuseForeign(db: DatabaseSync, file: string): void {
  const tables = tablesOf(db);
  if (tables.length === 0) return;
  if (!tables.includes("store"))
    throw new MemoryUnreadable(
      `${file} is a database of something else (it has a table ${tables[0]}); give vramp a file of its own`,
    );
  const { schema } = z.object({ schema: z.int() }).parse(db.prepare("SELECT schema FROM store").get());
  if (schema !== STORE_SCHEMA)
    throw new MemoryUnreadable(
      `the memory file ${file} has schema ${schema}, and this version reads ${STORE_SCHEMA}; run the version of vramp that wrote it`,
    );
}

const holder = z.object({ pid: z.int(), host: z.string() });

/** Names the holder as it named itself; it may have begun this very moment and not have done so yet. */
function inUse(file: string): string {
  const { pid, host } = holderOf(file) ?? { pid: null, host: "" };
  const who = pid === null ? "another process" : `process ${pid} on ${host}`;
  return `the memory file ${file} is in use by ${who}; stop it first, or use another file`;
}

function holderOf(file: string): z.output<typeof holder> | null {
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      return holder.parse(db.prepare("SELECT pid, host FROM store").get());
    } finally {
      db.close();
    }
  } catch {
    return null; // only the message needs it
  }
}
