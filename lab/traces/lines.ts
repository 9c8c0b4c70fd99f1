import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { TraceError } from "./errors.ts";

/** Characters in a line: a row of a trace has some hundred; more is not a trace, and would be held in memory whole. */
const MAX_LINE = 100_000;

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** Whether a file is gzip by its first bytes, whatever its name says. */
async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === GZIP_MAGIC[0] && buffer[1] === GZIP_MAGIC[1];
  } finally {
    await handle.close();
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** The characters of a file, unpacked, piece by piece. Bytes that are no UTF-8 are refused. */
async function* textOf(file: string): AsyncGenerator<string> {
  const gzip = await isGzip(file);
  const raw = createReadStream(file);
  const input = gzip ? raw.pipe(createGunzip()) : raw;
  // `pipe` does not pass a read error on, and the reader would wait for ever.
  if (input !== raw) raw.on("error", (error) => input.destroy(error));
  // Drops the byte-order mark that spreadsheets put in front.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const chunk of input) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** A line and its number in the file, from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/**
 * The lines of a text file, gzip or not, as many at a time as come together; line ends of Unix and of Windows. Throws
 * `TraceError` when it cannot be read, or when a line is longer than any trace has.
 */
export async function* linesOf(file: string): AsyncGenerator<readonly Line[]> {
  let [rest, number] = ["", 0];
  const take = (text: string): Line => {
    number += 1;
    return { number, text: text.endsWith("\r") ? text.slice(0, -1) : text };
  };
  const pieces = textOf(file);
  for (;;) {
    const next = await pieces.next().catch((cause: unknown) => {
      throw new TraceError(`${file}: cannot be read: ${messageOf(cause)}; give a CSV file, plain or gzip, in UTF-8`, {
        cause,
      });
    });
    if (next.done === true) break;
    const parts = (rest + next.value).split("\n");
    rest = parts.pop() ?? "";
    if (parts.length > 0) yield parts.map(take);
    if (rest.length > MAX_LINE)
      throw new TraceError(`${file}:${number + 1}: the line has over ${MAX_LINE} characters; is it a CSV?`);
  }
  if (rest !== "") yield [take(rest)];
}
