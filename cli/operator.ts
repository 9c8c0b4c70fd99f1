import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import { addClientOptions, type ClientOptions, invoke } from "./client.ts";
import { print, printJson } from "./output.ts";

/** The options of every operator's override, besides those of the client. */
export interface OperatorOptions extends ClientOptions {
  readonly reason: string;
  readonly for?: string;
}

/** Declares `WORKLOAD --reason TEXT` and what a client needs; `lasting` adds `--for DURATION`. */
export function addOperatorOptions(command: Command, lasting: boolean): Command {
  const declared = addClientOptions(command.argument("<workload>", "the workload it is about")).requiredOption(
    "--reason <text>",
    "why, for the audit and for whoever wonders",
  );
  return lasting ? declared.requiredOption("--for <duration>", "how long, such as 30m or 2h; 7d at most") : declared;
}

/** Sends an operator's word under an id of its own, so that a retry on the way is not said twice, and prints the reply. */
export async function operate(request: object, options: OperatorOptions): Promise<void> {
  const { reason, output } = options;
  const lasting = options.for === undefined ? {} : { for: options.for };
  const reply = await invoke(
    { ...request, ...lasting, reason, actor: userInfo().username, requestId: randomUUID() },
    options,
  );
  if (output === "json") printJson(reply);
  else print(reply.summary);
}

/** Reads the option `--nodes`. */
export function wholeNumber(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a whole number of nodes");
}
