import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { z } from "zod";
import { OUTPUTS, type Output, UserError } from "./output.ts";

/** Where a running sandbox (or `vramp serve`) leaves its address for the CLI. */
export const CONTEXT_FILE = ".vramp/context.json";

/** Milliseconds: above what `invoke` itself waits for clouds and metric sources. */
const TIMEOUT_MS = 20_000;

const context = z.object({ endpoint: z.url(), token: z.string().min(1) });
type Context = z.output<typeof context>;

/** Every reply of `invoke`: a sentence first, then facts that depend on the action. */
const reply = z.looseObject({
  summary: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type InvokeReply = z.output<typeof reply>;

export interface ClientOptions {
  readonly endpoint?: string;
  readonly function?: string;
  readonly output: Output;
}

/** The options that every command which talks to a running vramp has. */
export function addClientOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--endpoint <url>", "address of a vramp that serves HTTP; its token in VRAMP_TOKEN").env(
        "VRAMP_ENDPOINT",
      ),
    )
    .addOption(new Option("--function <name>", "name or ARN of the invoke function on AWS").env("VRAMP_FUNCTION"))
    .addOption(new Option("--output <format>", "how to print the result").choices(OUTPUTS).default("text"));
}

async function readContext(): Promise<Context | null> {
  const text = await readFile(CONTEXT_FILE, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    return context.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(`${CONTEXT_FILE} is not what a running vramp writes; remove it`, { cause });
  }
}

async function overHttp({ endpoint, token }: Context, request: object): Promise<unknown> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const body = JSON.stringify(request);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const url = new URL("/invoke", endpoint);
  const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal }).catch(
    (cause: unknown) => {
      throw new UserError(`no vramp answers at ${endpoint}; is it running? (start the sandbox with npm start)`, {
        cause,
      });
    },
  );
  if (response.status === 401) throw new UserError(`${endpoint} refused the token; set VRAMP_TOKEN to a live one`);
  return response.json();
}

async function overLambda(name: string, request: object): Promise<unknown> {
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(request) });
  const response = await new LambdaClient()
    .send(command, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) })
    .catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UserError(`cannot invoke the function ${name}: ${why}`, { cause });
    });
  const text = Buffer.from(response.Payload ?? []).toString("utf8");
  if (response.FunctionError !== undefined) throw new UserError(`the function ${name} failed: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

async function send(request: object, options: ClientOptions): Promise<unknown> {
  if (options.endpoint !== undefined) {
    return overHttp({ endpoint: options.endpoint, token: process.env.VRAMP_TOKEN ?? "" }, request);
  }
  if (options.function !== undefined) return overLambda(options.function, request);
  const found = await readContext();
  if (found !== null) return overHttp(found, request);
  throw new UserError("no vramp to talk to: start the sandbox (npm start), or give --endpoint URL or --function NAME");
}

/** Asks a running vramp through its `invoke`. Throws `UserError` when none answers, or when it could not do it. */
export async function invoke(request: object, options: ClientOptions): Promise<InvokeReply> {
  const parsed = reply.safeParse(await send(request, options));
  if (!parsed.success) throw new UserError("the answer is not one of vramp's; is the endpoint or the function right?");
  if (parsed.data.error !== undefined) throw new UserError(parsed.data.error.message);
  return parsed.data;
}
