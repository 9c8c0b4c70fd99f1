import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import type { NodeGroup } from "../../sandbox/clouds/eks-node-group.ts";
import { decided, settledAt } from "../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, unknown, workloadIn } from "../../test/support/fleet.ts";
import { busyFleet, FORCING, node, readingsAt } from "../../test/support/shrinking.ts";
import { createInMemory } from "../memory/in-memory.ts";
import type { Memory } from "../memory/memory.ts";
import type { Intent, WorkloadMemory } from "../model/memory.ts";
import type { SignalObservation } from "../model/signal.ts";
import type { Policy } from "../policy/schema/policy.ts";
import { createPools } from "../pools/pools.ts";
import { NO_STOP } from "../stop/stop.ts";
import { SILENT } from "../telemetry/telemetry.ts";
import { changesOf } from "./act.ts";
import { reconcile } from "./reconcile.ts";

const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "test" };
const HOUR = 60 * MINUTE;
const SHRINKING = {
  nodes: { min: 0, max: 6 },
  scaleDown: { any: [{ signal: "queue", below: 10, for: "15m" }], remove: 2 },
};
const BY_NODE = busyFleet(SHRINKING);

let now = NOON;
let aws: Aws;
let nodeGroup: NodeGroup;
let memory: Memory;
/** What each signal says, the first time it is asked and the times after. */
let says: Record<string, () => SignalObservation>;
let asked: string[];

/** Three nodes in service, whose demand has been low for long. */
async function start(scaling = { minSize: 0, maxSize: 6, desiredSize: 3 }): Promise<readonly string[]> {
  nodeGroup = aws.eks.createNodegroup({ region: "eu-central-1", cluster: "prod", name: "llm", scaling });
  await memory.save("llm", settledAt(3), 0);
  return live();
}
beforeEach(async () => {
  now = NOON;
  memory = createInMemory();
  asked = [];
  says = { queue: () => steady(0, now) };
  aws = await startAws({ now: () => now });
});
afterEach(() => aws.stop());

const live = (): readonly string[] =>
  nodeGroup.group.instances
    .filter((instance) => instance.lifecycle === "InService")
    .map((instance) => `aws:///${instance.zone}/${instance.id}`);

/** One value after the other, the last one again and again. */
const inTurn = (...values: readonly (() => SignalObservation)[]): (() => SignalObservation) => {
  let turn = 0;
  return () => (values[turn++] ?? values.at(-1))?.() ?? unknown;
};
const busy =
  (nodes: readonly string[], ...working: readonly string[]) =>
  () =>
    readingsAt(Object.fromEntries(nodes.map((id) => [id, working.includes(id) ? 1 : 0])), now);

function run(policy: Policy = BY_NODE) {
  let ids = 0;
  return reconcile(
    { workload: "llm", trigger: "tick", cause: "tick", at: now, key: `${now}` },
    {
      policy: async () => ({ policy, revision: "r1" }),
      sources: {
        open: async () => ({
          fetch: async ({ name }) => {
            asked.push(name);
            return says[name]?.() ?? unknown;
          },
        }),
      },
      pools: createPools({ eks: { endpoint: aws.url, credentials: CREDENTIALS } }),
      memory,
      telemetry: SILENT,
      clock: () => now,
      stop: NO_STOP,
      newId: () => `id-${now}-${ids++}`,
    },
  );
}

const mutating = () => aws.calls.filter((call) => call.mutating).map((call) => call.operation);
const remembered = async () => (await memory.load("llm")).value;
const audit = async (type: string) =>
  (await memory.history("llm", 50)).filter((e) => e.type === `dev.vramp.${type}`).map((e) => e.data);

describe("idle nodes", () => {
  it("are removed by name, and the change counts once the size has fallen", async () => {
    const [a = "", b = "", c = ""] = await start();
    says.busy = busy([a, b, c], b);

    const outcome = await run();

    expect(outcome).toMatchObject({ actions: [{ from: 3, to: 1, remove: [a, c], result: { kind: "accepted" } }] });
    expect(live()).toEqual([b]);
    expect(mutating()).toEqual(["TerminateInstanceInAutoScalingGroup", "TerminateInstanceInAutoScalingGroup"]);
    expect(await audit("acted")).toMatchObject([{ pool: "llm", from: 3, to: 1, nodes: [a, c] }]);
    expect((await audit("acted"))[0]).not.toHaveProperty("force");
    now += MINUTE;
    says.busy = busy([b], b);
    await run();
    expect(await remembered()).toMatchObject({
      intents: [],
      external: null,
      scaleDowns: [{ at: now, change: 2 }],
      lastChange: { from: 3, to: 1 },
    });
    expect(await audit("resolved")).toMatchObject([{ nodes: [a, c], resolution: "the cloud finished the operation" }]);
  });

  it("below the cloud's minimum go once it is lowered, and nothing counts before", async () => {
    const nodes = await start({ minSize: 3, maxSize: 6, desiredSize: 3 });
    says.busy = busy(nodes);

    await run();
    expect(mutating()).toEqual(["UpdateNodegroupConfig"]);
    now += 2 * MINUTE;
    await run();
    expect(live()).toHaveLength(1);
    expect(await remembered()).toMatchObject({ scaleDowns: [], external: null });
    now += MINUTE;
    await run();

    expect(await remembered()).toMatchObject({ scaleDowns: [{ change: 2 }], intents: [], external: null });
  });

  it("go in a run of their own where other nodes never came", () => {
    const nodes = ["a", "b"].map((id) => node(id));
    const signals = { queue: steady(0, NOON), busy: readingsAt({ a: 1, b: 0 }) };
    const policy = busyFleet({ ...SHRINKING, scaleDown: { any: [{ signal: "queue", below: 10 }], remove: 2 } });
    const pool = poolOf(3, 2, { nodes });
    const { decision, memory: next } = decided({ policy, signals, pool, memory: settledAt(3) });
    expect(decision).toMatchObject({ pools: { llm: 1 }, remove: { llm: ["b"] } });
    const observation = { workload: "llm", trigger: "tick" as const, signals, pools: { llm: pool }, others: null };
    const changes = changesOf(decision, workloadIn(policy), observation, next, false);
    expect(changes).toMatchObject([{ from: 3, to: 2, remove: ["b"] }]);
  });
});

describe("just before it acts", () => {
  it("leaves out what has begun to work, by one more request", async () => {
    const [a = "", b = "", c = ""] = await start();
    says.busy = inTurn(busy([a, b, c]), busy([a, b, c], a));

    const outcome = await run();

    expect(outcome).toMatchObject({ actions: [{ from: 3, to: 2, remove: [b], result: { kind: "accepted" } }] });
    expect(live()).toEqual([a, c]);
    expect(asked.filter((name) => name === "busy")).toHaveLength(2);
    expect(asked.filter((name) => name === "queue")).toHaveLength(1);
    expect((await remembered()).intents).toMatchObject([{ from: 3, to: 2, remove: [b] }]);
  });

  it.each([
    ["all of it has begun to work", (nodes: readonly string[]) => busy(nodes, ...nodes)],
    ["nobody can be asked any more", () => () => unknown],
  ])("waits when %s", async (_, second) => {
    const nodes = await start();
    says.busy = inTurn(busy(nodes), second(nodes));

    const outcome = await run();

    expect(outcome).toMatchObject({ actions: [{ waits: "BusyNodes", result: { kind: "waiting" } }] });
    expect(mutating()).toEqual([]);
    expect((await remembered()).intents).toEqual([]);
    expect(await audit("decided")).toMatchObject([{ waiting: [{ pool: "llm", reason: "BusyNodes" }] }]);
  });

  it.each([
    ["still nothing runs", 0, ["UpdateNodegroupConfig"]],
    ["something runs", 3, []],
  ])("asks demand again where that is all there is to ask: %s", async (_, later, calls) => {
    await start();
    says.queue = inTurn(
      () => steady(0, now),
      () => steady(later, now),
    );

    await run(fleetOf({ ...SHRINKING, scaleIn: {} }));

    expect(mutating()).toEqual(calls);
    expect(asked).toEqual(["queue", "queue"]);
  });

  it("asks nothing again where the work may be interrupted, or where nothing shrinks", async () => {
    await start();
    await run(fleetOf(SHRINKING));
    expect(mutating()).toEqual(["UpdateNodegroupConfig"]);
    says.queue = () => steady(30, now);
    now += 5 * MINUTE;
    await run(fleetOf({ ...SHRINKING, scaleIn: {} }));
    expect(asked).toEqual(["queue", "queue"]);
  });
});

describe("a wait for busy nodes that ends between the two looks", () => {
  it("is no force: what has begun to work meanwhile stays", async () => {
    const [a = "", b = "", c = ""] = await start();
    const { value, version } = await memory.load("llm");
    await memory.save("llm", { ...value, scaleIn: { since: now - HOUR + 5 } }, version);
    says.busy = inTurn(
      () => {
        const first = busy([a, b, c], b, c)();
        now += 10;
        return first;
      },
      busy([a, b, c], a, b, c),
    );

    const outcome = await run(busyFleet({ ...SHRINKING, scaleIn: FORCING }));

    expect(outcome).toMatchObject({ actions: [{ waits: "BusyNodes", result: { kind: "waiting" } }] });
    expect(mutating()).toEqual([]);
  });
});

describe("busy nodes", () => {
  /** Waits since so long ago. */
  const waiting = async (ago: number) => {
    const nodes = await start();
    const { value, version } = await memory.load("llm");
    await memory.save("llm", { ...value, scaleIn: { since: now - ago } }, version);
    says.busy = busy(nodes, ...nodes);
    return nodes;
  };

  it("are news once, and again when the wait for them is over", async () => {
    await waiting(2 * HOUR - 2.5 * MINUTE);
    for (let i = 0; i < 6; i += 1) {
      await run();
      now += MINUTE;
    }
    const details = (await audit("decided")).map((data) => String(data.detail)).reverse();
    expect(details).toHaveLength(2);
    expect(details[0]).toContain("at most 2h");
    expect(details[1]).toContain("a person is to decide");
    expect(mutating()).toEqual([]);
  });

  it("are taken by force where the policy says so, and the audit says so too", async () => {
    const [a = "", b = ""] = await waiting(HOUR);

    const outcome = await run(busyFleet({ ...SHRINKING, scaleIn: FORCING }));

    expect(outcome).toMatchObject({ actions: [{ to: 1, remove: [a, b], result: { kind: "accepted" } }] });
    expect(live()).toHaveLength(1);
    expect(await audit("decided")).toMatchObject([{ reason: "BusyNodes", force: ["llm"], remove: { llm: [a, b] } }]);
    expect(await audit("acted")).toMatchObject([{ nodes: [a, b], force: true }]);
    expect(asked.filter((name) => name === "busy")).toHaveLength(1);
  });

  it("are not called forced while idle ones suffice", async () => {
    const [a = "", b = "", c = ""] = await waiting(HOUR);
    says.busy = busy([a, b, c], c);
    await run(busyFleet({ ...SHRINKING, scaleIn: FORCING }));
    expect((await audit("acted"))[0]).not.toHaveProperty("force");
    expect((await audit("decided"))[0]).not.toHaveProperty("force");
  });
});

describe("a removal whose outcome was never heard", () => {
  /** What a run leaves that was cut off after its call. */
  const leave = async (remove: readonly string[]): Promise<void> => {
    const { value, version } = await memory.load("llm");
    const intent: Intent = {
      id: "i",
      pool: "llm",
      from: 3,
      to: 3 - remove.length,
      remove,
      at: now - 60,
      epoch: 1,
      policyRevision: "r1",
      operation: null,
    };
    const left: WorkloadMemory = { ...value, intents: [intent] };
    await memory.save("llm", left, version);
  };

  it("took effect when the size has fallen, though the node still drains", async () => {
    const [a = "", b = "", c = ""] = await start();
    await leave([a]);
    nodeGroup.group.terminate(a.split("/").at(-1) ?? "", true, now);
    says.busy = busy([a, b, c], b, c);

    await run();

    expect(await audit("resolved")).toMatchObject([{ nodes: [a], resolution: expect.stringContaining("took effect") }]);
    expect(await remembered()).toMatchObject({ intents: [], external: null, scaleDowns: [{ change: 1 }] });
    expect(mutating()).toEqual([]);
  });

  it("took effect when its nodes are gone, and what did not lower the size does not count", async () => {
    const nodes = await start();
    await leave(["aws:///eu-central-1a/i-0gone"]);
    says.busy = busy(nodes, ...nodes);

    await run();

    expect(await audit("resolved")).toMatchObject([{ resolution: expect.stringContaining("took effect") }]);
    expect(await remembered()).toMatchObject({ intents: [], scaleDowns: [] });
  });

  it("is decided anew when the nodes are still there", async () => {
    const [a = "", b = "", c = ""] = await start();
    await leave([a]);
    says.busy = busy([a, b, c], a);

    await run();

    expect(await audit("resolved")).toMatchObject([{ resolution: expect.stringContaining("not take effect") }]);
    expect(live()).toEqual([a]);
  });
});
