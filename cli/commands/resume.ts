import type { Command } from "commander";
import { addOperatorOptions, type OperatorOptions, operate } from "../operator.ts";

export function register(command: Command): void {
  addOperatorOptions(command, false).action((workload: string, options: OperatorOptions) =>
    operate({ action: "resume", workload }, options),
  );
}
