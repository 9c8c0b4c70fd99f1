import { MAX_SHOWN } from "./limits.ts";

/** An input line that cannot be decided. The message says what is wrong, where, and what to write instead. */
export class BadLine extends Error {
  override readonly name = "BadLine";
}

/** A value as an error line shows it: JSON, cut short. */
export function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
