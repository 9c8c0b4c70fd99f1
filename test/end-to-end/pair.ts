import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAws } from "../../sandbox/clouds/aws.ts";
import { createSecretsManagerEmulator } from "../../sandbox/clouds/secrets-manager.ts";
import { createSqsEmulator } from "../../sandbox/clouds/sqs.ts";
import { createDynamoMemory } from "../../shared/memory/dynamodb.ts";
import type { Memory } from "../../shared/memory/memory.ts";
import { systemClock } from "../../shared/model/clock.ts";
import { loadPolicy } from "../../shared/policy/load.ts";
import type { PolicyInForce } from "../../shared/reconcile/deps.ts";
import { prometheusRules } from "../../shared/rules/prometheus-rules.ts";
import { startDynalite } from "../support/dynalite.ts";
import { startPrometheus } from "../support/prometheus.ts";
import { type Door, openDoor } from "./door.ts";
import { eventually } from "./eventually.ts";
import { startExporter } from "./exporter.ts";
import { LONG_QUEUE, NO_QUEUE, sizesAskedFor } from "./incident.ts";
import { createMember, type Member } from "./member.ts";
import { REGION, startVramp, TOKEN_SECRET, type Vramp } from "./vramp.ts";
import { CLUSTER, NODE_GROUP } from "./world.ts";

/** How often Prometheus scrapes and evaluates. */
const BEAT = "1s";
/** A node's life in seconds rather than minutes. */
const PACE = { launch: 2, drain: 0.5, update: 0.5, sync: 1 };
/** So many nodes bring the queue to where the policy wants neither more nor fewer. */
const ENOUGH_NODES = 3;
const MODEST_QUEUE = 30;

/** A real Prometheus, two real Alertmanagers in a cluster, and vramp with an address for each of them. */
export interface Pair {
  readonly vramp: Vramp;
  readonly memory: Memory;
  readonly doors: readonly [Door, Door];
  readonly members: readonly [Member, Member];
  /** The queue grows until there are nodes enough. */
  demand(): void;
  /** The queue is empty. */
  noDemand(): void;
  /** The sizes that the node group was asked for, oldest first. */
  sizes(): readonly number[];
  /** Whether so many nodes are in service, and the node group takes another change. */
  rests(nodes: number): boolean;
  /** Whether Prometheus says now that this PromQL gives at least one series. */
  holds(query: string): Promise<boolean>;
  /** Waits until Prometheus sends to those members that run, and to no other. */
  heardBy(): Promise<void>;
  stop(): Promise<void>;
}

function inForce(text: string): PolicyInForce {
  const loaded = loadPolicy(text, "test/end-to-end/policy.yaml");
  if (loaded.ok) return loaded;
  throw new Error(`the policy is invalid: ${loaded.issues.map((issue) => issue.message).join("; ")}`);
}

/** Starts everything; what was started before a failure is ended. */
export async function startPair(): Promise<Pair> {
  await using started = new AsyncDisposableStack();
  const keep = <T extends { stop(): Promise<void> }>(it: T): T => started.adopt(it, (each) => each.stop());
  const folder = started.adopt(await mkdtemp(join(tmpdir(), "vramp-pair-")), (it) => rm(it, { recursive: true }));

  const sqs = createSqsEmulator(systemClock);
  const secretsManager = createSecretsManagerEmulator();
  const services = { sqs: sqs.service, secretsmanager: secretsManager.service };
  const aws = keep(await startAws({ now: systemClock, services }));
  const scaling = { minSize: 0, maxSize: 6, desiredSize: 1 };
  const groups = [NODE_GROUP, "embedding-l4"].map((name) =>
    aws.eks.createNodegroup({ region: REGION, cluster: CLUSTER, name, scaling, pace: PACE }),
  );
  const inService = () => {
    aws.eks.advance();
    return groups.slice(0, 1).flatMap(({ group }) => group.instances.filter((each) => each.lifecycle === "InService"));
  };
  const token = randomBytes(32).toString("base64url");
  secretsManager.put(TOKEN_SECRET, token);
  const dynalite = keep(await startDynalite());
  const memory = createDynamoMemory({ table: await dynalite.createTable(), client: dynalite.client });

  const policy = Promise.withResolvers<PolicyInForce>();
  const common = { policy: () => policy.promise, endpoint: aws.url };
  const vramp = keep(await startVramp({ ...common, sqs, memory, eksLimits: {} }));
  const doors = [keep(await openDoor(common)), keep(await openDoor(common))] as const;

  let working = false;
  const exporter = keep(
    await startExporter({
      gpusPerNode: 2,
      nodes: () => {
        const nodes = inService();
        if (working && nodes.length >= ENOUGH_NODES) {
          working = false;
          exporter.setQueue(MODEST_QUEUE);
        }
        return nodes.map(({ zone, id }) => `aws:///${zone}/${id}`);
      },
    }),
  );

  const text = await readFile(new URL("policy.yaml", import.meta.url), "utf8");
  const { policy: written } = inForce(text);
  const targets = join(folder, "alertmanagers.json");
  const prometheus = keep(
    await startPrometheus({
      config: {
        global: { scrape_interval: BEAT, scrape_timeout: BEAT, evaluation_interval: BEAT },
        rule_files: ["vramp.rules.yml"],
        scrape_configs: [{ job_name: "fleet", static_configs: [{ targets: [new URL(exporter.url).host] }] }],
        alerting: { alertmanagers: [{ file_sd_configs: [{ files: [targets], refresh_interval: BEAT }] }] },
      },
      files: {
        "vramp.rules.yml": JSON.stringify({
          groups: prometheusRules(written).groups.map((group) => ({ ...group, interval: BEAT })),
        }),
      },
      flags: ["--rules.alert.resend-delay=1s", "--query.lookback-delta=5s"],
    }),
  );
  policy.resolve(inForce(text.replace("http://127.0.0.1:9090", prometheus.url)));

  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, token, { mode: 0o600 });
  const memberOf = (door: Door) => keep(createMember(written, { url: door.url, credentialsFile: tokenFile }));
  const members = [memberOf(doors[0]), memberOf(doors[1])] as const;
  const hosts = () => members.flatMap(({ url }) => (url() === null ? [] : [new URL(url() ?? "").host])).toSorted();

  const pair: Pair = {
    vramp,
    memory,
    doors,
    members,
    demand: () => {
      working = true;
      exporter.setQueue(LONG_QUEUE);
    },
    noDemand: () => {
      working = false;
      exporter.setQueue(NO_QUEUE);
    },
    sizes: () =>
      sizesAskedFor(
        aws.calls.filter(
          ({ operation, input }) =>
            operation === "UpdateNodegroupConfig" && JSON.stringify(input).includes(`"${NODE_GROUP}"`),
        ),
      ),
    rests: (nodes) => inService().length === nodes && groups[0]?.status(systemClock()) === "ACTIVE",
    holds: async (query) => {
      const body = new URLSearchParams({ query });
      const response = await fetch(`${prometheus.url}/api/v1/query`, { method: "POST", body });
      return (await response.text()).includes('"metric"');
    },
    async heardBy() {
      await writeFile(targets, JSON.stringify([{ targets: hosts() }]));
      await eventually("Prometheus sends to those Alertmanagers that run", async () => {
        const known = await (await fetch(`${prometheus.url}/api/v1/alertmanagers`)).text();
        const active = [...(known.split("dropped")[0]?.matchAll(/http:\/\/([^/]+)\//g) ?? [])].map(([, host]) => host);
        return JSON.stringify(active.toSorted()) === JSON.stringify(hosts());
      });
    },
    stop: () => all.disposeAsync(),
  };
  const all = started.move();
  return pair;
}
