#!/usr/bin/env node
// `vramp`. Each command is a file in cli/commands/, listed in cli/commands/index.ts and loaded only when it is called.

import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { COMMANDS } from "./commands/index.ts";
import { EXIT, report, UserError } from "./output.ts";

const program = new Command("vramp")
  .description(manifest.description)
  .version(manifest.version)
  .option("--no-color", "print without colours (so does NO_COLOR)")
  .showHelpAfterError("(vramp --help shows what there is)");

for (const { name, summary, load } of COMMANDS) {
  const command = program.command(name).description(summary);
  // `vramp help NAME` needs the options as much as `vramp NAME` does.
  if (process.argv.includes(name, 2)) (await load()).register(command);
}

// `vramp … | head` closes the pipe early; that is no error. A full disk is one.
process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
  if (cause.code === "EPIPE") return;
  report(`error: cannot write the output: ${cause.message}`);
  process.exit(EXIT.error);
});

try {
  await program.parseAsync();
} catch (cause) {
  if (!(cause instanceof UserError)) throw cause;
  report(`error: ${cause.message}`);
  process.exitCode = EXIT.error;
}
