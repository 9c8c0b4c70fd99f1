import { type Command, InvalidArgumentError } from "commander";
import { addOperatorOptions, type OperatorOptions, operate } from "../operator.ts";

function wholeNumber(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a whole number of nodes");
}

export function register(command: Command): void {
  addOperatorOptions(command, true)
    .option("--nodes <n>", "the size to hold; the present one when absent", wholeNumber)
    .action((workload: string, options: OperatorOptions & { nodes?: number }) =>
      operate({ action: "hold", workload, ...(options.nodes === undefined ? {} : { nodes: options.nodes }) }, options),
    );
}
