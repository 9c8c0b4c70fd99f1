import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { type Gke, startGke } from "./gke.ts";
import type { NodePool } from "./gke-node-pool.ts";

const PLACE = { project: "acme", location: "europe-west4", cluster: "gpu" };
const POOL = "/v1/projects/acme/locations/europe-west4/clusters/gpu/nodePools/llm";
const PACE = { launch: 180, drain: 60, pending: 5, running: 20 };
let now = 0;
let gke: Gke;
let nodePool: NodePool;

beforeEach(async () => {
  now = 1_800_000_000;
  gke = await startGke({ now: () => now });
  nodePool = gke.createNodePool({ ...PLACE, name: "llm", size: 2, spot: true, pace: PACE }, ["europe-west4-a"]);
});
afterEach(() => gke.stop());

// What the tests read of any reply.
const reply = z.looseObject({
  name: z.string().default(""),
  status: z.string().default(""),
  managedInstances: z.array(z.unknown()).default([]),
});

async function send(method: "GET" | "POST", path: string, body?: unknown, token = "Bearer t") {
  const response = await fetch(gke.url + path, {
    method,
    headers: { authorization: token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: reply.parse(await response.json()) };
}
const groupPath = () => `/compute/v1/${nodePool.groups[0]?.path}`;
const names = () => nodePool.groups.flatMap((group) => group.instances.map((instance) => instance.name));

it("wants a bearer token", async () => {
  expect(await send("GET", POOL, undefined, "")).toMatchObject({
    status: 401,
    body: { error: { status: "UNAUTHENTICATED" } },
  });
});

it("begins an operation that is first pending, then running, then done", async () => {
  const { body } = await send("POST", `${POOL}:setSize`, { nodeCount: 3 });
  const operation = `/v1/projects/acme/locations/europe-west4/operations/${body.name}`;
  const seen = [body.status];
  for (const seconds of [PACE.pending, PACE.running]) {
    now += seconds;
    seen.push((await send("GET", operation)).body.status);
  }

  expect(seen).toEqual(["PENDING", "RUNNING", "DONE"]);
  expect((await send("GET", POOL)).body).toMatchObject({ initialNodeCount: 3, status: "RUNNING" });
});

it("takes one operation in a cluster, and says what it is busy with", async () => {
  gke.createNodePool({ ...PLACE, name: "other", size: 0, pace: PACE });
  const { body } = await send("POST", `${POOL}:setSize`, { nodeCount: 3 });

  const refused = await send("POST", `${POOL.replace(/llm$/, "other")}:setSize`, { nodeCount: 1 });

  expect(refused).toMatchObject({
    status: 400,
    body: {
      error: {
        status: "FAILED_PRECONDITION",
        message: `Cluster is running incompatible operation ${body.name}.`,
        details: [{ reason: "CLUSTER_ALREADY_HAS_OPERATION", domain: "container.googleapis.com" }],
      },
    },
  });
});

it.each([
  ["an unknown field", ":setSize", { nodeCount: 1, nodes: 1 }],
  ["a negative size", ":setSize", { nodeCount: -1 }],
  ["a size that is no number", ":setSize", { nodeCount: "1" }],
  ["no size", ":setSize", {}],
  ["more than a zone may have", ":setSize", { nodeCount: 1001 }],
  ["a maximum of zero", ":setAutoscaling", { autoscaling: { enabled: true, minNodeCount: 0, maxNodeCount: 0 } }],
  [
    "a minimum above the maximum",
    ":setAutoscaling",
    { autoscaling: { enabled: true, minNodeCount: 3, maxNodeCount: 2 } },
  ],
  [
    "both kinds of bounds",
    ":setAutoscaling",
    { autoscaling: { enabled: true, maxNodeCount: 2, totalMaxNodeCount: 4 } },
  ],
])("refuses %s", async (_, verb, body) => {
  expect(await send("POST", POOL + verb, body)).toMatchObject({
    status: 400,
    body: { error: { status: "INVALID_ARGUMENT" } },
  });
  expect(gke.cluster("acme", "europe-west4", "gpu").operations).toEqual([]);
});

it("takes a size for an autoscaled pool, and its autoscaler undoes it", async () => {
  nodePool.setAutoscaling({ enabled: true, totalMinNodeCount: 1, totalMaxNodeCount: 3 });

  expect((await send("POST", `${POOL}:setSize`, { nodeCount: 9 })).status).toBe(200);
  now += PACE.pending;
  gke.advance();
  expect(nodePool.target).toBe(9);
  now += 60;
  gke.advance();

  expect(nodePool.target).toBe(3);
});

it("shows a launch that fails on the instance at once, and on the node pool once GKE has noticed", async () => {
  nodePool.limitCapacity(2, "quota");
  nodePool.setDesired(3, now);

  const { body } = await send("POST", `${groupPath()}/listManagedInstances`);
  const early = (await send("GET", POOL)).body;
  now += 60;
  const late = (await send("GET", POOL)).body;

  expect(body.managedInstances[2]).toMatchObject({
    currentAction: "CREATING",
    lastAttempt: { errors: { errors: [{ code: "QUOTA_EXCEEDED" }] } },
  });
  expect([early.status, late.status]).toEqual(["RUNNING", "RUNNING_WITH_ERROR"]);
  expect(late.conditions).toMatchObject([{ code: "GCE_QUOTA_EXCEEDED" }]);
});

it("makes another machine of a spot machine that it took", async () => {
  const [victim = ""] = names();
  const group = nodePool.groups[0];
  const gone = group?.preempt(victim, now) ?? 0;

  const stopping = await send("POST", `${groupPath()}/listManagedInstances`);
  now = gone;
  const recreating = await send("POST", `${groupPath()}/listManagedInstances`);
  now += PACE.launch;
  gke.advance();

  expect(stopping.body.managedInstances[0]).toMatchObject({ instanceStatus: "STOPPING", currentAction: "NONE" });
  expect(recreating.body.managedInstances[0]).toMatchObject({ currentAction: "RECREATING" });
  expect(group?.instances.map((instance) => instance.status)).toEqual(["RUNNING", "RUNNING"]);
});

it("deletes the named machines, once for one request id, and none that is not the group's", async () => {
  const [first = ""] = names();
  const url = `${groupPath()}/deleteInstances?requestId=${crypto.randomUUID()}`;
  const body = { instances: [`zones/europe-west4-a/instances/${first}`] };

  const once = await send("POST", url, body);
  const twice = await send("POST", url, body);
  const foreign = await send("POST", `${groupPath()}/deleteInstances`, {
    instances: ["zones/europe-west4-a/instances/nobody"],
  });

  expect([once.status, twice.status, foreign.status]).toEqual([200, 200, 400]);
  expect(twice.body.name).toBe(once.body.name);
  expect(nodePool.target).toBe(1);
});
