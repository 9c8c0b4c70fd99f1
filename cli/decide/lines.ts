import { MAX_LINE_BYTES } from "./limits.ts";

/** One line of the input. Numbers count from 1 and count blank lines too, as editors do. */
export type Line =
  | { readonly number: number; readonly kind: "text"; readonly text: string }
  | { readonly number: number; readonly kind: "tooLong" };

const NEWLINE = 0x0a;

/**
 * Splits bytes into lines, a batch for each chunk, so that what came together is answered together. Lines end with LF or
 * CRLF; the last one needs no end. Holds at most one line: of one longer than `MAX_LINE_BYTES` nothing is kept.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Line[]> {
  let begun: Uint8Array[] = [];
  let bytes = 0;
  let number = 0;

  const append = (part: Uint8Array) => {
    bytes += part.length;
    if (bytes > MAX_LINE_BYTES) begun = [];
    else if (part.length > 0) begun.push(part);
  };
  const finish = (): Line => {
    number += 1;
    const line: Line =
      bytes > MAX_LINE_BYTES
        ? { number, kind: "tooLong" }
        : { number, kind: "text", text: Buffer.concat(begun, bytes).toString("utf8") };
    begun = [];
    bytes = 0;
    return line;
  };

  for await (const chunk of chunks) {
    const batch: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      append(chunk.subarray(from, end));
      batch.push(finish());
      from = end + 1;
    }
    append(chunk.subarray(from));
    yield batch;
  }
  if (bytes > 0) yield [finish()];
}
