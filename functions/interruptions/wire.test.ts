import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { createSqsEmulator, queueUrl } from "../../sandbox/clouds/sqs.ts";
import { pollInto, type SqsEventSource } from "../../sandbox/clouds/sqs-event-source.ts";
import type { FifoQueue } from "../../sandbox/clouds/sqs-queue.ts";
import { createDynamoMemory } from "../../shared/memory/dynamodb.ts";
import type { Memory } from "../../shared/memory/memory.ts";
import { createPools } from "../../shared/pools/pools.ts";
import { NOTICE_LASTS } from "../../shared/reconcile/limits.ts";
import { NO_STOP } from "../../shared/stop/stop.ts";
import { SILENT } from "../../shared/telemetry/telemetry.ts";
import { parseWake } from "../../shared/wake/message.ts";
import { createSqsClient, createSqsQueue } from "../../shared/wake/sqs.ts";
import { type Dynalite, NOBODY, startDynalite } from "../../test/support/dynalite.ts";
import { fleetOf, NOON, steady } from "../../test/support/fleet.ts";
import { createReconcileHandler } from "../reconcile/handler.ts";
import { createInterruptionsHandler } from "./handler.ts";

const REGION = "eu-central-1";
const EVENT: object = JSON.parse(readFileSync("test/fixtures/eventbridge/spot-interruption.json", "utf8"));

const POLICY = fleetOf({
  pools: [
    { name: "spot", capacity: "spot", eks: { region: REGION, cluster: "prod", nodegroup: "llm-spot" } },
    { name: "ondemand", capacity: "on-demand", eks: { region: REGION, cluster: "prod", nodegroup: "llm-ondemand" } },
  ],
});

let aws: Aws;
let dynalite: Dynalite;
let memory: Memory;
let wakes: FifoQueue;
let events: FifoQueue;
let source: SqsEventSource;
let stopping: AsyncDisposableStack;

beforeEach(async () => {
  stopping = new AsyncDisposableStack();
  const sqs = createSqsEmulator(() => NOON);
  aws = stopping.adopt(await startAws({ now: () => NOON, services: { sqs: sqs.service } }), (each) => each.stop());
  dynalite = stopping.adopt(await startDynalite(), (each) => each.stop());
  memory = createDynamoMemory({ table: await dynalite.createTable(), client: dynalite.client });
  wakes = sqs.createQueue({ name: "wakes.fifo" });
  events = sqs.createQueue({ name: "events.fifo" }); // not FIFO in life; the function cannot tell
  const client = createSqsClient({ endpoint: aws.url, region: REGION, credentials: NOBODY });
  stopping.defer(() => client.destroy());
  const queue = createSqsQueue({ queueUrl: queueUrl(aws.url, "wakes.fifo"), client });
  const handler = createInterruptionsHandler({
    policy: async () => POLICY,
    account: "111122223333",
    queue,
    memory,
    telemetry: SILENT,
    clock: () => NOON,
  });
  source = stopping.adopt(pollInto({ queue: events, handler, pollEvery: null }), (source) => source.stop());
});
afterEach(() => stopping.disposeAsync());

/** What EventBridge puts into the queue of events. */
const emit = (instance: string): void => {
  const body = JSON.stringify({ ...EVENT, detail: { "instance-id": instance, "instance-action": "terminate" } });
  events.send({ body, group: "events", deduplicationId: instance });
};

it("an event becomes a message in the queue of wake-ups, and a notice in the table", async () => {
  emit("i-0a1b2c3d4e5f67890");
  await source.drain();
  const messages = wakes.receive(10);
  expect(messages.map(({ group }) => group)).toEqual(["llm"]);
  expect(parseWake(messages[0]?.body ?? "")).toMatchObject({
    workload: "llm",
    trigger: "interruption",
    cause: "EC2 Spot Instance Interruption Warning i-0a1b2c3d4e5f67890",
    at: NOON,
  });
  expect((await memory.load("llm")).value.notices).toEqual([
    { nodeId: "i-0a1b2c3d4e5f67890", until: NOON + NOTICE_LASTS },
  ]);
  expect(events.counts()).toEqual({ visible: 0, inFlight: 0 });
});

it("an event that the queue of wake-ups does not take stays where it was, for the next try", async () => {
  aws.fault({ operation: "SendMessageBatch", kind: "5xx", times: 9 });
  emit("i-0a1b2c3d4e5f67890");
  await source.drain();
  expect(events.counts()).toEqual({ visible: 0, inFlight: 1 });
  expect(wakes.counts()).toEqual({ visible: 0, inFlight: 0 });
});

it("a node under notice is replaced before EC2 takes it [F83]", async () => {
  const nodeGroup = (name: string, desiredSize: number) => {
    const scaling = { minSize: 0, maxSize: 6, desiredSize };
    return aws.eks.createNodegroup({ region: REGION, cluster: "prod", name, scaling });
  };
  const spot = nodeGroup("llm-spot", 2);
  nodeGroup("llm-ondemand", 0);
  const reconcile = createReconcileHandler({
    policy: async () => ({ policy: POLICY, revision: "r1" }),
    sources: { open: async () => ({ fetch: async () => steady(30, NOON) }) },
    pools: createPools({ eks: { endpoint: aws.url, credentials: NOBODY } }),
    memory,
    telemetry: SILENT,
    clock: () => NOON,
    stop: NO_STOP,
    newId: () => "id",
  });
  const woken = stopping.adopt(pollInto({ queue: wakes, handler: reconcile, pollEvery: null }), (each) => each.stop());
  const [node] = spot.group.instances;
  emit(node?.id ?? "none");
  await source.drain();
  await woken.drain();
  expect((await memory.load("llm")).value.lastDecision).toMatchObject({ want: 2, reason: "Interrupted" });
  expect(aws.calls.filter(({ operation }) => operation === "UpdateNodegroupConfig")).not.toEqual([]);
});
