import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Aws, type AwsCall, startAws } from "../../sandbox/clouds/aws.ts";
import type { NodeGroup } from "../../sandbox/clouds/eks-node-group.ts";
import { createSecretsManagerEmulator } from "../../sandbox/clouds/secrets-manager.ts";
import { createSqsEmulator } from "../../sandbox/clouds/sqs.ts";
import { createDynamoMemory } from "../../shared/memory/dynamodb.ts";
import type { Memory } from "../../shared/memory/memory.ts";
import { systemClock } from "../../shared/model/clock.ts";
import { EMPTY_MEMORY } from "../../shared/model/memory.ts";
import { loadPolicy } from "../../shared/policy/load.ts";
import type { Seconds } from "../../shared/policy/units.ts";
import type { EksLimits } from "../../shared/pools/eks/clients.ts";
import type { PolicyInForce } from "../../shared/reconcile/deps.ts";
import { updateMemory } from "../../shared/reconcile/update-memory.ts";
import { startDynalite } from "../support/dynalite.ts";
import { eventually } from "./eventually.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { type Monitoring, startMonitoring } from "./monitoring.ts";
import { REGION, startVramp, TOKEN_SECRET, type Vramp } from "./vramp.ts";

export const CLUSTER = "prod";
export const WORKLOAD = "worker-llm";
export const NODE_GROUP = "llm-a100";
/** As `policy.yaml` has it: how long a queue must be high before it counts. */
export const RULE_FOR: Seconds = 3;

/** A node's life in seconds rather than minutes. */
const PACE = { launch: 2, drain: 0.5, update: 0.5, sync: 1 };
const PLACEHOLDER = "http://127.0.0.1:9090";

export interface WorldOptions {
  /** Alertmanager's `max_alerts`; 0, as generated, is no limit. */
  readonly maxAlerts?: number;
  /** How long and how often EKS is asked, where a test makes it hang. */
  readonly eksLimits?: Partial<EksLimits>;
}

/** Everything on loopback and in real time: real Prometheus, Alertmanager, AWS SDK and handlers; emulated AWS and GPUs. */
export interface World {
  readonly exporter: Exporter;
  readonly monitoring: Monitoring;
  readonly aws: Aws;
  readonly nodeGroup: NodeGroup;
  readonly memory: Memory;
  readonly vramp: Vramp;
  /** The token that Alertmanager has. */
  readonly token: string;
  /** Every `UpdateNodegroupConfig` that EKS has answered or left unanswered, oldest first. */
  resizes(): readonly AwsCall[];
  /** Nodes in service, and the size that was asked for. */
  size(): { readonly ready: number; readonly desired: number };
  /**
   * Posts a body to `/alerts`, with Alertmanager's token unless another is given, and again after a 503, as Alertmanager does; gives
   * the status.
   */
  post(body: string, token?: string): Promise<number>;
  /** Whether Prometheus says now that this PromQL gives at least one series. */
  holds(query: string): Promise<boolean>;
  /** One node, with nothing remembered but the audit, as if no incident had been. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

function inForce(text: string): PolicyInForce {
  const loaded = loadPolicy(text, "test/end-to-end/policy.yaml");
  if (loaded.ok) return loaded;
  throw new Error(`the policy is invalid: ${loaded.issues.map((issue) => issue.message).join("; ")}`);
}

const createNodegroup = (aws: Aws, name: string): NodeGroup =>
  aws.eks.createNodegroup({
    region: REGION,
    cluster: CLUSTER,
    name,
    scaling: { minSize: 0, maxSize: 6, desiredSize: 1 },
    pace: PACE,
  });

const inService = (group: NodeGroup["group"]) => group.instances.filter((each) => each.lifecycle === "InService");

/** Starts everything; what was started before a failure is ended. */
export async function startWorld({ maxAlerts = 0, eksLimits = {} }: WorldOptions = {}): Promise<World> {
  await using started = new AsyncDisposableStack();
  const keep = <T extends { stop(): Promise<void> }>(it: T): T => started.adopt(it, (each) => each.stop());

  const policyText = await readFile(new URL("policy.yaml", import.meta.url), "utf8");
  const sqs = createSqsEmulator(systemClock);
  const secretsManager = createSecretsManagerEmulator();
  const services = { sqs: sqs.service, secretsmanager: secretsManager.service };
  const aws = keep(await startAws({ now: systemClock, services }));
  const nodeGroup = createNodegroup(aws, NODE_GROUP);
  createNodegroup(aws, "embedding-l4");
  const token = randomBytes(32).toString("base64url");
  secretsManager.put(TOKEN_SECRET, token);
  const dynalite = keep(await startDynalite());
  const memory = createDynamoMemory({ table: await dynalite.createTable(), client: dynalite.client });

  const policy = Promise.withResolvers<PolicyInForce>();
  const vramp = keep(await startVramp({ policy: () => policy.promise, endpoint: aws.url, sqs, memory, eksLimits }));
  const size = () => {
    aws.eks.advance();
    return { ready: inService(nodeGroup.group).length, desired: nodeGroup.group.bounds.desired };
  };
  const exporter = keep(
    await startExporter({
      gpusPerNode: 2,
      nodes: () => {
        aws.eks.advance();
        return inService(nodeGroup.group).map(({ zone, id }) => `aws:///${zone}/${id}`);
      },
    }),
  );
  const target = new URL(exporter.url).host;
  const monitoring = keep(
    await startMonitoring({ policyText, target, receiver: { url: vramp.url, token }, maxAlerts }),
  );
  policy.resolve(inForce(policyText.replace(PLACEHOLDER, monitoring.prometheus.url)));

  const world: World = {
    exporter,
    monitoring,
    aws,
    nodeGroup,
    memory,
    vramp,
    token,
    size,
    resizes: () => aws.calls.filter((call) => call.operation === "UpdateNodegroupConfig"),
    async post(body, presented = token) {
      const headers = { "content-type": "application/json", authorization: `Bearer ${presented}` };
      return eventually("vramp answers with anything but 503", async () => {
        const { status } = await fetch(vramp.url, { method: "POST", headers, body });
        return status !== 503 && status;
      });
    },
    holds: (query) => holds(monitoring.prometheus.url, query),
    async reset() {
      nodeGroup.setDesired(1, systemClock());
      await eventually("the node group is back at one node and takes changes", () => {
        const { ready, desired } = size();
        return ready === 1 && desired === 1 && nodeGroup.status(systemClock()) === "ACTIVE";
      });
      await eventually("nothing is remembered", () => updateMemory(memory, WORKLOAD, () => EMPTY_MEMORY));
    },
    stop: () => all.disposeAsync(),
  };
  await eventually("Prometheus has scraped the fleet and evaluated the rules", () =>
    holds(monitoring.prometheus.url, `vramp:vram_free:ratio`),
  );
  const all = started.move();
  return world;
}

async function holds(prometheus: string, query: string): Promise<boolean> {
  const response = await fetch(`${prometheus}/api/v1/query`, { method: "POST", body: new URLSearchParams({ query }) });
  const body: unknown = await response.json();
  return JSON.stringify(body).includes('"metric"');
}
