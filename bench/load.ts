import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bundle, bundleEntry, bundleFunctions } from "../infra/bundle/bundle.ts";
import type { FunctionName } from "../infra/limits.ts";
import { POLICY_IN_BUNDLE, readPolicy } from "../infra/policy.ts";
import type { Bench } from "./bench.ts";
import { median } from "./median.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Below the project, so that what is written there finds its packages. */
const SCRATCH = join(ROOT, "dist");
const POLICY = join(ROOT, "examples/fleet/policy.yaml");

const ROUNDS = 9;
/** What loading should take at most, against the SDK clients alone. */
const AIM = 1.2;

/** What vramp imports of each AWS client. */
const CLIENTS = {
  "auto-scaling": [
    "AutoScalingClient",
    "DescribeAutoScalingGroupsCommand",
    "DescribeAutoScalingInstancesCommand",
    "DescribeScalingActivitiesCommand",
    "TerminateInstanceInAutoScalingGroupCommand",
  ],
  dynamodb: [
    "DynamoDBClient",
    "DeleteItemCommand",
    "GetItemCommand",
    "PutItemCommand",
    "QueryCommand",
    "UpdateItemCommand",
  ],
  eks: ["EKSClient", "DescribeNodegroupCommand", "DescribeUpdateCommand", "UpdateNodegroupConfigCommand"],
  "secrets-manager": ["SecretsManagerClient", "GetSecretValueCommand"],
  sqs: ["SQSClient", "SendMessageBatchCommand"],
} as const satisfies Record<string, readonly [string, ...string[]]>;

interface Needs {
  /** The clients of a handler that does nothing else. */
  readonly clients: readonly (keyof typeof CLIENTS)[];
  /** Those among them that are made at the start; the others are only loaded, as are ours until they are first used. */
  readonly made: readonly (keyof typeof CLIENTS)[];
  /** What the first event loads beyond the start, for a policy with EKS pools and Prometheus without a secret. */
  readonly later: readonly string[];
}

const NEEDS: Readonly<Record<FunctionName, Needs>> = {
  alerts: { clients: ["sqs", "secrets-manager"], made: ["sqs"], later: ["secrets-manager"] },
  tick: { clients: ["sqs"], made: ["sqs"], later: [] },
  invoke: {
    clients: ["eks", "auto-scaling", "dynamodb", "sqs"],
    made: ["dynamodb", "sqs"],
    later: ["eks", "prometheus"],
  },
  reconcile: { clients: ["eks", "auto-scaling", "dynamodb"], made: ["dynamodb"], later: ["eks", "prometheus"] },
  interruptions: { clients: ["dynamodb", "sqs"], made: ["dynamodb", "sqs"], later: [] },
  canary: { clients: ["secrets-manager"], made: [], later: ["secrets-manager"] },
};

/** What the stack sets; nothing is sent anywhere. */
const ENVIRONMENT = {
  AWS_REGION: "eu-central-1",
  VRAMP_TABLE: "memory",
  VRAMP_QUEUE_URL: "https://sqs.eu-central-1.amazonaws.com/111122223333/wakes.fifo",
  VRAMP_ALERT_TOKENS_SECRET: "tokens",
  VRAMP_ALERTS_URL: "https://alerts.example.com/alerts",
  VRAMP_STOP_PARAMETER: "/vramp/stop",
  VRAMP_ACCOUNT: "111122223333",
};

/** In a fresh process: milliseconds to load the first of the files and then, besides, the others. */
const MEASURE = `
const [entry, ...later] = process.argv.slice(1);
const began = performance.now();
await import(entry);
const started = performance.now();
for (const chunk of later) await import(chunk);
process.stdout.write(JSON.stringify([started - began, performance.now() - began]));`;

interface Loaded {
  readonly start: number;
  readonly all: number;
}

function load(files: readonly string[], policyFile: string): Loaded {
  const env = { ...ENVIRONMENT, VRAMP_POLICY_FILE: policyFile };
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", MEASURE, ...files], { env });
  const [start = Number.NaN, all = Number.NaN] = String(said).replace(/[[\]]/g, "").split(",").map(Number);
  return { start, all };
}

/** A function's bundle, and the bare one it is measured against. */
interface Pair {
  readonly bundle: Bundle;
  readonly files: readonly string[];
  readonly bare: readonly string[];
}

/** A handler with clients and no more, ready at the start as vramp's are. */
function bareSource({ clients, made: ready }: Needs): string {
  const imports = clients.map((name) => `import { ${CLIENTS[name].join(", ")} } from "@aws-sdk/client-${name}";`);
  const made = ready.map((name) => `new ${CLIENTS[name][0]}({})`);
  const commands = clients.flatMap((name) => CLIENTS[name]);
  return `${imports.join("\n")}\nconst made = [${made}];\nexport const handler = async () => [made, ${commands}];\n`;
}

async function pairOf(bundle: Bundle, scratch: string): Promise<Pair> {
  const needs = NEEDS[bundle.name];
  const source = join(scratch, `${bundle.name}.ts`);
  await writeFile(source, bareSource(needs));
  const bare = await bundleEntry(source, join(scratch, "bare", bundle.name));
  const chunks = await readdir(join(bundle.dir, "chunks"));
  const loadedLater = needs.later.map((name) => {
    const chunk = chunks.find(
      (file) => file.startsWith(`${name}-`) && /^[A-Z0-9]{8}\.mjs$/.test(file.slice(name.length + 1)),
    );
    if (chunk === undefined) throw new Error(`the bundle of ${bundle.name} has no chunk ${name}; mend NEEDS`);
    return join(bundle.dir, "chunks", chunk);
  });
  return { bundle, files: [join(bundle.dir, "index.mjs"), ...loadedLater], bare: [join(bare.dir, "index.mjs")] };
}

const ms = (value: number): string => `${value.toFixed(0)} ms`.padStart(8);
const kib = (bytes: number): string => `${Math.ceil(bytes / 1024).toLocaleString("en-US")} KiB`.padStart(11);

/** Each function's cold import in a fresh process, against a handler that imports only the SDK clients it needs. */
export const loadBench: Bench = async (print) => {
  await mkdir(SCRATCH, { recursive: true });
  const scratch = await mkdtemp(join(SCRATCH, "load-"));
  try {
    const { files } = await readPolicy(POLICY);
    const bundles = await bundleFunctions(files, join(scratch, "functions"));
    const pairs = await Promise.all(bundles.map((bundle) => pairOf(bundle, scratch)));
    print(`load: cold import in a fresh process, median of ${ROUNDS} (aim: ${AIM} x of its SDK clients alone)`);
    print(`  ${"".padEnd(14)}   start  first event    clients  ratio  read at start     in all`);
    // Side by side, so that what else the machine does meets both alike.
    const rounds = Array.from({ length: ROUNDS }, () =>
      pairs.map(({ bundle, files, bare }) => {
        const policyFile = join(bundle.dir, POLICY_IN_BUNDLE);
        return { ours: load(files, policyFile), bare: load(bare, policyFile) };
      }),
    );
    pairs.forEach(({ bundle }, i) => {
      const of = (value: (each: { ours: Loaded; bare: Loaded }) => number): number =>
        median(rounds.flatMap((round) => round.slice(i, i + 1).map(value)));
      const ours = of((each) => each.ours.all);
      const bare = of((each) => each.bare.all);
      const times = [ms(of((each) => each.ours.start)), ms(ours).padStart(13), ms(bare).padStart(11)].join("");
      const ratio = (ours / bare).toFixed(2).padStart(7);
      print(`  ${bundle.name.padEnd(14)}${times}${ratio}${kib(bundle.startBytes).padStart(15)}${kib(bundle.bytes)}`);
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};
