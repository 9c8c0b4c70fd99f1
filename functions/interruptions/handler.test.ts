import { readFileSync } from "node:fs";
import type { SQSRecord } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import { MemoryUnavailable } from "../../shared/memory/errors.ts";
import { createInMemory } from "../../shared/memory/in-memory.ts";
import type { Memory } from "../../shared/memory/memory.ts";
import type { Wake } from "../../shared/model/observation.ts";
import type { PoolObservation } from "../../shared/model/pool.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import { MAX_NOTICES, NOTICE_LASTS } from "../../shared/reconcile/limits.ts";
import { look } from "../../shared/reconcile/look.ts";
import { NO_STOP } from "../../shared/stop/stop.ts";
import { SILENT } from "../../shared/telemetry/telemetry.ts";
import { WakeQueueUnavailable } from "../../shared/wake/wake-queue.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady } from "../../test/support/fleet.ts";
import { createInterruptionsHandler } from "./handler.ts";
import { COALESCE, EVENT_MAX_AGE } from "./limits.ts";

type Event = Readonly<Record<string, unknown>>;

const OWN = "111122223333";
const THEIRS = "444455556666";
const INSTANCE = "i-0a1b2c3d4e5f67890";

const fixture = (name: string): Event => JSON.parse(readFileSync(`test/fixtures/eventbridge/${name}.json`, "utf8"));
const SPOT = fixture("spot-interruption");
const REBALANCE = fixture("rebalance");
const LAUNCHED = fixture("launch-successful");
const NOT_LAUNCHED = fixture("launch-unsuccessful");
const TERMINATED = fixture("terminate-successful");

const interruptionOf = (instance: string, id = instance): Event => ({
  ...SPOT,
  id,
  detail: { "instance-id": instance },
});
const inGroup = (group: string): Event => ({ ...NOT_LAUNCHED, detail: { AutoScalingGroupName: group } });

/** Workloads with a spot pool, an on-demand pool, a spot pool in another account, and one on another cloud. */
function fleet(): Policy {
  const [llm] = Object.values(fleetOf().workloads);
  const eks = (nodegroup: string, more: object = {}) => ({
    name: nodegroup,
    control: "desired" as const,
    capacity: nodegroup.endsWith("spot") ? ("spot" as const) : ("on-demand" as const),
    eks: { region: "eu-central-1", cluster: "prod", nodegroup, ...more },
  });
  const gke = { project: "ml", location: "europe-west4-a", cluster: "c", nodePool: "p" };
  if (llm === undefined) throw new Error("the fleet has no workload");
  return {
    ...fleetOf(),
    workloads: {
      both: { ...llm, pools: [eks("llm-spot"), eks("llm-ondemand")] },
      steady: { ...llm, pools: [eks("batch")] },
      theirs: { ...llm, pools: [eks("far-spot", { roleArn: `arn:aws:iam::${THEIRS}:role/vramp` })] },
      google: { ...llm, pools: [{ name: "g", capacity: "spot", control: "desired", gke }] },
    },
  };
}

let now: number;
let sent: Wake[];
let counts: string[];
let logs: object[];
let memory: Memory;
let breakQueue: boolean;

beforeEach(() => {
  now = NOON;
  sent = [];
  counts = [];
  logs = [];
  memory = createInMemory();
  breakQueue = false;
});

const record = (body: string, index: number): SQSRecord => ({
  messageId: `m${index}`,
  receiptHandle: "r",
  body,
  attributes: {
    ApproximateReceiveCount: "1",
    SentTimestamp: "0",
    SenderId: "events",
    ApproximateFirstReceiveTimestamp: "0",
  },
  messageAttributes: {},
  md5OfBody: "",
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:eu-central-1:111122223333:events",
  awsRegion: "eu-central-1",
});

/** Gives the events to the function as one batch; the messages that it hands back. */
async function hear(...events: readonly (Event | string)[]): Promise<readonly string[]> {
  const log = (message: string, fields: object = {}) => void logs.push({ message, ...fields });
  const handler = createInterruptionsHandler({
    policy: async () => fleet(),
    account: OWN,
    queue: {
      send: async (wakes) => {
        if (breakQueue) throw new WakeQueueUnavailable("down");
        sent.push(...wakes);
      },
    },
    memory,
    telemetry: {
      ...SILENT,
      info: log,
      warn: log,
      error: log,
      count: (name, value, why) => void counts.push(`${name} ${why} ${value}`),
    },
    clock: () => now,
  });
  const bodies = events.map((event) => (typeof event === "string" ? event : JSON.stringify(event)));
  const { batchItemFailures } = await handler({ Records: bodies.map(record) });
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

const woken = () => sent.map(({ workload }) => workload);
const noticesOf = async (workload: string) => (await memory.load(workload)).value.notices;

describe("whom an event wakes", () => {
  it.each([
    ["a spot interruption", SPOT],
    ["a rebalance recommendation", REBALANCE],
  ])("%s wakes every workload with a spot pool in its account and region", async (_what, event) => {
    expect(await hear(event)).toEqual([]);
    expect(woken()).toEqual(["both"]);
    expect(sent[0]).toMatchObject({ trigger: "interruption", at: NOON, cause: `${event["detail-type"]} ${INSTANCE}` });
  });

  it.each([
    ["a launch", LAUNCHED],
    ["a failed launch", NOT_LAUNCHED],
    ["a termination", TERMINATED],
  ])("%s wakes the workload whose node group the group's name has", async (_what, event) => {
    await hear(event);
    expect(woken()).toEqual(["both"]);
  });

  it("a group's name wakes for a node group of on-demand nodes too, and for no other", async () => {
    await hear(inGroup("eks-batch-4cc8a1b2-93d0-4e5f-8a6b-7c8d9e0f1a2b"));
    expect(woken()).toEqual(["steady"]);
  });

  it("a group from before EKS put the node group's name into it wakes every workload there", async () => {
    await hear(inGroup("eks-40bbb26b-8679-eb64-d33a-4ba475413529"));
    expect(woken()).toEqual(["both", "steady"]);
  });

  it("a group that is nobody's wakes nobody", async () => {
    expect(await hear(inGroup("eks-web-4cc8a1b2-93d0-4e5f-8a6b-7c8d9e0f1a2b"), inGroup("web"))).toEqual([]);
    expect(woken()).toEqual([]);
    expect(counts).toEqual(["EventsIgnored NoMatchingPool 1", "EventsIgnored NoMatchingPool 1"]);
  });

  it("an event of the account behind a pool's role wakes that pool's workload alone", async () => {
    await hear({ ...SPOT, account: THEIRS });
    expect(woken()).toEqual(["theirs"]);
  });

  it("whom it woke, and by what, is logged and counted", async () => {
    await hear(SPOT);
    expect(counts).toEqual(["EventsAccepted EC2 Spot Instance Interruption Warning 1", "WakesSent interruption 1"]);
    expect(logs).toEqual([
      expect.objectContaining({ about: INSTANCE, woken: ["both"], by: `a spot pool in ${OWN}, eu-central-1` }),
    ]);
  });
});

describe("an event that is not for us", () => {
  it.each([
    ["another account", { account: "999999999999" }, "WrongAccount"],
    ["another region", { region: "us-east-1" }, "WrongRegion"],
    ["the other account, but a region where it has no pool", { account: THEIRS, region: "us-east-1" }, "WrongRegion"],
  ])("from %s is refused, counted and not tried again [F28]", async (_what, more, why) => {
    expect(await hear({ ...SPOT, ...more })).toEqual([]);
    expect(woken()).toEqual([]);
    expect(counts).toEqual([`EventsRefused ${why} 1`]);
    expect(await noticesOf("both")).toEqual([]);
  });

  it("that is old is ignored: ticks have looked since", async () => {
    now = NOON + EVENT_MAX_AGE + 1;
    expect(await hear(SPOT)).toEqual([]);
    expect(woken()).toEqual([]);
    expect(counts).toEqual(["EventsIgnored Stale 1"]);
  });

  it.each([
    ["no JSON", "wake up!"],
    ["nothing", "null"],
    ["another kind of event", { ...SPOT, "detail-type": "EC2 Instance State-change Notification" }],
    ["another source", { ...SPOT, source: "my.app" }],
    ["an instance that is none", interruptionOf("../i-1")],
    ["no instance", { ...SPOT, detail: {} }],
    ["no time", { ...SPOT, time: "soon" }],
    ["no account", { ...SPOT, account: undefined }],
  ])("with %s in it is handed back alone, for the dead-letter queue [F19] [F20]", async (_what, body) => {
    expect(await hear(SPOT, body, NOT_LAUNCHED)).toEqual(["m1"]);
    expect(woken()).toEqual(["both"]);
    expect(counts).toContain("EventsRefused Unreadable 1");
  });

  it("may have fields that AWS adds later", async () => {
    expect(await hear({ ...SPOT, "replay-name": "x", detail: { ...Object(SPOT.detail), more: { size: 64 } } })).toEqual(
      [],
    );
    expect(woken()).toEqual(["both"]);
    expect(JSON.stringify(sent)).not.toContain("64");
  });
});

describe("a wave of events", () => {
  it("is one wake-up for each workload, and one write to its memory", async () => {
    const wave = Array.from({ length: 40 }, (_, i) => interruptionOf(`i-${String(i).padStart(8, "0")}`));
    expect(await hear(...wave, NOT_LAUNCHED)).toEqual([]);
    expect(woken()).toEqual(["both"]);
    expect(sent[0]?.cause.length).toBeLessThanOrEqual(256);
    expect(await noticesOf("both")).toHaveLength(40);
    expect((await memory.load("both")).version).toBe(1);
  });

  it("is remembered as far as there is room", async () => {
    const wave = Array.from({ length: MAX_NOTICES + 20 }, (_, i) => interruptionOf(`i-${String(i).padStart(8, "0")}`));
    await hear(...wave);
    expect(await noticesOf("both")).toHaveLength(MAX_NOTICES);
  });

  it("is the same wake-up when it is delivered again, and another one later", async () => {
    await hear(SPOT, NOT_LAUNCHED);
    await hear(NOT_LAUNCHED, SPOT);
    now += COALESCE;
    await hear(SPOT, NOT_LAUNCHED);
    await hear(interruptionOf("i-99999999"), NOT_LAUNCHED);
    const [first, again, later, other] = sent.map(({ key }) => key);
    expect(again).toBe(first);
    expect(new Set([first, later, other]).size).toBe(3);
  });
});

describe("an interruption", () => {
  it("is remembered from its own time on, and not at all for workloads that it cannot concern", async () => {
    now = NOON + MINUTE;
    await hear(SPOT);
    expect(await noticesOf("both")).toEqual([{ nodeId: INSTANCE, until: NOON + NOTICE_LASTS }]);
    for (const workload of ["steady", "theirs", "google"]) expect(await noticesOf(workload)).toEqual([]);
  });

  it("from a clock ahead of ours lasts no longer for it", async () => {
    now = NOON - 3600;
    await hear(SPOT);
    expect(await noticesOf("both")).toEqual([{ nodeId: INSTANCE, until: now + NOTICE_LASTS }]);
  });

  it("is what a launch, a termination and a rebalance recommendation are not", async () => {
    await hear(REBALANCE, LAUNCHED, NOT_LAUNCHED, TERMINATED);
    expect(await noticesOf("both")).toEqual([]);
    expect((await memory.load("both")).version).toBe(0);
  });

  it("is what the next look sees of the node, and of no other", async () => {
    await hear(SPOT);
    const nodes = [INSTANCE, "i-0fffffffffffffff0"].map((i) => ({
      id: `aws:///eu-central-1b/${i}`,
      ready: true,
      noticed: false,
    }));
    const pools: Readonly<Record<string, PoolObservation>> = {
      "llm-spot": poolOf(2, 2, { nodes }),
      "llm-ondemand": poolOf(0, 0, { nodes: [] }),
    };
    const never = () => Promise.reject(new Error("a look changes nothing"));
    const { observation, decided } = await look(
      {
        policy: async () => ({ policy: fleet(), revision: "r1" }),
        sources: { open: async () => ({ fetch: async () => steady(30, NOON) }) },
        pools: {
          observe: async ({ name }) => {
            const pool = pools[name];
            if (pool?.kind !== "seen") throw new Error(`there is no pool ${name}`);
            return pool.state;
          },
          resize: never,
          remove: never,
          poll: never,
        },
        memory,
        telemetry: SILENT,
        clock: () => now,
        stop: NO_STOP,
        newId: () => "id",
      },
      "both",
      "interruption",
      (await memory.load("both")).value,
    );
    expect(observation.pools["llm-spot"]).toMatchObject({
      state: { ready: 2, noticed: 1, nodes: [{ noticed: true }, { noticed: false }] },
    });
    expect(decided.memory.notices).toHaveLength(1);
  });
});

describe("when something is down", () => {
  it("the queue: every event that woke somebody is handed back, and nobody else's", async () => {
    breakQueue = true;
    expect(await hear({ ...SPOT, region: "us-east-1" }, SPOT, NOT_LAUNCHED)).toEqual(["m1", "m2"]);
    expect(counts).not.toContain("WakesSent interruption 1");
  });

  it("the memory: it wakes all the same, and the events are handed back", async () => {
    memory = { ...createInMemory(), load: () => Promise.reject(new MemoryUnavailable("down")) };
    expect(await hear(SPOT)).toEqual(["m0"]);
    expect(woken()).toEqual(["both"]);
    expect(logs).toContainEqual(expect.objectContaining({ error: "MemoryUnavailable: down" }));
  });
});
