import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import type { NodeGroup } from "../../sandbox/clouds/eks-node-group.ts";
import { fleetOf, MINUTE, NOON, seriesOf, steady } from "../../test/support/fleet.ts";
import { createInMemory } from "../memory/in-memory.ts";
import type { Memory } from "../memory/memory.ts";
import type { TriggerKind } from "../model/observation.ts";
import type { SignalObservation } from "../model/signal.ts";
import { createPools } from "../pools/pools.ts";
import { NO_STOP } from "../stop/stop.ts";
import { SILENT } from "../telemetry/telemetry.ts";
import type { PolicyInForce } from "./deps.ts";
import { reconcile } from "./reconcile.ts";

const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "test" };
const R1: PolicyInForce = { policy: fleetOf(), revision: "r1" };

let now = NOON;
let aws: Aws;
let nodeGroup: NodeGroup;
let memory: Memory;
let queue: SignalObservation;

beforeEach(async () => {
  now = NOON;
  memory = createInMemory();
  queue = steady(120, NOON);
  aws = await startAws({ now: () => now });
  const scaling = { minSize: 0, maxSize: 6, desiredSize: 1 };
  nodeGroup = aws.eks.createNodegroup({ region: "eu-central-1", cluster: "prod", name: "llm", scaling });
});
afterEach(() => aws.stop());

let ids = 0;
const look = (trigger: TriggerKind, policy: () => Promise<PolicyInForce> = async () => R1) =>
  reconcile(
    { workload: "llm", trigger, cause: trigger, at: now, key: `${trigger}/${now}` },
    {
      policy,
      sources: { open: async () => ({ fetch: async () => queue }) },
      pools: createPools({ eks: { endpoint: aws.url, credentials: CREDENTIALS } }),
      memory,
      telemetry: SILENT,
      clock: () => now,
      stop: NO_STOP,
      newId: () => `id-${++ids}`,
    },
  );
const desired = () => nodeGroup.group.bounds.desired;

describe("an alert that is never said to be over", () => {
  it("keeps nothing up: ticks shrink by the rules [F3]", async () => {
    await look("alert");
    expect(desired()).toBe(3);

    const sizes: number[] = [];
    for (let minute = 1; minute <= 90; minute += 1) {
      now += MINUTE;
      queue = steady(3, now);
      await look("tick");
      if (desired() !== sizes.at(-1)) sizes.push(desired());
    }

    expect(sizes).toEqual([3, 2, 1]);
  });
});

describe("an alert that is over because its series is gone", () => {
  it.each<[string, SignalObservation, string]>([
    ["is empty", { kind: "empty" }, "SignalUnknown"],
    [
      "ended ten minutes ago",
      { kind: "series", series: seriesOf(NOON - 10 * MINUTE, 20 * MINUTE, () => 0) },
      "SignalStale",
    ],
  ])("takes no node away while what is read %s [F5]", async (_, observed, reason) => {
    nodeGroup.group.resize({ min: 0, max: 6, desired: 4 }, now);
    queue = observed;

    for (let minute = 0; minute < 30; minute += 1) {
      const outcome = await look(minute === 0 ? "alert" : "tick");
      expect(outcome).toMatchObject({ decision: { current: 4, want: 4, reason }, actions: [] });
      now += MINUTE;
      if (observed.kind === "series")
        queue = { kind: "series", series: seriesOf(now - 10 * MINUTE, 20 * MINUTE, () => 0) };
    }
  });
});

describe("a policy that is replaced while a run decides", () => {
  it("is not named by that run's intent, and is by the next [F73]", async () => {
    const revisions = ["r1"];
    const policy = async () => ({ ...R1, revision: revisions.shift() ?? "r2" });
    await look("tick", policy);
    expect((await memory.load("llm")).value.intents).toMatchObject([{ to: 3, policyRevision: "r1" }]);

    // The first of these settles what was asked for; the second has seen the queue stay long for a whole window since.
    for (const minutes of [5, 8]) {
      now = NOON + minutes * MINUTE;
      queue = steady(120, now);
      await look("tick", policy);
    }

    expect((await memory.load("llm")).value.intents).toMatchObject([{ to: 5, policyRevision: "r2" }]);
  });
});
