import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import type { NodeGroup } from "../../sandbox/clouds/eks-node-group.ts";
import { fleetOf, MINUTE, NOON, steady, unknown } from "../../test/support/fleet.ts";
import { OPEN_INTENT } from "../../test/support/open-intent.ts";
import { NEVER_FAILED } from "../decide/capacity/health.ts";
import { MemoryUnavailable, VersionConflict } from "../memory/errors.ts";
import { createInMemory } from "../memory/in-memory.ts";
import type { Memory } from "../memory/memory.ts";
import { EMPTY_MEMORY, type Intent } from "../model/memory.ts";
import type { SignalObservation } from "../model/signal.ts";
import type { Policy } from "../policy/schema/policy.ts";
import { PoolError } from "../pools/errors.ts";
import type { NodePools } from "../pools/node-pools.ts";
import { createPools } from "../pools/pools.ts";
import { NO_STOP } from "../stop/stop.ts";
import { SILENT } from "../telemetry/telemetry.ts";
import type { ReconcileDeps } from "./deps.ts";
import { UnknownWorkload } from "./look.ts";
import { override } from "./operate.ts";
import { reconcile } from "./reconcile.ts";

const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "test" };
const WAKE = { workload: "llm", trigger: "tick", cause: "tick", at: NOON, key: "k" } as const;

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

function deps(more: Partial<ReconcileDeps> & { policyIs?: Policy } = {}): ReconcileDeps {
  const { policyIs = fleetOf(), ...rest } = more;
  let ids = 0;
  return {
    policy: async () => ({ policy: policyIs, revision: "r1" }),
    sources: { open: async () => ({ fetch: async () => queue }) },
    pools: createPools({ eks: { endpoint: aws.url, credentials: CREDENTIALS } }),
    memory,
    telemetry: SILENT,
    clock: () => now,
    stop: NO_STOP,
    newId: () => `id-${now}-${ids++}`,
    ...rest,
  };
}

const resizes = () => aws.calls.filter((call) => call.mutating);
const accepted = () => resizes().filter((call) => call.outcome?.status === 200);
const audit = async () => (await memory.history("llm", 50)).map((e) => e.type.replace("dev.vramp.", "")).reverse();
const remembered = async () => (await memory.load("llm")).value;

describe("a run", () => {
  it("resizes the pool, and remembers and records what it did [F73]", async () => {
    const outcome = await reconcile(WAKE, deps());
    expect(outcome).toMatchObject({
      kind: "done",
      decision: { current: 1, want: 3 },
      actions: [{ from: 1, to: 3, result: { kind: "accepted" } }],
    });
    expect(nodeGroup.group.bounds.desired).toBe(3);
    const value = await remembered();
    expect(value.intents).toMatchObject([{ pool: "llm", from: 1, to: 3, epoch: 1, policyRevision: "r1" }]);
    expect(value.intents[0]?.operation).not.toBeNull();
    expect(value).toMatchObject({
      scaleUps: [{ at: NOON, change: 2 }],
      lastChange: { from: 1, to: 3, settledAt: null },
    });
    expect(await audit()).toEqual(["decided", "acted"]);
  });

  it.each([{ kind: "set" }, { kind: "unknown", why: "gone" }] as const)(
    "changes nothing while the fleet's stop is %o, goes on deciding, and goes on once it is clear",
    async (state) => {
      const outcome = await reconcile(WAKE, deps({ stop: { read: async () => state } }));
      expect(outcome).toMatchObject({ decision: { want: 3 }, actions: [{ waits: "Stopped" }] });
      expect(resizes()).toEqual([]);
      expect((await remembered()).intents).toEqual([]);
      await reconcile(WAKE, deps());
      expect(nodeGroup.group.bounds.desired).toBe(3);
    },
  );

  it("notes its intent before it calls the cloud [F67]", async () => {
    const order: string[] = [];
    const { save } = memory;
    memory = {
      ...memory,
      save: (...args) => {
        order.push(args[1].intents.length > 0 ? "intent" : "memory");
        return save(...args);
      },
    };
    const pools = deps().pools;
    await reconcile(
      WAKE,
      deps({
        pools: {
          ...pools,
          resize: (...args) => {
            order.push("resize");
            return pools.resize(...args);
          },
        },
      }),
    );
    expect(order.slice(0, 2)).toEqual(["intent", "resize"]);
  });

  it("asks for nothing while the pool is busy with what was asked before [F77]", async () => {
    await reconcile(WAKE, deps());
    now += 5;
    await reconcile(WAKE, deps());
    expect(resizes()).toHaveLength(1);
    expect((await remembered()).intents).toHaveLength(1);
  });

  it("closes its intent once the cloud is done", async () => {
    await reconcile(WAKE, deps());
    now += 5 * MINUTE;
    queue = steady(120, now);
    await reconcile(WAKE, deps());
    expect(await remembered()).toMatchObject({ intents: [], lastChange: { to: 3, settledAt: now } });
    expect(await audit()).toContain("resolved");
  });

  it("says nothing new to the audit when nothing is new", async () => {
    queue = steady(30, now);
    for (let i = 0; i < 3; i += 1) await reconcile(WAKE, deps());
    expect(await audit()).toEqual(["decided"]);
  });

  it("reads each signal once and each pool once", async () => {
    let reads = 0;
    queue = steady(30, now);
    const fetch = async () => {
      reads += 1;
      return queue;
    };
    await reconcile(WAKE, deps({ sources: { open: async () => ({ fetch }) } }));
    expect(reads).toBe(1);
    expect(aws.calls.filter((call) => call.operation === "DescribeNodegroup")).toHaveLength(1);
  });
});

describe("two runs at once", () => {
  it("resize once [F21] [F65]", async () => {
    const outcomes = await Promise.all([
      reconcile(WAKE, deps()),
      reconcile({ ...WAKE, trigger: "alert" }, { ...deps(), newId: () => "other" }),
    ]);
    expect(outcomes.map((o) => o.kind).sort()).toEqual(["done", "leased"]);
    expect(accepted()).toHaveLength(1);
  });

  it("leave an override alone that was put in force in between [F26]", async () => {
    const sources = {
      open: async () => ({
        fetch: async () => {
          const until = now + 60;
          await override({ memory }, "llm", {
            kind: "pause",
            direction: "both",
            reason: "r",
            actor: "a",
            at: now,
            until,
          });
          return queue;
        },
      }),
    };
    await expect(reconcile(WAKE, deps({ sources }))).rejects.toThrow(VersionConflict);
    expect(resizes()).toEqual([]);
  });
});

describe("an operator who speaks while a run looks", () => {
  it("is heard by that run, which looks again [F26]", async () => {
    let looks = 0;
    const fetch = async () => {
      looks += 1;
      const by = { reason: "r", actor: "a", at: now, until: now + 60 };
      if (looks === 1) await override({ memory }, "llm", { kind: "pause", direction: "both", ...by });
      return queue;
    };
    const outcome = await reconcile(WAKE, deps({ sources: { open: async () => ({ fetch }) } }));
    expect(outcome).toMatchObject({ kind: "done", decision: { want: 1, reason: "Paused" }, actions: [] });
    expect(looks).toBe(2);
    expect(resizes()).toEqual([]);
  });
});

describe("observe mode", () => {
  it("decides and records, and touches no cloud", async () => {
    const outcome = await reconcile(WAKE, deps({ policyIs: fleetOf({ mode: "observe" }) }));
    expect(outcome).toMatchObject({
      decision: { want: 3 },
      actions: [{ waits: "Observing", result: { kind: "waiting" } }],
    });
    expect(resizes()).toEqual([]);
    expect(await audit()).toEqual(["decided"]);
  });
});

describe("a call whose outcome was never heard", () => {
  const left = (intent: Intent) => ({
    ...EMPTY_MEMORY,
    pools: { llm: { at: NOON - 60, desired: 1, ready: 1, health: NEVER_FAILED } },
    intents: [intent],
  });

  it("is taken for done when the pool shows it, and is not repeated [F67]", async () => {
    await memory.save("llm", left(OPEN_INTENT), 0);
    nodeGroup.group.resize({ min: 0, max: 6, desired: 3 }, now);
    await reconcile(WAKE, deps());
    expect(resizes()).toEqual([]);
    expect(await remembered()).toMatchObject({
      intents: [],
      scaleUps: [{ change: 2 }],
      lastChange: { from: 1, to: 3 },
    });
    const [resolved] = (await memory.history("llm", 50)).filter((e) => e.type.endsWith("resolved"));
    expect(resolved?.data).toMatchObject({
      pool: "llm",
      resolution: expect.stringContaining("took effect"),
    });
  });

  it("is decided anew when the pool shows no sign of it [F67]", async () => {
    await memory.save("llm", left(OPEN_INTENT), 0);
    await reconcile(WAKE, deps());
    expect(accepted()).toHaveLength(1);
    expect(nodeGroup.group.bounds.desired).toBe(3);
    expect(await audit()).toEqual(["resolved", "decided", "acted"]);
  });

  it("stays open while the pool cannot be read, and the pool is left alone [F67]", async () => {
    await memory.save("llm", left(OPEN_INTENT), 0);
    aws.fault({ operation: "DescribeNodegroup", kind: "denied", times: 9 });
    await reconcile(WAKE, deps());
    expect((await remembered()).intents).toEqual([OPEN_INTENT]);
    expect(resizes()).toEqual([]);
  });
});

describe("what the cloud refuses", () => {
  it.each([
    ["denied", "Forbidden"],
    ["throttle", "Throttled"],
  ] as const)("%s becomes one typed outcome, and no open intent", async (kind, error) => {
    aws.fault({ operation: "UpdateNodegroupConfig", kind, times: 9 });
    const outcome = await reconcile(WAKE, deps());
    expect(outcome).toMatchObject({ actions: [{ result: { kind: "failed", error: { kind: error } } }] });
    expect(await remembered()).toMatchObject({ intents: [], scaleUps: [], lastChange: null });
    expect(await audit()).toEqual(["decided", "failed"]);
  });

  it.each([
    ["the call itself", { refuse: true }],
    ["the operation that it had accepted", { refuse: false }],
  ])("for want of room, by %s, leaves the pool alone for a while [F78]", async (_, { refuse }) => {
    const { pools } = deps();
    const noRoom = { kind: "NoCapacity", message: "no such node" } as const;
    const full: NodePools = {
      ...pools,
      resize: async (...args) => {
        if (refuse) throw new PoolError(noRoom.kind, noRoom.message);
        return pools.resize(...args);
      },
      poll: async () => ({ kind: "failed", error: noRoom }),
    };
    await reconcile(WAKE, deps({ pools: full }));
    now += MINUTE;
    queue = steady(120, now);
    await reconcile({ ...WAKE, at: now }, deps({ pools: full }));
    const { health } = (await remembered()).pools.llm ?? {};
    expect(health).toMatchObject({ failures: 1, trouble: "NoCapacity" });
  });

  it("an unknown node group is an outcome of its own [F85]", async () => {
    aws.eks.deleteNodegroup("eu-central-1", "prod", "llm");
    const outcome = await reconcile(WAKE, deps());
    expect(outcome).toMatchObject({ kind: "done", decision: { reason: "NotFound" }, actions: [] });
  });
});

describe("what keeps a run from acting", () => {
  it("no memory: no call [F69]", async () => {
    const save = () => Promise.reject(new MemoryUnavailable("down"));
    await expect(reconcile(WAKE, deps({ memory: { ...memory, save } }))).rejects.toThrow(MemoryUnavailable);
    expect(resizes()).toEqual([]);
  });

  it("a lease that has run out by the time it would act [F66]", async () => {
    const fetch = async () => {
      now += 80;
      return queue;
    };
    const outcome = await reconcile(WAKE, deps({ sources: { open: async () => ({ fetch }) } }));
    expect(outcome).toMatchObject({ actions: [{ result: { kind: "failed", error: { kind: "Busy" } } }] });
    expect(resizes()).toEqual([]);
  });

  it("a workload that the policy does not have", async () => {
    await expect(reconcile({ ...WAKE, workload: "nope" }, deps())).rejects.toThrow(UnknownWorkload);
  });

  it("unknown signals: nothing shrinks [F29]", async () => {
    nodeGroup.group.resize({ min: 0, max: 6, desired: 4 }, now);
    queue = unknown;
    const outcome = await reconcile(WAKE, deps());
    expect(outcome).toMatchObject({ decision: { want: 4, reason: "SignalUnknown" }, actions: [] });
  });
});
