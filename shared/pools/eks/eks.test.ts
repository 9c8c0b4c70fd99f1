import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../../../sandbox/clouds/aws.ts";
import type { NodeGroup } from "../../../sandbox/clouds/eks-node-group.ts";
import type { EksRef, Pool } from "../../policy/schema/pools.ts";
import type { NodePools } from "../node-pools.ts";
import { createEksPools } from "./eks.ts";

// What is EKS's alone; what any cloud must do stands in test/contract.

const REF: EksRef = { region: "eu-central-1", cluster: "gpu", nodegroup: "llm" };
const never = new AbortController().signal;
let now = 0;
let aws: Aws;
let pools: NodePools;
let nodegroup: NodeGroup;

const poolOf = (ref: Partial<EksRef> = {}, control: Pool["control"] = "desired"): Pool => ({
  name: "llm-spot",
  capacity: "spot",
  control,
  eks: { ...REF, ...ref },
});

beforeEach(async () => {
  now = 1_800_000_000;
  aws = await startAws({ now: () => now });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  pools = createEksPools({ endpoint: aws.url, credentials, limits: { requestTimeout: 1, attempts: 1 } });
  const scaling = { minSize: 1, maxSize: 4, desiredSize: 2 };
  nodegroup = aws.eks.createNodegroup({ region: REF.region, cluster: REF.cluster, name: REF.nodegroup, scaling });
});
afterEach(() => aws.stop());

const bodies = () => aws.calls.filter((call) => call.mutating).map((call) => call.input);

describe("EKS pools", () => {
  it("sends the size and the token, and minSize only with a size that reaches it [T17]", async () => {
    await pools.resize(poolOf(), 3, "intent-1", never);

    expect(bodies()).toEqual([
      {
        clusterName: "gpu",
        nodegroupName: "llm",
        scalingConfig: { desiredSize: 3 },
        clientRequestToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  it("lowers minSize with the size, and only as far", async () => {
    await pools.resize(poolOf(), 0, "intent-1", never);

    expect(bodies()).toMatchObject([{ scalingConfig: { minSize: 0, desiredSize: 0 } }]);
    expect(nodegroup.scaling).toEqual({ minSize: 0, maxSize: 4, desiredSize: 0 });
  });

  it("names nodes as the metrics do, by their provider id", async () => {
    const { nodes } = await pools.observe(poolOf(), never);

    expect(nodes).toHaveLength(2);
    for (const node of nodes ?? []) expect(node.id).toMatch(/^aws:\/\/\/eu-central-1[abc]\/i-0[0-9a-f]{16}$/);
  });

  it("asks for scaling activities only while nodes are owed", async () => {
    await pools.observe(poolOf(), never);
    nodegroup.setDesired(3, now);
    await pools.observe(poolOf(), never);

    expect(aws.calls.map((call) => call.operation)).toEqual([
      "DescribeNodegroup",
      "DescribeAutoScalingGroups",
      "DescribeNodegroup",
      "DescribeAutoScalingGroups",
      "DescribeScalingActivities",
    ]);
  });

  it("tells of a failed launch before EKS does, and once only when EKS does too [F78]", async () => {
    nodegroup.limitCapacity(2);
    nodegroup.setDesired(3, now);

    const early = await pools.observe(poolOf(), never);
    now += 90;
    const late = await pools.observe(poolOf(), never);

    expect(early).toMatchObject({ status: "active", capacityError: now - 90, issues: [{ kind: "NoCapacity" }] });
    expect(late).toMatchObject({ status: "degraded", capacityError: now - 30, issues: [{ kind: "NoCapacity" }] });
    expect(late.issues).toHaveLength(1);
  });

  it("keeps the time of a failed launch, but not the issue, once a launch has succeeded", async () => {
    const failed = now;
    nodegroup.limitCapacity(2);
    nodegroup.setDesired(3, now);
    nodegroup.limitCapacity(9);
    now += 60 + nodegroup.pace.launch;
    aws.eks.advance();
    nodegroup.setDesired(4, now);

    expect(await pools.observe(poolOf(), never)).toMatchObject({
      desired: 4,
      ready: 3,
      capacityError: failed,
      issues: [],
    });
  });

  it("says that the Auto Scaling group is gone rather than that there are no nodes", async () => {
    aws.fault({ operation: "DescribeAutoScalingGroups", kind: "badJson" });
    await expect(pools.observe(poolOf(), never)).rejects.toMatchObject({ kind: "Unavailable" });
    nodegroup.groupGone = true;

    await expect(pools.observe(poolOf(), never)).rejects.toMatchObject({
      kind: "NotFound",
      message: expect.stringContaining("Auto Scaling group"),
    });
  });

  it("sees a node group that is being created as updating, with no node yet", async () => {
    nodegroup.phase = "CREATING";

    expect(await pools.observe(poolOf(), never)).toMatchObject({ desired: 2, ready: 0, status: "updating", nodes: [] });
  });

  it.each([
    ["DELETING", "NotFound"],
    ["CREATE_FAILED", "Invalid"],
    ["DELETE_FAILED", "Invalid"],
  ] as const)("refuses a node group in state %s as %s", async (phase, kind) => {
    nodegroup.phase = phase;

    await expect(pools.observe(poolOf(), never)).rejects.toMatchObject({ kind });
    await expect(pools.resize(poolOf(), 1, "intent-1", never)).rejects.toMatchObject({ kind });
    expect(bodies()).toEqual([]);
  });

  it("asks the region that the pool names", async () => {
    await pools.observe(poolOf(), never);
    await expect(pools.observe(poolOf({ region: "us-east-1" }), never)).rejects.toMatchObject({ kind: "NotFound" });

    expect(aws.calls.map((call) => call.region)).toEqual(["eu-central-1", "eu-central-1", "us-east-1"]);
  });

  it("does not set the size of a pool whose size the cluster's autoscaler sets", async () => {
    await expect(pools.resize(poolOf({}, "bounds"), 3, "intent-1", never)).rejects.toMatchObject({ kind: "Invalid" });
    expect(aws.calls).toEqual([]);
  });

  describe("removing nodes", () => {
    const nodes = async () => ((await pools.observe(poolOf(), never)).nodes ?? []).map((node) => node.id);
    const operations = () => aws.calls.map((call) => call.operation);

    it("terminates by instance id, and takes each off the desired size", async () => {
      const [first = ""] = await nodes();

      await pools.remove(poolOf(), [first, first], "intent-1", never);

      expect(bodies()).toMatchObject([
        {
          Action: "TerminateInstanceInAutoScalingGroup",
          InstanceId: first.split("/").at(-1),
          ShouldDecrementDesiredCapacity: "true",
        },
      ]);
      expect(nodegroup.group.bounds).toEqual({ min: 1, max: 4, desired: 1 });
    });

    it("lowers a minimum that is in the way, and only that, and terminates nothing in the same run", async () => {
      const both = await nodes();

      const first = await pools.remove(poolOf(), both, "intent-1", never);
      const again = await pools.remove(poolOf(), both, "intent-1", never);

      expect(bodies().at(0)).toEqual({
        clusterName: "gpu",
        nodegroupName: "llm",
        scalingConfig: { minSize: 0 },
        clientRequestToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(await pools.poll(poolOf(), first, never)).toEqual({ kind: "running" });
      expect(nodegroup.scaling).toEqual({ minSize: 0, maxSize: 4, desiredSize: 2 });
      expect(nodegroup.group.bounds).toEqual({ min: 0, max: 4, desired: 0 });
      expect(again.token).toMatch(/^terminate:/);
    });

    it("ends when the nodes are on their way out, before they have drained", async () => {
      const [first = ""] = await nodes();

      const operation = await pools.remove(poolOf(), [first], "intent-1", never);

      expect(await pools.poll(poolOf(), operation, never)).toEqual({ kind: "succeeded" });
      expect(nodegroup.group.instances).toHaveLength(2);
    });

    it("is under way while a named node is still in service", async () => {
      const [first = ""] = await nodes();
      const token = `terminate:${first.split("/").at(-1)}`;

      expect(await pools.poll(poolOf(), { pool: "llm-spot", token }, never)).toEqual({ kind: "running" });
    });

    it("asks who has a node only when the pool does not", async () => {
      const [first = ""] = await nodes();
      await pools.remove(poolOf(), [first], "intent-1", never);
      expect(operations()).not.toContain("DescribeAutoScalingInstances");
      now += 1000;

      await pools.remove(poolOf(), [first], "intent-2", never);

      expect(operations()).toContain("DescribeAutoScalingInstances");
      expect(bodies()).toHaveLength(1);
    });

    it("leaves a pool alone whose size the cluster's autoscaler sets", async () => {
      const all = await nodes();

      await expect(pools.remove(poolOf({}, "bounds"), all, "intent-1", never)).rejects.toMatchObject({
        kind: "Invalid",
      });
      expect(bodies()).toEqual([]);
    });
  });
});
