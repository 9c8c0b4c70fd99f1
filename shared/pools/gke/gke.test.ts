import { createServer } from "node:http";
import { GoogleAuth } from "google-auth-library";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Gke, startGke } from "../../../sandbox/clouds/gke.ts";
import type { NodePoolSpec } from "../../../sandbox/clouds/gke-node-pool.ts";
import { createIdentities } from "../../identity/identities.ts";
import type { Pool } from "../../policy/schema/pools.ts";
import type { NodePools } from "../node-pools.ts";
import { createGkePools } from "./gke.ts";

// What is GKE's alone; what any cloud must do stands in test/contract.

const PLACE = { project: "acme", location: "europe-west4", cluster: "gpu" };
const PACE = { launch: 180, drain: 60, pending: 5, running: 20 };
const SETTLE = PACE.pending + PACE.running;
const never = new AbortController().signal;
let now = 0;
let gke: Gke;
let pools: NodePools;

const poolOf = (nodePool = "llm", control: Pool["control"] = "desired"): Pool => ({
  name: nodePool,
  capacity: "spot",
  control,
  gke: { ...PLACE, nodePool },
});
const make = (spec: Partial<NodePoolSpec> = {}) =>
  gke.createNodePool({ ...PLACE, name: "llm", size: 1, spot: true, pace: PACE, ...spec });
const observe = (pool = poolOf()) => pools.observe(pool, never);
const resize = (nodes: number, pool = poolOf()) => pools.resize(pool, nodes, crypto.randomUUID(), never);
const sent = () => gke.calls.filter((call) => call.mutating).map((call) => call.input);

beforeEach(async () => {
  now = 1_800_000_000;
  gke = await startGke({ now: () => now });
  const limits = { requestTimeout: 1, attempts: 2, backoff: 0.01 };
  pools = createGkePools({ endpoint: gke.url, computeEndpoint: gke.url, limits, now: () => now });
});
afterEach(() => gke.stop());

describe("sizes", () => {
  it("turns a total into the size of each zone, rounded up, and tells the total that comes of it", async () => {
    make({ size: 1 });

    await resize(4);
    now += SETTLE + PACE.launch;

    expect(sent()).toEqual([{ nodePool: "llm", nodeCount: 2 }]);
    expect(await observe()).toMatchObject({ desired: 6, ready: 6, max: 3000 });
  });

  it("does not fight over what rounding added", async () => {
    make({ size: 2 });

    const operation = await resize(4);

    expect(sent()).toEqual([]);
    expect(await pools.poll(poolOf(), operation, never)).toEqual({ kind: "succeeded" });
    expect((await observe()).desired).toBe(6);
  });

  it("counts the node pool's own zones rather than the cluster's", async () => {
    make({ size: 1, locations: ["europe-west4-b"] });

    await resize(4);

    expect(sent()).toEqual([{ nodePool: "llm", nodeCount: 4 }]);
    expect(gke.calls.map((call) => call.operation)).not.toContain("getCluster");
  });

  it("reads the size from the instance groups, not from what GKE was once told", async () => {
    const nodePool = make({ size: 2, locations: ["europe-west4-a"] });
    nodePool.setDesired(5, now);

    expect(nodePool.initialNodeCount).toBe(2);
    expect(await observe()).toMatchObject({ desired: 5, ready: 2 });
  });

  it("reports a change as under way while GKE has not passed it on", async () => {
    make({ locations: ["europe-west4-a"] });

    const operation = await resize(3);

    expect(await observe()).toMatchObject({ desired: 1, status: "updating" });
    expect(await pools.poll(poolOf(), operation, never)).toEqual({ kind: "running" });
    now += PACE.pending;
    expect(await observe()).toMatchObject({ desired: 3, ready: 1, status: "updating" });
  });

  it("takes no node from a full zone to grow an uneven pool", async () => {
    const nodePool = make({ size: 2 });
    const [a, b] = nodePool.groups;
    const ids = [a, b].flatMap((group) => group?.instances.map((i) => `gce://acme/${group.spec.zone}/${i.name}`) ?? []);
    await pools.remove(poolOf(), ids, "removal", never);
    now += PACE.drain;
    expect(nodePool.groups.map((group) => group.target)).toEqual([0, 0, 2]);

    await resize(3);
    now += PACE.pending;
    gke.advance();

    expect(nodePool.groups.map((group) => group.target)).toEqual([2, 2, 2]);
  });
});

describe("one operation per cluster", () => {
  it("refuses a second pool's change as Busy while the first is under way [F77]", async () => {
    make({ locations: ["europe-west4-a"] });
    make({ name: "embedding", locations: ["europe-west4-a"] });
    await resize(2);

    await expect(resize(2, poolOf("embedding"))).rejects.toMatchObject({ kind: "Busy" });
    now += SETTLE;
    await resize(2, poolOf("embedding"));

    expect((await observe(poolOf("embedding"))).status).toBe("updating");
  });
});

describe("the cluster's autoscaler", () => {
  const autoscaling = { enabled: true, totalMinNodeCount: 1, totalMaxNodeCount: 4 };

  it("keeps vramp from setting a size or removing nodes, and says what to do", async () => {
    make({ autoscaling });
    const [node] = (await observe()).nodes ?? [];

    const refusal = { kind: "Invalid", message: expect.stringContaining("--no-enable-autoscaling") };
    await expect(resize(2)).rejects.toMatchObject(refusal);
    await expect(pools.remove(poolOf(), [node?.id ?? ""], "removal", never)).rejects.toMatchObject(refusal);
    expect(sent()).toEqual([]);
    expect(await observe()).toMatchObject({ min: 1, max: 4 });
  });

  it("is given bounds that leave it one size, where the policy says so", async () => {
    const pool = poolOf("llm", "bounds");
    const nodePool = make({ autoscaling: { ...autoscaling, locationPolicy: "ANY" } });

    const operation = await resize(5, pool);
    now += SETTLE + 60 + PACE.launch;

    expect(await pools.poll(pool, operation, never)).toEqual({ kind: "succeeded" });
    expect(nodePool.autoscaling).toMatchObject({ totalMinNodeCount: 5, totalMaxNodeCount: 5, locationPolicy: "ANY" });
    expect(await observe(pool)).toMatchObject({ desired: 5, min: 0, max: 3000 });
  });

  it("is asked once for the same bounds, and never for a maximum of zero", async () => {
    const pool = poolOf("llm", "bounds");
    const nodePool = make({ autoscaling: { enabled: true, minNodeCount: 1, maxNodeCount: 1 } });

    await resize(0, pool);
    now += SETTLE;
    await resize(0, pool);

    expect(sent()).toHaveLength(1);
    expect(nodePool.autoscaling).toMatchObject({ minNodeCount: 0, maxNodeCount: 1 });
  });

  it("must be on where the policy says bounds", async () => {
    make();

    await expect(resize(2, poolOf("llm", "bounds"))).rejects.toMatchObject({ kind: "Invalid" });
    expect(sent()).toEqual([]);
  });
});

describe("nodes", () => {
  it("are named as the metrics name them, by provider id", async () => {
    make();

    const { nodes } = await observe();

    expect(nodes).toHaveLength(3);
    for (const node of nodes ?? [])
      expect(node.id).toMatch(/^gce:\/\/acme\/europe-west4-[abc]\/gke-gpu-llm-\w{8}-\w{4}$/);
  });

  it("are not ready, and stand as noticed, while Google takes them back [F83]", async () => {
    const nodePool = make({ locations: ["europe-west4-a"], size: 2 });
    const [group] = nodePool.groups;
    const victim = group?.instances[0]?.name ?? "";
    group?.preempt(victim, now);

    const state = await observe();

    expect(state).toMatchObject({ desired: 2, ready: 1 });
    expect(state.nodes?.filter((node) => node.noticed).map((node) => node.id)).toEqual([
      `gce://acme/europe-west4-a/${victim}`,
    ]);
  });

  it("are counted beyond the first page", async () => {
    make({ locations: ["europe-west4-a"], size: 501 });

    expect(await observe()).toMatchObject({ desired: 501, ready: 501 });
  });

  it("are deleted under one request id, the same for the same intent", async () => {
    make({ locations: ["europe-west4-a"] });
    const [node] = (await observe()).nodes ?? [];
    gke.fault({ operation: "instanceGroupManagers.deleteInstances", kind: "lost" });

    await pools.remove(poolOf(), [node?.id ?? ""], "intent-1", never);

    const requests = sent().map((input) =>
      typeof input === "object" && input !== null ? Object(input).requestId : null,
    );
    expect(requests).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), requests[0]]);
    expect((await observe()).desired).toBe(0);
  });
});

describe("refusals", () => {
  it.each([
    ["STOPPING", "NotFound"],
    ["ERROR", "Invalid"],
  ] as const)("a node pool in state %s is %s", async (phase, kind) => {
    make().phase = phase;

    await expect(observe()).rejects.toMatchObject({ kind });
    await expect(resize(1)).rejects.toMatchObject({ kind });
    expect(sent()).toEqual([]);
  });

  it("sees a node pool that is being created as updating, with no node yet", async () => {
    make().phase = "PROVISIONING";

    expect(await observe()).toMatchObject({ desired: 0, ready: 0, status: "updating", nodes: [] });
  });

  it("still tells of a shortage, as of now, when Compute Engine gives no times", async () => {
    make({ locations: ["europe-west4-a"] }).limitCapacity(1);
    await resize(3);
    now += SETTLE;
    gke.fault({ operation: "instanceGroupManagers.listErrors", kind: "denied" });

    expect(await observe()).toMatchObject({ capacityError: now, issues: [{ kind: "NoCapacity" }] });
  });

  it("gives up at once on an answer that the SDK cannot decode, which it would repeat for 20 s", async () => {
    let calls = 0;
    const server = createServer((_, response) => {
      calls += 1;
      const body = { name: "llm", status: "RUNNING", config: { bootDisk: { sizeGb: { not: "a string" } } } };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;

    const looked = createGkePools({ endpoint, computeEndpoint: endpoint }).observe(poolOf(), never);

    await expect(looked).rejects.toMatchObject({
      kind: "Unavailable",
      message: expect.stringContaining("cannot be read"),
    });
    expect(calls).toBe(1);
    server.close();
  });

  it("says that there is no identity, and asks again with the next run", async () => {
    let asked = 0;
    class Nobody extends GoogleAuth {
      override getClient(): Promise<never> {
        asked += 1;
        return Promise.reject(new Error("Could not load the default credentials."));
      }
    }
    const identities = { ...createIdentities(), google: async () => new Nobody() };
    const away = createGkePools({ identities, computeEndpoint: gke.url });

    for (let run = 0; run < 2; run++)
      await expect(away.observe(poolOf(), never)).rejects.toMatchObject({
        kind: "Forbidden",
        message: expect.stringContaining("workloadIdentity"),
      });
    expect(asked).toBe(2);
  });

  it("names an endpoint that is none", async () => {
    const lost = createGkePools({ endpoint: "gke.local", computeEndpoint: gke.url });

    await expect(lost.observe(poolOf(), never)).rejects.toMatchObject({
      kind: "Invalid",
      message: expect.stringContaining("VRAMP_GKE_ENDPOINT"),
    });
  });
});
