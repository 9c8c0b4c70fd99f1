import { execFile } from "node:child_process";

/** How a run of the CLI ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Above what a week's JSON takes. In bytes. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Runs `vramp backtest` as a user does. */
export const backtest = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["cli/vramp.ts", "backtest", ...args],
      { maxBuffer: MAX_OUTPUT },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
