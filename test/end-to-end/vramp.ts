import { randomUUID } from "node:crypto";
import { createAlertsHandler, rawBodyOf } from "../../functions/alerts/handler.ts";
import { startHttp } from "../../functions/http/server.ts";
import { createInvokeHandler } from "../../functions/invoke/handler.ts";
import { createReconcileHandler } from "../../functions/reconcile/handler.ts";
import { createTickHandler } from "../../functions/tick/handler.ts";
import { queueUrl, type SqsEmulator } from "../../sandbox/clouds/sqs.ts";
import { pollInto } from "../../sandbox/clouds/sqs-event-source.ts";
import type { Memory } from "../../shared/memory/memory.ts";
import { systemClock } from "../../shared/model/clock.ts";
import type { Wake } from "../../shared/model/observation.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import type { EksLimits } from "../../shared/pools/eks/clients.ts";
import { createPools } from "../../shared/pools/pools.ts";
import type { PolicyInForce } from "../../shared/reconcile/deps.ts";
import { createSecretsManager, createSecretsManagerClient } from "../../shared/secrets/secrets-manager.ts";
import { createSources } from "../../shared/signals/sources.ts";
import { NO_STOP } from "../../shared/stop/stop.ts";
import type { Count, LogFields, Telemetry } from "../../shared/telemetry/telemetry.ts";
import { MAX_RECEIVE_COUNT } from "../../shared/wake/limits.ts";
import { parseWake } from "../../shared/wake/message.ts";
import { createSqsClient, createSqsQueue } from "../../shared/wake/sqs.ts";
import { NOBODY } from "../support/dynalite.ts";
import { eventually } from "./eventually.ts";

export const REGION = "eu-central-1";
export const TOKEN_SECRET = "vramp/alert-tokens";
const MINUTE: Seconds = 60;

/** One POST to `/alerts`, as it came and as it was answered. */
export interface Delivery {
  readonly at: EpochSeconds;
  readonly body: string;
  readonly fromAlertmanager: boolean;
  /** What vramp answered; null for one that the network lost on its way, which the sender saw as 503. */
  readonly status: number | null;
}

/** One message as the reconcile function received it. `failed`: it was handed back. */
export interface Received {
  readonly wake: Wake;
  readonly receiveCount: number;
  readonly failed: boolean;
}

export interface VrampOptions {
  readonly policy: () => Promise<PolicyInForce>;
  /** The endpoint of the emulated AWS, in which `sqs` is mounted. */
  readonly endpoint: string;
  readonly sqs: SqsEmulator;
  readonly memory: Memory;
  readonly eksLimits: Partial<EksLimits>;
}

/** vramp's functions, wired as in AWS, and a record of what went through them. */
export interface Vramp {
  readonly url: string;
  readonly deliveries: readonly Delivery[];
  readonly received: readonly Received[];
  /** The fields of every `decided` line in the log. */
  readonly decisions: readonly LogFields[];
  /** What a metric has been counted up to, for one reason. */
  counted(name: Count, why: string): number;
  /** From now on the network loses what Alertmanager sends, or no longer does. */
  loseFromAlertmanager(lose: boolean): void;
  /** One tick of the schedule, a minute after the one before. Resolves once the queue is empty and nothing runs. */
  tick(): Promise<void>;
  /** Messages that wait, are being worked on or rest before another try, and those that were given up. */
  backlog(): { readonly waiting: number; readonly dead: number };
  stop(): Promise<void>;
}

function createRecorder() {
  const decisions: LogFields[] = [];
  const counts = new Map<string, number>();
  const telemetry: Telemetry = {
    info(message, fields = {}) {
      if (message === "decided") decisions.push(fields);
    },
    warn() {},
    error() {},
    count(name, value, why = "") {
      const key = `${name} ${why}`;
      counts.set(key, (counts.get(key) ?? 0) + value);
    },
  };
  return { telemetry, decisions, counted: (name: Count, why: string) => counts.get(`${name} ${why}`) ?? 0 };
}

type AlertsHandler = ReturnType<typeof createAlertsHandler>;

/** The network in front of the alerts handler: notes what passes and, told to, loses what Alertmanager sends. */
function createNetwork(alerts: AlertsHandler) {
  const deliveries: Delivery[] = [];
  let losing = false;
  const through: AlertsHandler = async (event) => {
    const body = await rawBodyOf(event);
    const at = systemClock();
    const fromAlertmanager = event.headers["user-agent"]?.startsWith("Alertmanager/") === true;
    const lost = losing && fromAlertmanager;
    const answer = lost ? { statusCode: 503, body: "{}" } : await alerts({ ...event, body });
    deliveries.push({ at, body, fromAlertmanager, status: lost ? null : answer.statusCode });
    return answer;
  };
  return {
    through,
    deliveries,
    lose: (lose: boolean) => {
      losing = lose;
    },
  };
}

export async function startVramp({ policy, endpoint, sqs, memory, eksLimits }: VrampOptions): Promise<Vramp> {
  const client = { endpoint, region: REGION, credentials: NOBODY };
  const dead = sqs.createQueue({ name: "dead.fifo" });
  const wakes = sqs.createQueue({ name: "wakes.fifo", redrive: { to: dead, maxReceiveCount: MAX_RECEIVE_COUNT } });
  const { telemetry, decisions, counted } = createRecorder();
  const sqsClient = createSqsClient(client);
  const secretsClient = createSecretsManagerClient(client);
  const secrets = createSecretsManager({ client: secretsClient, now: systemClock });
  const queue = createSqsQueue({ queueUrl: queueUrl(endpoint, wakes.name), client: sqsClient });
  const deps = {
    policy,
    sources: createSources({ secrets }),
    pools: createPools({ eks: { endpoint, credentials: NOBODY, limits: eksLimits } }),
    memory,
    telemetry,
    clock: systemClock,
    stop: NO_STOP,
    newId: randomUUID,
  };
  const asPolicy = async () => (await policy()).policy;

  const received: Received[] = [];
  const reconcile = createReconcileHandler(deps);
  const source = pollInto({
    queue: wakes,
    handler: async (event) => {
      const response = await reconcile(event);
      const failed = new Set(response.batchItemFailures.map((each) => each.itemIdentifier));
      for (const { messageId, body, attributes } of event.Records)
        received.push({
          wake: parseWake(body),
          receiveCount: Number(attributes.ApproximateReceiveCount),
          failed: failed.has(messageId),
        });
      return response;
    },
  });

  const tokenSecret = TOKEN_SECRET;
  const network = createNetwork(
    createAlertsHandler({ policy: asPolicy, queue, secrets, tokenSecret, telemetry, clock: systemClock }),
  );
  const invoke = createInvokeHandler({ ...deps, queue });
  const http = await startHttp({ alerts: network.through, invoke, secrets, tokenSecret }, 0);
  let ticks = 0;
  const tick = createTickHandler({
    policy: asPolicy,
    queue,
    telemetry,
    clock: () => systemClock() + ticks * MINUTE,
  });

  return {
    url: `${http.url}/alerts`,
    deliveries: network.deliveries,
    received,
    decisions,
    counted,
    loseFromAlertmanager: network.lose,
    async tick() {
      ticks += 1;
      // Where the machine stood still, the queue may have been given up; it takes the same wake-up only once.
      await eventually("the queue takes the tick", async () => {
        await tick();
        return true;
      });
      await source.drain();
    },
    backlog: () => {
      const { visible, inFlight } = wakes.counts();
      const { visible: given, inFlight: looked } = dead.counts();
      return { waiting: visible + inFlight, dead: given + looked };
    },
    async stop() {
      await http.stop();
      await source.stop();
      sqsClient.destroy();
      secretsClient.destroy();
    },
  };
}
