import type { WriteStream } from "node:tty";
import { styleText } from "node:util";

/** What every command ends with, as terraform has it. */
export const EXIT = {
  /** Done, or nothing to do. */
  ok: 0,
  /** It could not be done. */
  error: 1,
  /** Changes are pending. */
  pending: 2,
  /** A check failed. */
  checkFailed: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const OUTPUTS = ["text", "json"] as const;
export type Output = (typeof OUTPUTS)[number];

type Style = Parameters<typeof styleText>[0];
/** Colours a text, or leaves it plain. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;

/** Colours only for a person at a terminal, who has asked for none neither with NO_COLOR nor with --no-color. */
export function painter(stream: Pick<WriteStream, "isTTY">, wanted: boolean, env: NodeJS.ProcessEnv): Paint {
  const noColor = env.NO_COLOR !== undefined && env.NO_COLOR !== "";
  if (!wanted || noColor || env.TERM === "dumb" || stream.isTTY !== true) return plain;
  return (style, text) => styleText(style, text, { validateStream: false });
}

/** Data: what the command was asked for. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One JSON object on stdout. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Progress and complaints: for people, kept out of pipes. */
export function report(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A mistake of the user's, or of their surroundings, in words fit to print without a stack trace. Ends the command with code 1. */
export class UserError extends Error {
  override readonly name = "UserError";
}
