import { ContainerServiceClient } from "@azure/arm-containerservice";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aks, startAks } from "./aks.ts";
import type { AgentPool, AgentPoolSpec } from "./aks-agent-pool.ts";

const PLACE = { subscription: "5c1a0f4e-9d57-4d5b-8a2e-0c7d8f7f6a11", resourceGroup: "ml", cluster: "gpu" };
const PATH = ["ml", "gpu", "llm"] as const;
const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };

let now: number;
let aks: Aks;
beforeEach(async () => {
  now = 1_800_000_000;
  aks = await startAks({ now: () => now });
});
afterEach(() => aks.stop());

const client = (apiVersion?: string) =>
  new ContainerServiceClient(credential, PLACE.subscription, {
    endpoint: aks.url,
    tlsOptions: { ca: aks.ca },
    retryOptions: { maxRetries: 0 },
    ...(apiVersion === undefined ? {} : { apiVersion }),
  });
const create = (spec: Partial<AgentPoolSpec> = {}): AgentPool =>
  aks.createAgentPool({ ...PLACE, name: "llm", count: 2, spot: true, ...spec });
const read = () => client().agentPools.get(...PATH);

/** Sends the pool back with these changes, and without what the server owns. */
async function write(changes: object, options: { ifMatch?: string } = {}): Promise<void> {
  const { nodeImageVersion: _, orchestratorVersion: __, powerState: ___, status: ____, ...pool } = await read();
  await client()
    .agentPools.createOrUpdate(...PATH, { ...pool, ...changes }, options)
    .submitted();
}

describe("the emulated AKS refuses", () => {
  it("whoever brings no token", async () => {
    create();
    const bare = new ContainerServiceClient(credential, PLACE.subscription, {
      endpoint: aks.url,
      tlsOptions: { ca: aks.ca },
    });
    bare.pipeline.addPolicy(
      {
        name: "withoutToken",
        sendRequest(request, next) {
          request.headers.delete("authorization");
          return next(request);
        },
      },
      { afterPhase: "Sign" },
    );

    await expect(bare.agentPools.get(...PATH)).rejects.toMatchObject({ statusCode: 401 });
  });

  it("an API version that it does not speak", async () => {
    create();

    await expect(client("2020-01-01").agentPools.get(...PATH)).rejects.toMatchObject({ statusCode: 400 });
  });

  it.each([
    ["a setting that is fixed", { vmSize: "Standard_D2s_v5" }, "PropertyChangeNotAllowed"],
    ["a spot price that is fixed", { spotMaxPrice: 1 }, "PropertyChangeNotAllowed"],
    ["a fixed setting left out", { vmSize: undefined }, "PropertyChangeNotAllowed"],
    ["what is unknown or its own", { virtualMachineNodesStatus: [] }, "InvalidParameter"],
    ["too many nodes", { count: 1001 }, "InvalidParameter"],
    ["bounds without an autoscaler", { minCount: 1, maxCount: 2 }, "InvalidParameter"],
    ["the autoscaler and a size at once", { enableAutoScaling: true, minCount: 0, maxCount: 5, count: 3 }, "Invalid"],
  ])("%s", async (_, changes, code) => {
    const pool = create();

    await expect(write(changes)).rejects.toMatchObject({ statusCode: 400, code: expect.stringContaining(code) });

    expect(pool.count).toBe(2);
  });

  it("a size where the autoscaler governs it, and a system pool's last node", async () => {
    create({ autoscaler: { min: 0, max: 5 } });
    await expect(write({ count: 3 })).rejects.toThrow("Cannot scale cluster autoscaler enabled node pool.");

    aks.deleteAgentPool("llm");
    create({ mode: "System", spot: false });
    await expect(write({ count: 0 })).rejects.toMatchObject({ statusCode: 400 });
  });

  it("a stale ETag, and a second operation beside a running one", async () => {
    create();
    await expect(write({ count: 3 }, { ifMatch: "etag-of-yesterday" })).rejects.toMatchObject({ statusCode: 412 });
    await write({ count: 3 });

    await expect(write({ count: 4 })).rejects.toMatchObject({ statusCode: 409, code: "OperationNotAllowed" });
  });

  it("to delete machines that the pool does not have", async () => {
    create();
    const poller = client().agentPools.deleteMachines(...PATH, { machineNames: ["aks-other-1-vmss000000"] });

    await expect(poller.submitted()).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe("the emulated AKS", () => {
  it.each([
    ["nodeImageVersion", { nodeImageVersion: "AKSUbuntu-2404gen2containerd-202610.01.0" }],
    ["orchestratorVersion", { orchestratorVersion: "1.33" }],
    ["powerState", { powerState: { code: "Running" } }],
  ])("notes %s as the order that it is", async (order, changes) => {
    const pool = create();

    await write({ count: 3, ...changes });

    expect(pool.orders).toEqual([order]);
  });

  it("loses a setting that a request leaves out", async () => {
    const pool = create();

    await write({ count: 3, tags: undefined });

    expect(pool.settings).not.toHaveProperty("tags");
  });

  it("keeps a spot pool at what evictions left", async () => {
    const pool = create();
    const [first] = pool.instances;
    pool.evict(first === undefined ? "" : pool.nameOf(first));
    now += 86_400;

    expect((await read()).count).toBe(1);
  });

  it("takes the named machine and no other", async () => {
    const pool = create();
    const [, second] = pool.instances;
    const machineNames = [second === undefined ? "" : pool.nameOf(second)];
    await client()
      .agentPools.deleteMachines(...PATH, { machineNames })
      .submitted();
    now += pool.pace.drain;

    expect(await read()).toMatchObject({ count: 1, provisioningState: "Succeeded" });
    expect(pool.instances.map(({ index }) => index)).toEqual([0]);
  });
});
