// `npm start`: the whole system on loopback, telling its story; then it stays up to be poked. See docs/sandbox.md.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadPolicy } from "../shared/policy/load.ts";
import { formatDuration } from "../shared/policy/units.ts";
import type { PolicyInForce } from "../shared/reconcile/deps.ts";
import type { Delivered } from "./alert-source.ts";
import { createSandboxClock } from "./clock.ts";
import { type Happened, STORY, surge, tell } from "./story.ts";
import { type System, startSystem } from "./system.ts";

const DEFAULT_PORT = 8787;
/** A minute of the sandbox in a second: the story, half an hour long, takes half a minute. */
const DEFAULT_SPEED = 60;
/** Where the CLI looks for a running sandbox; holds its address and token, readable by the owner alone. */
const CONTEXT_DIR = ".vramp";
const CONTEXT_FILE = `${CONTEXT_DIR}/context.json`;

const say = (line = ""): void => void process.stdout.write(`${line}\n`);

function fail(message: string): never {
  process.stderr.write(`sandbox: ${message}\n`);
  process.exit(1);
}

function readArguments() {
  const options = {
    once: { type: "boolean", default: false },
    port: { type: "string", default: String(DEFAULT_PORT) },
    speed: { type: "string", default: String(DEFAULT_SPEED) },
  } as const;
  try {
    const { values } = parseArgs({ options });
    const port = Number(values.port);
    const speed = Number(values.speed);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`--port takes 0 to 65535, not ${values.port}`);
    if (!(speed >= 1 && speed <= 600)) fail(`--speed takes 1 to 600, not ${values.speed}`);
    return { once: values.once, port, speed };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}; there are --once, --port N and --speed N`);
  }
}

async function readPolicy(): Promise<PolicyInForce> {
  const file = fileURLToPath(new URL("policy.yaml", import.meta.url));
  const loaded = loadPolicy(await readFile(file, "utf8"), file);
  return loaded.ok ? loaded : fail(`its own policy is invalid: ${loaded.issues[0]?.message}`);
}

async function writeContext({ url, token }: System): Promise<void> {
  await mkdir(CONTEXT_DIR, { recursive: true });
  await writeFile(CONTEXT_FILE, `${JSON.stringify({ endpoint: url, token })}\n`, { mode: 0o600 });
}

function sayHowToPoke({ url, token }: System): void {
  say();
  say("It keeps running until Ctrl-C. Poke it from another terminal:");
  say();
  say("  npx vramp status");
  say("  npx vramp explain worker-llm");
  say("  npx vramp hold worker-llm --nodes 4 --for 30m --reason 'load test'");
  say();
  say(`  curl -i -X POST ${url}/alerts -H 'Authorization: Bearer ${token}' \\`);
  say("    -H 'Content-Type: application/json' -d @examples/alerts/queue-firing.json");
}

const { once, port, speed } = readArguments();
const clock = createSandboxClock(speed);
const delivered: Delivered[] = [];
const outcomes: Happened["outcomes"][number][] = [];
let lowestVram = 1;

const system = await startSystem({
  policy: await readPolicy(),
  clock,
  port,
  demand: surge,
  onDelivered: (d) => void delivered.push(d),
  onReconciled: (outcome, cause) => void outcomes.push({ outcome, cause }),
}).catch((error: NodeJS.ErrnoException) =>
  fail(error.code === "EADDRINUSE" ? `port ${port} is taken; choose another with --port` : String(error)),
);
if (!once) await writeContext(system);

async function stop(code: number): Promise<never> {
  await system.stop();
  if (!once) await rm(CONTEXT_FILE, { force: true });
  process.exit(code);
}
process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));

say(
  `vramp sandbox on ${system.url}, ${speed} times as fast as life. EKS is emulated, the GPUs and their queue are simulated;`,
);
say("the handlers, the decision and the AWS SDK are the real ones. Times are the sandbox's own, in UTC.");
say();

const look = (): Happened => {
  lowestVram = Math.min(lowestVram, system.fleet.vramFree);
  return { system, delivered, outcomes, lowestVram };
};
system.broken.catch((error: unknown) => fail(`a part of it broke: ${error instanceof Error ? error.stack : error}`));
const ending = await tell(STORY, look, clock.now, (duration) => clock.sleep(duration), say);
say();
if (ending.missing !== null) {
  process.stderr.write(`sandbox: this did not happen: ${ending.missing}\n`);
  await stop(1);
}
say(`The story took ${formatDuration(ending.took)} of the sandbox's time. Every step happened.`);
if (once) await stop(0);
sayHowToPoke(system);
