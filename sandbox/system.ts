import { randomBytes, randomUUID } from "node:crypto";
import { createAlertsHandler } from "../functions/alerts/handler.ts";
import type { Listening } from "../functions/http/listen.ts";
import { startHttp } from "../functions/http/server.ts";
import { createInvokeHandler } from "../functions/invoke/handler.ts";
import { createTickHandler } from "../functions/tick/handler.ts";
import { createInMemory } from "../shared/memory/in-memory.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";
import type { EpochSeconds, Seconds } from "../shared/policy/units.ts";
import { createPools } from "../shared/pools/pools.ts";
import type { PolicyInForce } from "../shared/reconcile/deps.ts";
import { type Outcome, reconcile } from "../shared/reconcile/reconcile.ts";
import { createStaticSecrets } from "../shared/secrets/static.ts";
import { createSources } from "../shared/signals/sources.ts";
import { SILENT } from "../shared/telemetry/telemetry.ts";
import { createInProcessQueue } from "../shared/wake/in-process.ts";
import { createAlertSource, type Delivered } from "./alert-source.ts";
import type { SandboxClock } from "./clock.ts";
import { type Aws, startAws } from "./clouds/aws.ts";
import type { NodeGroup } from "./clouds/eks-node-group.ts";
import { createFleet, type Fleet } from "./fleet/fleet.ts";
import { createMetricStore } from "./fleet/metrics.ts";
import { startSandboxPrometheus } from "./prometheus.ts";

export interface SystemOptions {
  readonly policy: PolicyInForce;
  readonly clock: SandboxClock;
  readonly port: number;
  /** Tasks a second that arrive at `worker-llm`, so many seconds after the start. */
  readonly demand: (elapsed: Seconds) => number;
  readonly onDelivered: (delivered: Delivered) => void;
  readonly onReconciled: (outcome: Outcome, cause: string) => void;
}

/** The whole of vramp on one machine: the real handlers, an emulated AWS, a simulated fleet, a little alert source. */
export interface System {
  readonly url: string;
  readonly token: string;
  readonly aws: Aws;
  readonly nodeGroup: NodeGroup;
  readonly fleet: Fleet;
  readonly startedAt: EpochSeconds;
  /** Rejects if a part of the system breaks; otherwise settles only once it is stopped. */
  readonly broken: Promise<unknown>;
  stop(): Promise<void>;
}

const REGION = "eu-central-1";
const SCRAPE: Seconds = 15;
const TICK: Seconds = 60;
const TOKEN_SECRET = "sandbox/alert-tokens";
/** The fleet's one workload; its model serves so many tasks a second on one node. */
const WORKLOAD = "worker-llm";
const TASKS_PER_NODE = 1.5;
/** Emulated credentials: the emulator wants a signature, whoever signs. */
const CREDENTIALS = { accessKeyId: "AKIASANDBOX", secretAccessKey: "sandbox" };

/** The policy, pointed at the sandbox's own Prometheus. */
function pointedAt(policy: Policy, url: string): Policy {
  const sources = Object.fromEntries(Object.keys(policy.sources).map((name) => [name, { prometheus: { url } }]));
  return { ...policy, sources };
}

/** Runs `work` every so many seconds of the sandbox's clock, `after` at first, until the signal aborts. */
async function every(
  period: Seconds,
  after: Seconds,
  clock: SandboxClock,
  abort: AbortSignal,
  work: () => Promise<void>,
) {
  const first = clock.now() + after;
  for (let n = 0; !abort.aborted; n += 1) {
    const rest = first + n * period - clock.now();
    if (rest > 0) await clock.sleep(rest, abort).catch(() => {});
    if (!abort.aborted) await work();
  }
}

export async function startSystem({
  policy,
  clock,
  port,
  demand,
  onDelivered,
  onReconciled,
}: SystemOptions): Promise<System> {
  const startedAt = clock.now();
  const token = randomBytes(32).toString("base64url");
  const aws = await startAws({ now: clock.now });
  const scaling = { minSize: 0, maxSize: 6, desiredSize: 1 };
  const nodeGroup = aws.eks.createNodegroup({
    region: REGION,
    cluster: "prod",
    name: "llm-a100",
    scaling,
    instanceType: "p4d.24xlarge",
  });
  const nodes = () => {
    aws.eks.advance();
    return nodeGroup.group.instances.flatMap((i) => (i.lifecycle === "InService" ? [`aws:///${i.zone}/${i.id}`] : []));
  };
  const fleet = createFleet({
    workload: WORKLOAD,
    nodes,
    demand: (at) => demand(at - startedAt),
    perNode: TASKS_PER_NODE,
    gpusPerNode: policy.policy.workloads[WORKLOAD]?.gpu.perNode ?? 1,
    start: startedAt,
  });
  const store = createMetricStore();
  const prometheus = await startSandboxPrometheus(store, clock.now);
  const inForce = { ...policy, policy: pointedAt(policy.policy, prometheus.url) };
  const secrets = createStaticSecrets({ [TOKEN_SECRET]: token });
  const deps = {
    policy: async () => inForce,
    sources: createSources({ secrets }),
    pools: createPools({ eks: { endpoint: aws.url, credentials: CREDENTIALS } }),
    memory: createInMemory(),
    telemetry: SILENT,
    clock: clock.now,
    newId: randomUUID,
  };
  const queue = createInProcessQueue({
    now: clock.now,
    consume: async (wake) => onReconciled(await reconcile(wake, deps), wake.cause),
  });
  const asPolicy = async () => inForce.policy;
  const alerts = createAlertsHandler({
    policy: asPolicy,
    queue,
    secrets,
    tokenSecret: TOKEN_SECRET,
    telemetry: SILENT,
    clock: clock.now,
  });
  const invoke = createInvokeHandler({ ...deps, queue });
  const tick = createTickHandler({ policy: asPolicy, queue, telemetry: SILENT, clock: clock.now });
  const http = await startHttp({ alerts, invoke, secrets, tokenSecret: TOKEN_SECRET }, port).catch(
    stopFirst([aws, prometheus]),
  );
  const alertSource = createAlertSource({
    policy: inForce.policy,
    store,
    now: clock.now,
    webhook: `${http.url}/alerts`,
    token,
    onDelivered,
  });

  const stopping = new AbortController();
  const loops = [
    every(SCRAPE, 0, clock, stopping.signal, async () => {
      fleet.advance(clock.now());
      store.record(fleet.metrics(), clock.now());
      await alertSource.evaluate();
    }),
    // Off the scrapes' beat, as a schedule and a Prometheus are in life.
    every(TICK, 50, clock, stopping.signal, async () => void (await tick())),
  ];
  return {
    url: http.url,
    token,
    aws,
    nodeGroup,
    fleet,
    startedAt,
    broken: Promise.all(loops),
    async stop() {
      stopping.abort();
      await Promise.allSettled(loops);
      await queue.stop();
      await Promise.all([http.stop(), prometheus.stop(), aws.stop()]);
    },
  };
}

/** Ends what was started before the failure, and passes the failure on. */
function stopFirst(started: readonly (Listening | Aws)[]) {
  return async (error: unknown): Promise<never> => {
    await Promise.all(started.map((s) => s.stop()));
    throw error;
  };
}
