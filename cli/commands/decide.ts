import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { answersTo, createAnswerer } from "../decide/answers.ts";
import { createDecider } from "../decide/decider.ts";
import { painter, report, UserError } from "../output.ts";
import { readValidPolicy } from "../valid-policy.ts";

interface Options {
  readonly policy: string;
  readonly brief: boolean;
}

export function register(command: Command): void {
  command
    .requiredOption("--policy <file>", "the policy, in YAML")
    .option("--brief", "leave the stages out of the answers", false)
    .addHelpText(
      "after",
      "\nReads one observation a line on stdin and writes one decision a line on stdout, as JSON (docs/decide.md)." +
        "\nExit codes: 0 at the end of the input, even if lines could not be decided; 1 the policy is invalid, or the stream broke off",
    )
    .action(async ({ policy: file, brief }: Options, self: Command) => {
      const { color } = self.optsWithGlobals<{ color: boolean }>();
      const policy = await readValidPolicy(file, painter(process.stderr, color, process.env));
      const answerer = createAnswerer(createDecider(policy), brief);
      const answers = (chunks: AsyncIterable<Uint8Array>) => answersTo(chunks, answerer);
      await pipeline(process.stdin, answers, process.stdout, { end: false }).catch(unlessNobodyListens);
      const { lines, failed } = answerer.tally();
      if (failed > 0) report(`${failed} of ${lines} lines could not be decided; their answers say why`);
    });
}

/** `vramp decide … | head` closes the pipe early; that is no error. */
function unlessNobodyListens(cause: NodeJS.ErrnoException): void {
  if (cause.code === "EPIPE") return;
  throw new UserError(`the stream broke off: ${cause.message}`, { cause });
}
