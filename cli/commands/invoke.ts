import type { Command } from "commander";
import { addClientOptions, type ClientOptions, invoke } from "../client.ts";
import { printJson, UserError } from "../output.ts";

function parse(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // said below
  }
  throw new UserError(`the request is not a JSON object: ${text.slice(0, 100)}`);
}

export function register(command: Command): void {
  addClientOptions(
    command.argument("<request>", `the request, such as '{"action": "reconcile", "workload": "worker-llm"}'`),
  ).action(async (request: string, options: ClientOptions) => printJson(await invoke(parse(request), options)));
}
