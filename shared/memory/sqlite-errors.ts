import { MemoryUnavailable, MemoryUnreadable, VersionConflict } from "./errors.ts";

/** Another process uses the memory file. */
export class MemoryInUse extends Error {
  override readonly name = "MemoryInUse";
}

/** SQLite's result codes, the low byte of its extended ones (sqlite.org/rescode.html). */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** What `node:sqlite` throws for a result that is not OK; null for any other error. */
function resultOf(cause: unknown): { readonly code: number; readonly text: string } | null {
  if (!(cause instanceof Error) || !("errcode" in cause) || typeof cause.errcode !== "number") return null;
  const text = "errstr" in cause ? String(cause.errstr) : cause.message;
  return { code: cause.errcode & 0xff, text };
}

export const isBusy = (cause: unknown): boolean => resultOf(cause)?.code === BUSY;

/** An error of SQLite's as one of the memory's own, which pass as they are. `doing` says what was under way. */
export function memoryError(file: string, doing: string, cause: unknown): Error {
  if (cause instanceof MemoryUnreadable || cause instanceof VersionConflict || cause instanceof MemoryUnavailable)
    return cause;
  const result = resultOf(cause);
  const text = result?.text ?? (cause instanceof Error ? cause.message : String(cause));
  if (result?.code === CORRUPT || result?.code === NOT_A_DATABASE)
    return new MemoryUnreadable(
      `the memory file ${file} is damaged, or not SQLite's (${text}, while ${doing}); put a backup of it in its place`,
      { cause },
    );
  return new MemoryUnavailable(
    `the memory file ${file} failed (${text}) while ${doing}; check its disk and who else writes to it. The next run tries again`,
    { cause },
  );
}
