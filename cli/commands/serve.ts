import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Address } from "../../functions/http/listen.ts";
import { parseAddress } from "../../functions/serve/address.ts";
import type { ServeOptions, Serving } from "../../functions/serve/serve.ts";
import { CONTEXT_FILE } from "../client.ts";
import { EXIT, painter, report, UserError } from "../output.ts";
import { readValidPolicy } from "../valid-policy.ts";

interface Options {
  readonly policy: string;
  readonly memory: string;
  readonly listen: Address;
  readonly secrets?: string;
  readonly alertTokens?: string;
  readonly invokeTokens?: string;
}

const DEFAULT_MEMORY = ".vramp/memory.db";
const DEFAULT_ADDRESS = "127.0.0.1:8787";

export function register(command: Command): void {
  command
    .requiredOption("--policy <file>", "the policy, in YAML; a change of it is taken while it runs, SIGHUP at once")
    .option("--memory <file>", "where to remember, on a local disk; made if there is none", DEFAULT_MEMORY)
    .addOption(
      new Option("--listen <address>", "an IP address of this machine and a port; port 0 lets the system choose")
        .default(address(DEFAULT_ADDRESS), DEFAULT_ADDRESS)
        .argParser(address),
    )
    .addOption(
      new Option("--secrets <folder>", "folder with a file for each secret; AWS Secrets Manager when absent").env(
        "VRAMP_SECRETS",
      ),
    )
    .addOption(
      new Option("--alert-tokens <secret>", "name of the secret with the tokens for /alerts").env(
        "VRAMP_ALERT_TOKENS_SECRET",
      ),
    )
    .addOption(
      new Option("--invoke-tokens <secret>", "name of the secret with the tokens for /invoke").env(
        "VRAMP_INVOKE_TOKENS_SECRET",
      ),
    )
    .addHelpText(
      "after",
      "\nRuns until SIGTERM or SIGINT (docs/serve.md). Logs are JSON, a line each: warnings and errors on stderr, the rest on stdout." +
        "\nExit codes: 0 stopped, 1 it could not start",
    )
    .action(async (options: Options, self: Command) => {
      const { color } = self.optsWithGlobals<{ color: boolean }>();
      await readValidPolicy(options.policy, painter(process.stderr, color, process.env)); // reports every problem
      if (options.memory === DEFAULT_MEMORY) await mkdir(dirname(DEFAULT_MEMORY), { recursive: true });
      await untilStopped(await start(toServe(options)));
    });
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed !== null) return parsed;
  throw new InvalidArgumentError("expected an IP address and a port, such as 127.0.0.1:8787 or [::1]:8787");
}

/** A variable that is set to nothing is as good as none. */
const orNull = (text: string | undefined): string | null => text || null;

const toServe = ({ policy, memory, listen, secrets, alertTokens, invokeTokens }: Options): ServeOptions => ({
  policyFile: policy,
  memoryFile: memory,
  address: listen,
  secretsFolder: orNull(secrets),
  tokens: { alerts: orNull(alertTokens), invoke: orNull(invokeTokens) },
});

/** What can be wrong with the surroundings; everything else is a bug and shows its stack. */
const EXPECTED = new Set(["Misconfigured", "MemoryInUse", "MemoryUnavailable", "MemoryUnreadable"]);
const LISTENING_FAILED: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there; choose another with --listen",
  EADDRNOTAVAIL: "it is no address of this machine; choose another with --listen",
  EACCES: "this user may not listen there; choose a port above 1023",
};

async function start(options: ServeOptions): Promise<Serving> {
  const { startServe } = await import("../../functions/serve/serve.ts");
  try {
    return await startServe(options);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    if (EXPECTED.has(cause.name)) throw new UserError(cause.message, { cause });
    const why = "code" in cause ? LISTENING_FAILED[String(cause.code)] : undefined;
    if (why === undefined) throw cause;
    throw new UserError(`cannot listen on ${options.address.host}:${options.address.port}: ${why}`, { cause });
  }
}

/** Leaves the address and the token of this run for the CLI, when it has one; nobody else knows it. */
async function leaveContext({ url, token }: Serving): Promise<void> {
  if (token === null) return;
  try {
    await mkdir(dirname(CONTEXT_FILE), { recursive: true });
    await writeFile(CONTEXT_FILE, `${JSON.stringify({ endpoint: url, token })}\n`, { mode: 0o600 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    report(
      `/invoke cannot be used: its token cannot be left in ${CONTEXT_FILE} (${why}); name one with --invoke-tokens`,
    );
  }
}

const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

async function untilStopped(serving: Serving): Promise<never> {
  const asked = new Promise<void>((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, () => resolve());
  });
  process.on("SIGHUP", () => void serving.reload());
  await leaveContext(serving);
  await asked;
  // Whoever asks twice does not want to wait.
  for (const signal of STOP_SIGNALS) process.on(signal, () => process.exit(EXIT.ok));
  await serving.stop();
  if (serving.token !== null) await rm(CONTEXT_FILE, { force: true });
  // Connections to the clouds are kept open, and a run that was cut off may still wait for one.
  process.exit(EXIT.ok);
}
