import { TraceError } from "./errors.ts";
import { type Line, linesOf } from "./lines.ts";

/** One line of numbers, and where it stands. A time of day is in epoch seconds. */
export interface Row {
  readonly line: number;
  readonly values: readonly number[];
}

/** What a file holds: its column names, then its rows, read as they are asked for. */
export interface Csv {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<Row>;
}

/** How the cells of some columns are read; all others are numbers. Throws an error whose message says what is expected. */
export type CellReaders = Readonly<Record<string, (text: string) => number>>;

/** A plain decimal number; `Number` alone also takes blanks, `0x10` and `Infinity`. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A cell that begins with a quote, with the comma or the end behind it; inside, two quotes are one. */
const QUOTED = /"((?:[^"]|"")*)"\s*(,|$)/y;

/** Cells of a line in quotes, RFC 4180, but for line ends inside: no number has any. */
function quotedCells(text: string, where: string): readonly string[] {
  const cells: string[] = [];
  for (let at = 0; at <= text.length; ) {
    while (text[at] === " ") at += 1;
    if (text[at] !== '"') {
      const end = text.indexOf(",", at);
      cells.push(text.slice(at, end === -1 ? text.length : end));
      if (end === -1) break;
      at = end + 1;
      continue;
    }
    QUOTED.lastIndex = at;
    const found = QUOTED.exec(text);
    if (found === null)
      throw new TraceError(`${where}: a quote is not closed, or is followed by more; write "..." around a whole value`);
    cells.push((found[1] ?? "").replaceAll('""', '"'));
    at = QUOTED.lastIndex;
    if (found[2] !== ",") break;
  }
  return cells;
}

const cellsOf = (text: string, where: string): readonly string[] =>
  text.includes('"') ? quotedCells(text, where) : text.split(",");

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);

function numberOf(text: string): number {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new RangeError("give a number");
}

function readCell(cell: string, where: string, column: string, readers: CellReaders): number {
  const text = cell.trim();
  try {
    return (readers[column] ?? numberOf)(text);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const what = text === "" ? "is empty" : `is ${shown(text)}`;
    throw new TraceError(`${where}: ${column} ${what}; ${cause.message}`, { cause });
  }
}

function rowOf({ text, number }: Line, file: string, columns: readonly string[], readers: CellReaders): Row {
  const where = `${file}:${number}`;
  const cells = cellsOf(text, where);
  if (cells.length !== columns.length) {
    throw new TraceError(`${where}: has ${cells.length} values where the header has ${columns.length} columns`);
  }
  return { line: number, values: cells.map((cell, i) => readCell(cell, where, columns[i] ?? "", readers)) };
}

/** Spreadsheets write a CSV with the list separator of their country. */
function refuseOtherSeparators({ text, number }: Line, file: string): void {
  if (text.includes(",")) return;
  const other = [";", "\t"].find((separator) => text.includes(separator));
  if (other === undefined) return;
  throw new TraceError(`${file}:${number}: columns are separated by ${JSON.stringify(other)}; separate them by commas`);
}

function columnsOf(header: Line, file: string): readonly string[] {
  refuseOtherSeparators(header, file);
  const columns = cellsOf(header.text, `${file}:${header.number}`).map((name) => name.trim());
  const twice = columns.find((name, i) => columns.indexOf(name) < i);
  if (twice !== undefined)
    throw new TraceError(`${file}:${header.number}: the column ${twice} comes twice; name each once`);
  return columns;
}

async function* rowsOf(
  first: readonly Line[],
  batches: AsyncGenerator<readonly Line[]>,
  file: string,
  columns: readonly string[],
  readers: CellReaders,
): AsyncGenerator<Row> {
  for (const line of first) if (line.text.trim() !== "") yield rowOf(line, file, columns, readers);
  for await (const batch of batches) {
    for (const line of batch) if (line.text.trim() !== "") yield rowOf(line, file, columns, readers);
  }
}

/**
 * Opens a CSV of numbers with a header; the file may be gzip, values may stand in quotes. Rows are checked one by one as they
 * are read, so that a file of any length needs no more memory than what is made of it. Throws `TraceError`; blank lines are
 * left out.
 */
export async function openCsv(file: string, readers: CellReaders = {}): Promise<Csv> {
  const batches = linesOf(file);
  for await (const batch of { [Symbol.asyncIterator]: () => ({ next: () => batches.next() }) }) {
    const at = batch.findIndex((line) => line.text.trim() !== "");
    const header = batch[at];
    if (header === undefined) continue;
    const columns = columnsOf(header, file);
    return { columns, rows: rowsOf(batch.slice(at + 1), batches, file, columns, readers) };
  }
  throw new TraceError(`${file}: is empty; give a header and rows`);
}
