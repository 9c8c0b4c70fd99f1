import { DatabaseSync } from "node:sqlite";
import { isBusy } from "./sqlite-errors.ts";

/** The right to be the one process that uses a memory file. */
export interface FileLock {
  release(): void;
}

/** Locks that are held. A database that nobody refers to any more is collected and closed, and its lock would go with it. */
const HELD = new Set<DatabaseSync>();

/**
 * Takes the lock, or gives null when another process has it. It is an SQLite transaction that never ends, on an empty database
 * of its own: the kernel holds it, and lets go of it when the process is gone, however it went. No number of a dead process can
 * stand in the way. The file stays when the lock is released; whoever deletes it lets two processes in.
 */
export function takeFileLock(path: string): FileLock | null {
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    db.close();
    if (isBusy(cause)) return null;
    throw cause;
  }
  HELD.add(db);
  const release = (): void => {
    HELD.delete(db);
    db.close();
  };
  return { release };
}
