// `node sandbox/emulators.ts --policy FILE`: the clouds of a policy alone, in a process and in real time of their own, for a
// vramp that runs elsewhere. Prints the environment that leads vramp to them; on SIGTERM, what vramp asked them for.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../shared/model/clock.ts";
import { loadPolicy } from "../shared/policy/load.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";
import { parseDuration } from "../shared/policy/units.ts";
import { type Clouds, type CloudsPace, openClouds } from "./pools/open.ts";
import type { Shortage } from "./pools/pool.ts";

const USAGE =
  "node sandbox/emulators.ts --policy FILE [--limit POOL=NODES:capacity|quota]... [--pace DURATION, for a launch, a removal and a change alike]";

function fail(message: string): never {
  process.stderr.write(`emulators: ${message}\n${USAGE}\n`);
  process.exit(1);
}

interface Limit {
  readonly pool: string;
  readonly nodes: number;
  readonly because: Shortage;
}

function limitIn(text: string): Limit {
  const [, pool, nodes, because] = /^([a-z0-9-]+)=(\d+):(capacity|quota)$/.exec(text) ?? [];
  if (pool === undefined) return fail(`--limit takes POOL=NODES:capacity or POOL=NODES:quota, not ${text}`);
  return { pool, nodes: Number(nodes), because: because === "quota" ? "quota" : "capacity" };
}

function paceIn(text: string): CloudsPace {
  const seconds = parseDuration(text);
  if (Number.isNaN(seconds)) return fail(`--pace takes a duration such as 500ms, not ${text}`);
  return { launch: seconds, drain: seconds, change: seconds };
}

function readArguments() {
  const options = {
    policy: { type: "string" },
    limit: { type: "string", multiple: true },
    pace: { type: "string" },
  } as const;
  try {
    const { policy, limit = [], pace } = parseArgs({ options }).values;
    if (policy === undefined) return fail("there is no --policy");
    return { file: policy, limits: limit.map(limitIn), ...(pace === undefined ? {} : { pace: paceIn(pace) }) };
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

async function readPolicy(file: string): Promise<Policy> {
  const loaded = loadPolicy(await readFile(file, "utf8"), file);
  return loaded.ok ? loaded.policy : fail(`${file} is invalid: ${loaded.issues[0]?.message}`);
}

/** The variables that lead vramp here. AWS's SDK wants credentials, and the emulator a signature, whoever signs. */
async function environmentOf({ eks, gke, aks }: Clouds, folder: string): Promise<Readonly<Record<string, string>>> {
  const ca = join(folder, "ca.pem");
  if (aks !== null) await writeFile(ca, aks.aks.ca);
  return {
    ...(eks === null ? {} : { ...eks.environment, AWS_ACCESS_KEY_ID: "AKIASANDBOX", AWS_SECRET_ACCESS_KEY: "sandbox" }),
    ...gke?.environment,
    ...(aks === null ? {} : { ...aks.environment, NODE_EXTRA_CA_CERTS: ca }),
  };
}

const { file, limits, pace = {} } = readArguments();
const clouds = await openClouds({ policy: await readPolicy(file), now: systemClock, pace });
for (const { pool, nodes, because } of limits) clouds.pool(pool).limit(nodes, because);
const folder = await mkdtemp(join(tmpdir(), "vramp-emulators-"));

process.once("SIGTERM", async () => {
  for (const change of clouds.changes()) process.stdout.write(`${JSON.stringify(change)}\n`);
  await clouds.stop();
  await rm(folder, { recursive: true, force: true });
});
process.once("SIGINT", () => process.kill(process.pid, "SIGTERM"));
for (const [name, value] of Object.entries(await environmentOf(clouds, folder)))
  process.stdout.write(`${name}=${value}\n`);
process.stdout.write("ready\n");
