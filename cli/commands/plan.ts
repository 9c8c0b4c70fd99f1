import type { Command } from "commander";
import { z } from "zod";
import { addClientOptions, type ClientOptions, type InvokeReply, invoke } from "../client.ts";
import { EXIT, print, printJson } from "../output.ts";

const change = z.looseObject({ pool: z.string(), from: z.number(), to: z.number(), waits: z.string().nullable() });
const planned = z.looseObject({ changes: z.array(change) });

export function register(command: Command): void {
  addClientOptions(command.argument("<workload>", "the workload to plan"))
    .addHelpText(
      "after",
      "\nShows what a run would do now, and does nothing.\nExit codes: 0 nothing to do, 1 error, 2 changes pending",
    )
    .action(async (workload: string, options: ClientOptions) => {
      const reply = await invoke({ action: "plan", workload }, options);
      const { changes } = planned.parse(reply);
      if (options.output === "json") printJson(reply);
      else print(toText(reply));
      process.exitCode = changes.length === 0 ? EXIT.ok : EXIT.pending;
    });
}

/** The decision in a sentence, then a line for each pool that would change. */
export function toText(reply: InvokeReply): string {
  const { changes } = planned.parse(reply);
  const lines = changes.map(
    ({ pool, from, to, waits }) => `  ~ ${pool}: ${from} → ${to}${waits === null ? "" : ` (waits: ${waits})`}`,
  );
  return [reply.summary, ...(lines.length === 0 ? ["No changes."] : lines)].join("\n");
}
