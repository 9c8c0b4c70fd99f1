// `npm start`: the whole system on loopback, telling a story; then it stays up to be poked. See docs/sandbox.md.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { formatDuration } from "../shared/policy/units.ts";
import { DEFAULT_STORY, listed, STORIES } from "./stories/index.ts";
import { type Running, runStory } from "./stories/run.ts";
import type { Ending, Story } from "./story.ts";
import type { System } from "./system.ts";

const DEFAULT_PORT = 8787;
/** A minute of the sandbox in a second: a story, half an hour long, takes half a minute. */
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
    story: { type: "string", default: DEFAULT_STORY },
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
    return { once: values.once, port, speed, story: storyNamed(values.story) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return fail(`${message}; there are --story NAME, --once, --port N and --speed N`);
  }
}

function storyNamed(name: string): Story {
  const story = Object.hasOwn(STORIES, name) ? STORIES[name] : undefined;
  return story?.make() ?? fail(`there is no story ${JSON.stringify(name)}; there are\n${listed()}`);
}

async function writeContext({ url, token }: System): Promise<void> {
  await mkdir(CONTEXT_DIR, { recursive: true });
  await writeFile(CONTEXT_FILE, `${JSON.stringify({ endpoint: url, token })}\n`, { mode: 0o600 });
}

function sayWhatRuns({ url, realPrometheus }: System, speed: number): void {
  say(`vramp sandbox on ${url}, ${speed} times as fast as life. The clouds are emulated, the GPUs and their queue are`);
  say(
    "simulated; the handlers, the decision and the cloud SDKs are the real ones. Times are the sandbox's own, in UTC.",
  );
  say(
    realPrometheus
      ? "The metrics are in a real Prometheus."
      : "No Prometheus on this machine: a small server stands in.",
  );
  say();
}

function sayHowItEnded({ took, missing }: Ending): void {
  say();
  for (const what of missing) process.stderr.write(`sandbox: this did not happen: ${what}\n`);
  if (missing.length === 0) say(`The story took ${formatDuration(took)} of the sandbox's time. Every step happened.`);
}

function sayHowToPoke({ url, token }: System, { workload }: Story): void {
  say();
  say("It keeps running until Ctrl-C. Poke it from another terminal:");
  say();
  say("  npx vramp status");
  say(`  npx vramp explain ${workload}`);
  say(`  npx vramp hold ${workload} --nodes 3 --for 30m --reason 'load test'`);
  say();
  say(`  curl -i -X POST ${url}/alerts -H 'Authorization: Bearer ${token}' \\`);
  say("    -H 'Content-Type: application/json' -d @examples/alerts/queue-firing.json");
}

const { once, port, speed, story } = readArguments();
const { system, ended }: Running = await runStory({ story, speed, port, say }).catch((error: NodeJS.ErrnoException) =>
  fail(error.code === "EADDRINUSE" ? `port ${port} is taken; choose another with --port` : String(error)),
);
sayWhatRuns(system, speed);
if (!once) await writeContext(system);

async function stop(code: number): Promise<never> {
  await system.stop();
  if (!once) await rm(CONTEXT_FILE, { force: true });
  process.exit(code);
}
process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));
system.broken.catch((error: unknown) => fail(`a part of it broke: ${error instanceof Error ? error.stack : error}`));

const ending = await ended;
sayHowItEnded(ending);
if (ending.missing.length > 0) await stop(1);
if (once) await stop(0);
sayHowToPoke(system, story);
