import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { AgentPool } from "../../sandbox/clouds/aks-agent-pool.ts";
import { createPools } from "../../shared/pools/pools.ts";
import { NO_CAPACITY, openAks, openAksWorld, PACE, poolNamed } from "./aks-world.ts";
import { expectRefusal, never } from "./cloud-world.ts";
import { nodePoolsContract } from "./node-pools.contract.ts";

nodePoolsContract("AKS", openAksWorld);

const POOL = poolNamed("llm");

const stops: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));

/** A spot pool of so many nodes, and shorthands for what is done with it. */
async function opened(count: number, spec: Parameters<Awaited<ReturnType<typeof openAks>>["create"]>[2] = {}) {
  const world = await openAks();
  stops.push(() => world.aks.stop());
  const agentPool = world.create("llm", count, spec);
  return {
    ...world,
    agentPool,
    observe: () => world.pools.observe(POOL, never),
    resize: (nodes: number, key = "intent-1") => world.pools.resize(POOL, nodes, key, never),
    poll: (token: string) => world.pools.poll(POOL, { pool: "llm", token }, never),
  };
}

const anyNode = (pool: AgentPool): string => {
  const [instance] = pool.instances;
  if (instance === undefined) throw new Error("the pool is empty");
  return pool.nameOf(instance);
};

const sent = z.object({ body: z.object({ properties: z.record(z.string(), z.unknown()) }), ifMatch: z.string() });

describe("resizing an AKS pool", () => {
  it("sends the pool back as it was read, under its ETag, without what would be an order", async () => {
    const { agentPool, resize, changes } = await opened(2);
    const { eTag, settings } = agentPool;

    await resize(4);

    const [change] = changes();
    const { body, ifMatch } = sent.parse(change?.input);
    expect(ifMatch).toBe(eTag);
    expect(body.properties).toEqual({ ...settings, enableAutoScaling: false, count: 4 });
    expect(agentPool.orders).toEqual([]);
  });

  it("keeps what someone else changed between the read and the write", async () => {
    const { agentPool, resize, changes } = await opened(2);
    agentPool.interfere(() => agentPool.change({ tags: { team: "search" } }));

    await resize(4);

    expect(changes().map((change) => change.status)).toEqual([412, 200]);
    expect(agentPool.settings).toMatchObject({ tags: { team: "search" } });
    expect(agentPool.count).toBe(4);
  });

  it("gives way to someone else's operation that began between the read and the write", async () => {
    const { agentPool, now, resize } = await opened(2);
    agentPool.interfere(() => agentPool.setCount(3, now()));

    await expectRefusal(resize(4), "Busy");

    expect(agentPool.count).toBe(3);
  });

  it("joins an operation that is under way for the very size", async () => {
    const { agentPool, now, resize, poll, pass, changes } = await opened(2);
    agentPool.setCount(4, now());

    const { token } = await resize(4);

    expect(changes()).toEqual([]);
    expect(await poll(token)).toEqual({ kind: "running" });
    pass(PACE.launch);
    expect(await poll(token)).toEqual({ kind: "succeeded" });
  });

  it("asks for nothing when the size is what it should be", async () => {
    const { aks, resize, poll, changes } = await opened(2);

    const { token } = await resize(2);
    const calls = aks.calls.length;

    expect(await poll(token)).toEqual({ kind: "succeeded" });
    expect(changes()).toEqual([]);
    expect(aks.calls).toHaveLength(calls);
  });

  it("gives Azure one request id for one intent, and another for another", async () => {
    const { aks, resize, pass, changes } = await opened(1);
    aks.fault({ operation: "agentPools.createOrUpdate", kind: "5xx" });

    await resize(2, "intent-1");
    pass(PACE.launch);
    await resize(3, "intent-2");

    const [first, again, second] = changes().map((change) => change.requestId);
    expect(first).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(again).toBe(first);
    expect(second).not.toBe(first);
  });

  it.each([
    ["a pool that the autoscaler governs", { autoscaler: { min: 0, max: 5 } }, 0, /--disable-cluster-autoscaler/],
    ["a system pool to zero", { mode: "System", spot: false }, 0, /system pool keeps 1/],
    ["a pool of type VirtualMachines", { type: "VirtualMachines" }, 3, /VirtualMachineScaleSets/],
  ] as const)("refuses %s, and asks for nothing", async (_, spec, nodes, what) => {
    const { resize, changes } = await opened(2, spec);

    const error = await expectRefusal(resize(nodes), "Invalid");

    expect(error.message).toMatch(what);
    expect(changes()).toEqual([]);
  });

  it("does not start a pool that someone stopped", async () => {
    const { agentPool, resize, observe, changes } = await opened(2);
    agentPool.stopped = true;

    expect(await observe()).toMatchObject({ desired: 2, ready: 0, status: "degraded", issues: [{ kind: "Invalid" }] });
    const error = await expectRefusal(resize(3), "Invalid");

    expect(error.message).toContain("az aks nodepool start");
    expect(changes()).toEqual([]);
  });

  describe("under control: bounds", () => {
    const BOUNDS = { ...POOL, control: "bounds" } as const;

    it.each([
      ["up", 4, { min: 4, max: 4 }, 4],
      ["down", 1, { min: 1, max: 1 }, 1],
      ["to zero, as near as AKS allows", 0, { min: 0, max: 1 }, 1],
    ])("moves the autoscaler's bounds %s, and not the size", async (_, nodes, bounds, count) => {
      const { agentPool, pools, pass, changes } = await opened(2, { autoscaler: { min: 1, max: 5 } });

      await pools.resize(BOUNDS, nodes, "intent-1", never);
      pass(PACE.launch);
      await pools.resize(BOUNDS, nodes, "intent-2", never);

      expect(agentPool.autoscaler).toEqual(bounds);
      expect(agentPool.count).toBe(count);
      expect(changes()).toHaveLength(1);
      expect(sent.parse(changes()[0]?.input).body.properties).toMatchObject({ count: 2 });
    });

    it("refuses a pool without an autoscaler, and to remove nodes by name", async () => {
      const { pools, changes } = await opened(2);

      const error = await expectRefusal(pools.resize(BOUNDS, 3, "intent-1", never), "Invalid");
      expect(error.message).toContain("--enable-cluster-autoscaler");
      await expectRefusal(pools.remove(BOUNDS, [], "intent-1", never), "Invalid");

      expect(changes()).toEqual([]);
    });
  });
});

describe("observing an AKS pool", () => {
  it("tells a spot pool that shrank by eviction as it is, and refills it when asked", async () => {
    const { agentPool, observe, resize, pass } = await opened(3);
    agentPool.evict(anyNode(agentPool));

    expect(await observe()).toMatchObject({ desired: 2, ready: 2, status: "active", issues: [] });
    await resize(3);
    pass(PACE.launch);
    expect(await observe()).toMatchObject({ desired: 3, ready: 3 });
  });

  it("does not take an evicted node that is only deallocated for a ready one", async () => {
    const { agentPool, observe } = await opened(3, { evictionPolicy: "Deallocate" });
    agentPool.evict(anyNode(agentPool));

    expect(await observe()).toMatchObject({ desired: 3, ready: 2, status: "active" });
  });

  it("tells the autoscaler's bounds where it governs the pool", async () => {
    const { observe } = await opened(2, { autoscaler: { min: 1, max: 7 } });

    expect(await observe()).toMatchObject({ min: 1, max: 7 });
  });

  it("names nodes as Kubernetes does", async () => {
    const { observe } = await opened(1);

    const { nodes } = await observe();

    expect(nodes?.[0]?.id).toMatch(
      /^azure:\/\/\/subscriptions\/[^/]+\/resourceGroups\/mc_ml-prod_gpu_westeurope\/providers\/Microsoft\.Compute\/virtualMachineScaleSets\/aks-llm-\d+-vmss\/virtualMachines\/0$/,
    );
  });

  it("counts no node as ready whose state it may not read, and says which permission is missing", async () => {
    const { aks, observe, resize } = await opened(2);
    await resize(3);
    aks.fault({ operation: "virtualMachines.list", kind: "denied" });

    const state = await observe();

    expect(state).toMatchObject({ desired: 3, ready: 0, status: "updating", issues: [{ kind: "Forbidden" }] });
    expect(state.issues[0]?.message).toContain("Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read");
  });

  it("does without a list of nodes where there is none", async () => {
    const world = await openAks(["machines.list"]);
    stops.push(() => world.aks.stop());
    world.create("llm", 2);

    expect(await world.pools.observe(POOL, never)).toMatchObject({ desired: 2, ready: 2, nodes: null });
    await world.pools.resize(POOL, 3, "intent-1", never);
    expect(await world.pools.observe(POOL, never)).toMatchObject({ desired: 3, ready: 0, nodes: null });
  });

  it("takes none for never having come where there is no list of nodes and a change failed", async () => {
    const world = await openAks(["machines.list"]);
    stops.push(() => world.aks.stop());
    world.create("llm", 2).limit({ nodes: 3, error: NO_CAPACITY });

    await world.pools.resize(POOL, 4, "intent-1", never);
    world.pass(PACE.launch);

    const { status, issues, ...state } = await world.pools.observe(POOL, never);
    expect(state).toMatchObject({ desired: 4, ready: 4, nodes: null });
    expect([status, issues.map(({ kind }) => kind)]).toEqual(["degraded", ["NoCapacity"]]);
  });
});

describe("an operation at AKS", () => {
  it("is polled by another process with one request while it runs", async () => {
    const { aks, now, resize } = await opened(1);
    const operation = await resize(2);
    const other = createPools({ aks: { endpoint: aks.url, tlsCa: aks.ca, now } });
    const calls = aks.calls.length;

    expect(await other.poll(POOL, operation, never)).toEqual({ kind: "running" });
    expect(aks.calls.slice(calls).map((call) => call.operation)).toEqual(["operations.get"]);
  });

  it("that AKS has forgotten is read from the pool", async () => {
    const { agentPool, resize, poll, pass, observe } = await opened(1);
    const { token } = await resize(2);
    pass(PACE.launch);
    await observe();
    agentPool.operations.splice(0);

    expect(await poll(token)).toEqual({ kind: "succeeded" });
  });

  it("whose failure has no reason gets the pool's", async () => {
    const { agentPool, resize, poll, pass } = await opened(1);
    agentPool.failNext(NO_CAPACITY, false);
    const { token } = await resize(2);
    pass(PACE.launch);

    expect(await poll(token)).toMatchObject({ kind: "failed", error: { kind: "NoCapacity" } });
  });

  it("is not asked for at an address that is not Azure's", async () => {
    const { aks, resize, poll, pass } = await opened(1);
    const { token } = await resize(2);
    pass(PACE.launch);
    const { port } = new URL(aks.url);

    expect(await poll(token.replaceAll(`127.0.0.1:${port}`, "127.0.0.1:1"))).toEqual({ kind: "succeeded" });
  });

  it("that holds the pool for over an hour is aborted once, and leaves it to the next change", async () => {
    const { agentPool, resize, poll, pass, changes } = await opened(1);
    agentPool.stickNext();
    const { token } = await resize(3);

    pass(3600);
    expect(await poll(token)).toEqual({ kind: "running" });
    expect(changes()).toHaveLength(1);
    pass(1);
    await poll(token);
    expect(changes().map((change) => change.operation)).toEqual([
      "agentPools.createOrUpdate",
      "agentPools.abortLatestOperation",
    ]);
    await expectRefusal(resize(1), "Busy");
    pass(PACE.drain);
    expect(await poll(token)).toMatchObject({ kind: "failed", error: { kind: "Unavailable" } });
    await resize(1);
    pass(PACE.drain);
    expect(agentPool.count).toBe(1);
  });
});

describe("reaching AKS", () => {
  it("refuses an endpoint over plain http, where Azure's SDK sends no token", async () => {
    const pools = createPools({ aks: { endpoint: "http://127.0.0.1:1" } });

    const error = await expectRefusal(pools.observe(POOL, never), "Invalid");

    expect(error.message).toContain("VRAMP_AKS_ENDPOINT");
  });

  it("says so when whoever signs in for it is not let in", async () => {
    const { aks } = await opened(1);
    const credential = {
      getToken: () => Promise.reject(Object.assign(new Error("no identity"), { name: "CredentialUnavailableError" })),
    };
    const pools = createPools({ aks: { endpoint: aks.url, tlsCa: aks.ca, credential } });

    await expectRefusal(pools.observe(POOL, never), "Forbidden");
  });
});
