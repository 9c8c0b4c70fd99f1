import { type Command, Option } from "commander";
import { addOperatorOptions, type OperatorOptions, operate } from "../operator.ts";

export function register(command: Command): void {
  addOperatorOptions(command, true)
    .addOption(
      new Option("--direction <which>", "which way may not be scaled").choices(["in", "out", "both"]).default("both"),
    )
    .action((workload: string, options: OperatorOptions & { direction: string }) =>
      operate({ action: "pause", workload, direction: options.direction }, options),
    );
}
