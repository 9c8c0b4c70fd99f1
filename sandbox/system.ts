import { randomBytes, randomUUID } from "node:crypto";
import { createAlertsHandler } from "../functions/alerts/handler.ts";
import { startHttp } from "../functions/http/server.ts";
import { createInterruptionsHandler } from "../functions/interruptions/handler.ts";
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
import { NO_STOP } from "../shared/stop/stop.ts";
import { SILENT } from "../shared/telemetry/telemetry.ts";
import { createInProcessQueue } from "../shared/wake/in-process.ts";
import { createAlertSource, type Delivered } from "./alert-source.ts";
import type { SandboxClock } from "./clock.ts";
import { createFleet, type Fleet } from "./fleet/fleet.ts";
import { createMetricStore } from "./fleet/metrics.ts";
import { interruptionEvent, SANDBOX_ACCOUNT } from "./interruption.ts";
import type { EksCloudPool } from "./pools/eks.ts";
import { type Clouds, openClouds } from "./pools/open.ts";
import type { Beginning } from "./pools/pool.ts";
import { startSandboxPrometheus } from "./prometheus.ts";
import { hasPrometheus, startRealPrometheus } from "./real-prometheus.ts";

export interface SystemOptions {
  readonly policy: PolicyInForce;
  readonly clock: SandboxClock;
  readonly port: number;
  /** Tasks a second that arrive at a workload, so many seconds after the start. */
  readonly demand: (elapsed: Seconds, workload: string) => number;
  /** How each pool begins, by its name; else the first of a workload has its `nodes.min` and the others none. */
  readonly beginnings?: Readonly<Record<string, Beginning>>;
  readonly onDelivered: (delivered: Delivered) => void;
  readonly onReconciled: (outcome: Outcome, cause: string) => void;
  /** Called whenever the clock is about to move on: nothing is under way then. */
  readonly onBeat?: (system: System) => Promise<void>;
}

/** The whole of vramp on one machine: the real handlers, emulated clouds, simulated GPUs, a little alert source. */
export interface System {
  readonly url: string;
  readonly token: string;
  readonly clouds: Clouds;
  /** The simulated nodes of a workload; throws if the policy has no such workload. */
  fleet(workload: string): Fleet;
  /** EC2 announces that it takes a spot instance back: it will, and EventBridge tells vramp. Returns when it is gone. */
  interrupt(pool: EksCloudPool, instanceId: string): Promise<EpochSeconds>;
  /** Whether the metrics are in a real Prometheus, or in the stand-in for machines without one. */
  readonly realPrometheus: boolean;
  readonly startedAt: EpochSeconds;
  readonly now: () => EpochSeconds;
  /** Rejects if a part of the system breaks; otherwise settles only once it is stopped. */
  readonly broken: Promise<unknown>;
  stop(): Promise<void>;
}

/** How far the clock moves at a time. The others are multiples of it. */
const BEAT: Seconds = 5;
const SCRAPE: Seconds = 15;
const TICK: Seconds = 60;
/** When the first tick comes: off the scrapes' beat, as a schedule and a Prometheus are in life. */
const FIRST_TICK: Seconds = 50;
const TOKEN_SECRET = "sandbox/alert-tokens";
/** A workload's model serves so many tasks a second on one node. */
const TASKS_PER_NODE = 1.5;

/** The policy, pointed at the sandbox's own Prometheus. */
function pointedAt(policy: Policy, url: string): Policy {
  const sources = Object.fromEntries(Object.keys(policy.sources).map((name) => [name, { prometheus: { url } }]));
  return { ...policy, sources };
}

function fleetsOf({ policy: { policy }, demand, clock }: SystemOptions, clouds: Clouds): readonly Fleet[] {
  const start = clock.now();
  return Object.entries(policy.workloads).map(([workload, { gpu }]) => {
    const pools = clouds.pools.filter((pool) => pool.workload === workload);
    return createFleet({
      workload,
      nodes: () => pools.flatMap((pool) => pool.ready()),
      demand: (at) => demand(at - start, workload),
      perNode: TASKS_PER_NODE,
      gpusPerNode: gpu.perNode,
      start,
    });
  });
}

/** Starts everything; what was started before a failure is ended. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { policy, clock, port, onDelivered, onReconciled, onBeat = async () => {} } = options;
  await using started = new AsyncDisposableStack();
  const keep = <T extends { stop(): Promise<void> }>(it: T): T => started.adopt(it, (each) => each.stop());

  const startedAt = clock.now();
  const token = randomBytes(32).toString("base64url");
  const clouds = keep(
    await openClouds({
      policy: policy.policy,
      now: clock.now,
      ...(options.beginnings === undefined ? {} : { beginnings: options.beginnings }),
    }),
  );
  const fleets = fleetsOf(options, clouds);
  const store = createMetricStore();
  const real = (await hasPrometheus()) ? keep(await startRealPrometheus(clock.now)) : null;
  const prometheus = real ?? keep(await startSandboxPrometheus(store, clock.now));
  const inForce = { ...policy, policy: pointedAt(policy.policy, prometheus.url) };
  const secrets = createStaticSecrets({ [TOKEN_SECRET]: token });
  const deps = {
    policy: async () => inForce,
    sources: createSources({ secrets }),
    pools: createPools(clouds.options),
    memory: createInMemory(),
    telemetry: SILENT,
    clock: clock.now,
    stop: NO_STOP,
    newId: randomUUID,
  };
  const queue = keep(
    createInProcessQueue({
      now: clock.now,
      consume: async (wake) => onReconciled(await reconcile(wake, deps), wake.cause),
    }),
  );
  const asPolicy = async () => inForce.policy;
  const handlers = { policy: asPolicy, queue, telemetry: SILENT, clock: clock.now };
  const alerts = createAlertsHandler({ ...handlers, secrets, tokenSecret: TOKEN_SECRET });
  const invoke = createInvokeHandler({ ...deps, queue });
  const tick = createTickHandler(handlers);
  const interruptions = createInterruptionsHandler({ ...handlers, memory: deps.memory, account: SANDBOX_ACCOUNT });
  const http = keep(await startHttp({ alerts, invoke, secrets, tokenSecret: TOKEN_SECRET }, port));
  const webhook = `${http.url}/alerts`;
  const alertSource = createAlertSource({ policy: inForce.policy, store, now: clock.now, webhook, token, onDelivered });

  /** Everything that falls due now, to its end. */
  async function beat(system: System): Promise<void> {
    const elapsed = clock.now() - startedAt;
    for (const fleet of fleets) fleet.advance(clock.now());
    if (elapsed % SCRAPE === 0) {
      const metrics = fleets.flatMap((fleet) => fleet.metrics());
      store.record(metrics, clock.now());
      await real?.record(metrics, clock.now());
      await alertSource.evaluate();
    }
    if (elapsed % TICK === FIRST_TICK) await tick();
    await queue.idle();
    await onBeat(system);
  }
  const stopping = new AbortController();
  async function run(system: System): Promise<void> {
    while (!stopping.signal.aborted) {
      await beat(system);
      await clock.advance(BEAT, stopping.signal);
    }
  }

  const all = started.move();
  const running = Promise.withResolvers<void>();
  const system: System = {
    url: http.url,
    token,
    clouds,
    fleet(workload) {
      const found = fleets.find((fleet) => fleet.workload === workload);
      if (found === undefined) throw new Error(`the policy has no workload ${workload}`);
      return found;
    },
    async interrupt({ nodeGroup }, instanceId) {
      const at = clock.now();
      const gone = nodeGroup.interrupt(instanceId, at);
      await interruptions(interruptionEvent(instanceId, nodeGroup.spec.region, at));
      return gone;
    },
    realPrometheus: real !== null,
    startedAt,
    now: clock.now,
    broken: running.promise,
    async stop() {
      stopping.abort();
      await Promise.allSettled([running.promise]);
      await all.disposeAsync();
    },
  };
  // In a later turn: whoever starts the system has it before its first beat.
  setImmediate(() => running.resolve(run(system)));
  return system;
}
