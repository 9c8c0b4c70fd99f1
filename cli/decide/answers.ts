import type { Decision } from "../../shared/model/decision.ts";
import { BadLine } from "./bad-line.ts";
import { MAX_LINE_BYTES } from "./limits.ts";
import { type Line, linesOf } from "./lines.ts";

/** How many lines had something in them, and how many of those could not be decided. */
export interface Tally {
  readonly lines: number;
  readonly failed: number;
}

export interface Answerer {
  /** The answer to one line, or its error, as one line of JSON with its newline; empty for a blank line. Never throws. */
  answer(line: Line): string;
  tally(): Tally;
}

/** The stable form for other programs. `brief` leaves the stages out. */
export function toAnswer({ workload, want, pools, remove, reason, stages }: Decision, brief: boolean): object {
  const named = Object.keys(remove).length === 0 ? {} : { remove };
  const answer = { workload, want, pools, ...named, reason };
  if (brief) return answer;
  return { ...answer, stages: stages.map(({ stage, want, reason, detail }) => ({ stage, want, reason, detail })) };
}

const tooLong = () =>
  new BadLine(`longer than ${MAX_LINE_BYTES / 1024 ** 2} MiB; send series no longer than the policy's windows`);

function messageOf(cause: unknown): string {
  if (cause instanceof BadLine) return cause.message;
  const what = cause instanceof Error ? cause.message : String(cause);
  return `vramp failed on this line: ${what}; this is a defect of vramp, please report it with the line and the policy`;
}

export function createAnswerer(decide: (text: string) => Decision, brief: boolean): Answerer {
  let lines = 0;
  let failed = 0;
  return {
    answer(line) {
      const text = line.kind === "text" ? line.text.trim() : null;
      if (text === "") return "";
      lines += 1;
      try {
        if (text === null) throw tooLong();
        return `${JSON.stringify(toAnswer(decide(text), brief))}\n`;
      } catch (cause) {
        failed += 1;
        return `${JSON.stringify({ error: `line ${line.number}: ${messageOf(cause)}` })}\n`;
      }
    },
    tally: () => ({ lines, failed }),
  };
}

/** One answer for each line that is not blank, in order; the answers to what came in one chunk go out in one. */
export async function* answersTo(chunks: AsyncIterable<Uint8Array>, answerer: Answerer): AsyncGenerator<string> {
  for await (const batch of linesOf(chunks)) {
    const answers = batch.map(answerer.answer).join("");
    if (answers !== "") yield answers;
  }
}
