// The one place that reads the environment and wires the adapters. Each entry point asks for what it needs and no more,
// because what it does not ask for is not loaded.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Memory } from "../shared/memory/memory.ts";
import { systemClock } from "../shared/model/clock.ts";
import { type Loaded, loadPolicy } from "../shared/policy/load.ts";
import { createPools } from "../shared/pools/pools.ts";
import type { PolicyInForce, ReconcileDeps } from "../shared/reconcile/deps.ts";
import { withHolidays } from "../shared/reconcile/with-holidays.ts";
import type { Secrets } from "../shared/secrets/secrets.ts";
import { type AllowedHosts, listedHosts } from "../shared/signals/address-guard.ts";
import { createSources } from "../shared/signals/sources.ts";
import { createSsmStop } from "../shared/stop/ssm.ts";
import { NO_STOP, type Stop } from "../shared/stop/stop.ts";
import { createPowertools } from "../shared/telemetry/powertools.ts";
import { clean } from "../shared/telemetry/telemetry.ts";
import type { WakeQueue } from "../shared/wake/wake-queue.ts";
import type { AlertsDeps } from "./alerts/handler.ts";
import type { CanaryDeps } from "./canary/handler.ts";
import type { InterruptionsDeps } from "./interruptions/handler.ts";
import type { InvokeDeps } from "./invoke/deps.ts";
import type { TickDeps } from "./tick/handler.ts";

const filled = z.string().min(1);

/** The variables that the stack sets. Nothing here is a secret: secrets are named, and fetched. */
const VARIABLES = {
  VRAMP_POLICY_FILE: filled,
  VRAMP_TABLE: filled,
  VRAMP_ACCOUNT: filled,
  VRAMP_QUEUE_URL: z.url(),
  VRAMP_ALERT_TOKENS_SECRET: filled,
  VRAMP_ALERTS_URL: z.url(),
  VRAMP_STOP_PARAMETER: filled,
  AWS_REGION: filled,
} as const;

/** The function was deployed without something it needs. */
export class Misconfigured extends Error {
  override readonly name = "Misconfigured";
}

function variable(name: keyof typeof VARIABLES): string {
  const parsed = VARIABLES[name].safeParse(process.env[name]);
  if (parsed.success) return parsed.data;
  throw new Misconfigured(`the environment variable ${name} is missing or wrong; deploy the stack again`);
}

/** Runs `make` when first asked and keeps what it gives; a failure is not kept, so that the next call tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}

const telemetry = createPowertools();
const clock = systemClock;

const readText = (file: string): Promise<string> => readFile(file, "utf8");

const loadedPolicy = once(async (): Promise<Loaded> => {
  const file = variable("VRAMP_POLICY_FILE");
  const loaded = loadPolicy(await readText(file), file);
  if (loaded.ok) return loaded;
  const [first] = loaded.issues;
  throw new Misconfigured(`the policy that was deployed is invalid: ${first?.file}:${first?.line}: ${first?.message}`);
});

/** Without the holiday file, which only those who decide need. */
const policy = async () => (await loadedPolicy()).policy;

const policyInForce = once(async (): Promise<PolicyInForce> => {
  const { policy: listed, revision } = await loadedPolicy();
  const { policy, findings } = await withHolidays(listed, variable("VRAMP_POLICY_FILE"), readText);
  for (const { message, why = "" } of findings) telemetry.warn(message, { why: clean(why) });
  return { policy, revision };
});

async function queue(): Promise<WakeQueue> {
  const { createSqsClient, createSqsQueue } = await import("../shared/wake/sqs.ts");
  return createSqsQueue({ queueUrl: variable("VRAMP_QUEUE_URL"), client: createSqsClient() });
}

async function memory(): Promise<Memory> {
  const [{ createDynamoMemory }, { createDynamoClient }] = await Promise.all([
    import("../shared/memory/dynamodb.ts"),
    import("../shared/memory/dynamodb-client.ts"),
  ]);
  return createDynamoMemory({ table: variable("VRAMP_TABLE"), client: createDynamoClient() });
}

async function openSecrets(): Promise<Secrets> {
  const { createSecretsManager, createSecretsManagerClient } = await import("../shared/secrets/secrets-manager.ts");
  return createSecretsManager({ client: createSecretsManagerClient(), now: clock });
}

/** Secrets Manager's client is loaded by the first secret that is asked for; most policies never ask. */
export function lazySecrets(): Secrets {
  const opened = once(openSecrets);
  return { get: async (name) => (await opened()).get(name) };
}

export async function alertsDeps(): Promise<AlertsDeps> {
  const tokenSecret = variable("VRAMP_ALERT_TOKENS_SECRET");
  return { policy, queue: await queue(), secrets: lazySecrets(), tokenSecret, telemetry, clock };
}

export async function tickDeps(): Promise<TickDeps> {
  return { policy, queue: await queue(), telemetry, clock };
}

export function canaryDeps(): CanaryDeps {
  const tokenSecret = variable("VRAMP_ALERT_TOKENS_SECRET");
  return { url: variable("VRAMP_ALERTS_URL"), secrets: lazySecrets(), tokenSecret, clock };
}

export async function interruptionsDeps(): Promise<InterruptionsDeps> {
  const account = variable("VRAMP_ACCOUNT");
  const [wakes, remembered] = await Promise.all([queue(), memory()]);
  return { policy, account, queue: wakes, memory: remembered, telemetry, clock };
}

/** Where a cloud is, when it is not where it always is: an emulator, a proxy. AWS's SDK reads its own variables. */
function endpoint(name: string): string | undefined {
  const value = process.env[name] || undefined;
  if (value === undefined || URL.canParse(value)) return value;
  throw new Misconfigured(`the environment variable ${name} is not a URL: ${clean(value)}`);
}

/**
 * Where metric sources may stand: where the deployment lists them; else, in a function, wherever the whole internet can reach.
 * A process of one's own may ask this machine and its network.
 */
function metricHosts(): AllowedHosts {
  const listed = process.env.VRAMP_METRIC_HOSTS ?? "";
  if (listed.trim() !== "") return listedHosts(listed);
  return process.env.AWS_LAMBDA_FUNCTION_NAME === undefined ? "anywhere" : "public";
}

/** The metric sources and the clouds, where the environment says that they are; `fleet` names the sessions there. */
export async function outside(fleet: string, secrets: Secrets): Promise<Pick<ReconcileDeps, "sources" | "pools">> {
  // One for all that takes on an identity, so that each is taken on once; its name says in CloudTrail whose calls these are.
  const [{ createIdentities }, { sessionNameOf }] = await Promise.all([
    import("../shared/identity/identities.ts"),
    import("../shared/identity/session-name.ts"),
  ]);
  const identities = createIdentities({ session: sessionNameOf(fleet), now: clock });
  const sources = createSources({ secrets, identities, hosts: metricHosts() });
  const pools = createPools({
    identities,
    gke: { endpoint: endpoint("VRAMP_GKE_ENDPOINT"), computeEndpoint: endpoint("VRAMP_COMPUTE_ENDPOINT") },
    aks: { endpoint: endpoint("VRAMP_AKS_ENDPOINT") },
  });
  return { sources, pools };
}

/** All that a look takes. */
async function lookDeps(stop: Stop): Promise<ReconcileDeps> {
  const [{ sources, pools }, stored] = await Promise.all([outside((await policy()).fleet, lazySecrets()), memory()]);
  return { policy: policyInForce, sources, pools, memory: stored, stop, telemetry, clock, newId: randomUUID };
}

/** The fleet's stop, where the stack keeps it. */
const fleetStop = (): Stop =>
  createSsmStop({
    parameter: variable("VRAMP_STOP_PARAMETER"),
    region: variable("AWS_REGION"),
    endpoint: endpoint("AWS_ENDPOINT_URL_SSM") ?? endpoint("AWS_ENDPOINT_URL"),
    now: clock,
  });

export const reconcileDeps = (): Promise<ReconcileDeps> => lookDeps(fleetStop());

export async function invokeDeps(): Promise<InvokeDeps> {
  const [deps, wakes] = await Promise.all([lookDeps(NO_STOP), queue()]); // it changes no pool
  return { ...deps, queue: wakes };
}
