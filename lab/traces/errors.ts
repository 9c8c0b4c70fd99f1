/** A trace file that cannot be used: which file and line, what is wrong with it, and what to do. */
export class TraceError extends Error {
  override readonly name = "TraceError";
}
