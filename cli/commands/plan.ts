import type { Command } from "commander";
import { z } from "zod";
import { addClientOptions, type ClientOptions, type InvokeReply, invoke } from "../client.ts";
import { EXIT, print, printJson } from "../output.ts";

const change = z.looseObject({ pool: z.string(), from: z.number(), to: z.number(), waits: z.string().nullable() });
const workload = z.looseObject({
  workload: z.string(),
  current: z.number(),
  want: z.number(),
  reason: z.string(),
  detail: z.string(),
  changes: z.array(change),
});
const planned = z.looseObject({ pending: z.number(), workloads: z.array(workload) });

export function register(command: Command): void {
  addClientOptions(command.argument("[workload]", "the workload to plan; all of the fleet when absent"))
    .addHelpText(
      "after",
      "\nShows what a run would do now, and does nothing.\nExit codes: 0 nothing to do, 1 error, 2 changes pending",
    )
    .action(async (name: string | undefined, options: ClientOptions) => {
      const reply = await invoke({ action: "plan", ...(name === undefined ? {} : { workload: name }) }, options);
      if (options.output === "json") printJson(reply);
      else print(toText(reply));
      process.exitCode = planned.parse(reply).pending === 0 ? EXIT.ok : EXIT.pending;
    });
}

function lines({
  workload: name,
  current,
  want,
  reason,
  detail,
  changes,
}: z.output<typeof workload>): readonly string[] {
  const size = want === current ? `stays at ${current}` : `${current} → ${want}`;
  const moves = changes.map(
    (c) => `    ~ ${c.pool}: ${c.from} → ${c.to}${c.waits === null ? "" : ` (waits: ${c.waits})`}`,
  );
  return [`  ${name}: ${size} (${reason}: ${detail})`, ...moves];
}

/** Each workload's decision in a line, then a line for each pool that would change. */
export function toText(reply: InvokeReply): string {
  const { pending, workloads } = planned.parse(reply);
  const total = pending === 0 ? "No changes." : `Changes pending: ${pending} of ${workloads.length} workloads.`;
  return [...workloads.flatMap(lines), "", total].join("\n");
}
