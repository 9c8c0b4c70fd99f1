import type { Command } from "commander";
import { addOperatorOptions, type OperatorOptions, operate, wholeNumber } from "../operator.ts";

export function register(command: Command): void {
  addOperatorOptions(command, true)
    .option("--nodes <n>", "the size to hold; the present one when absent", wholeNumber)
    .action((workload: string, options: OperatorOptions & { nodes?: number }) =>
      operate({ action: "hold", workload, ...(options.nodes === undefined ? {} : { nodes: options.nodes }) }, options),
    );
}
