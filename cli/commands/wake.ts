import type { Command } from "commander";
import { addOperatorOptions, type OperatorOptions, operate, wholeNumber } from "../operator.ts";

export function register(command: Command): void {
  addOperatorOptions(command, true)
    .option("--nodes <n>", "nodes to keep at least", wholeNumber, 1)
    .action((workload: string, options: OperatorOptions & { nodes: number }) =>
      operate({ action: "wake", workload, nodes: options.nodes }, options),
    );
}
