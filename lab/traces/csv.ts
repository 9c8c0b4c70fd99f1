import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { TraceError } from "./errors.ts";

/** One line of numbers, and where it stands. */
export interface Row {
  readonly line: number;
  readonly values: readonly number[];
}

/** What a file holds: its column names, then its rows, read as they are asked for. */
export interface Csv {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<Row>;
}

/** Characters in a line: a row of a trace has some hundred; more is not a trace, and would be held in memory whole. */
const MAX_LINE = 100_000;

/** A plain decimal number; `Number` alone also takes blanks, `0x10` and `Infinity`. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

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

/** The lines of a text file, gzip or not, without the byte-order mark that spreadsheets put in front. */
async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    const gzip = await isGzip(file);
    const raw = createReadStream(file);
    const input = gzip ? raw.pipe(createGunzip()) : raw;
    // `pipe` does not pass a read error on, and the reader would wait for ever.
    if (input !== raw) raw.on("error", (error) => input.destroy(error));
    let first = true;
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      yield first ? line.replace(/^\uFEFF/, "") : line;
      first = false;
    }
  } catch (cause) {
    throw new TraceError(`${file}: cannot be read: ${messageOf(cause)}; give a CSV file, plain or gzip`, { cause });
  }
}

function numberOf(cell: string, where: string, column: string): number {
  const text = cell.trim();
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const shown = text === "" ? "is empty" : `is ${JSON.stringify(text.slice(0, 40))}`;
  throw new TraceError(`${where}: ${column} ${shown}; give a number`);
}

function rowOf(text: string, line: number, file: string, columns: readonly string[]): Row {
  const where = `${file}:${line}`;
  if (text.length > MAX_LINE) throw new TraceError(`${where}: the line has over ${MAX_LINE} characters; is it a CSV?`);
  const cells = text.split(",");
  if (cells.length !== columns.length) {
    throw new TraceError(`${where}: has ${cells.length} values where the header has ${columns.length} columns`);
  }
  return { line, values: cells.map((cell, i) => numberOf(cell, where, columns[i] ?? "")) };
}

function columnsOf(header: string, file: string): readonly string[] {
  const columns = header.split(",").map((name) => name.trim());
  const twice = columns.find((name, i) => columns.indexOf(name) < i);
  if (twice !== undefined) throw new TraceError(`${file}:1: the column ${twice} comes twice; name each once`);
  return columns;
}

async function* rowsOf(lines: AsyncGenerator<string>, file: string, columns: readonly string[]): AsyncGenerator<Row> {
  let line = 1;
  for await (const text of lines) {
    line += 1;
    if (text.trim() !== "") yield rowOf(text, line, file, columns);
  }
}

/**
 * Opens a CSV of numbers with a header; the file may be gzip. Rows are checked one by one as they are read, so that a file
 * of any length needs no more memory than what is made of it. Throws `TraceError`; blank lines are left out.
 */
export async function openCsv(file: string): Promise<Csv> {
  const lines = linesOf(file);
  const header = await lines.next();
  if (header.done === true) throw new TraceError(`${file}: is empty; give a header and rows`);
  const columns = columnsOf(header.value, file);
  return { columns, rows: rowsOf(lines, file, columns) };
}
