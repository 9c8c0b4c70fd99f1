/** One benchmark: measures, and prints what it found as lines of plain text. */
export type Bench = (print: (line: string) => void) => Promise<void>;
