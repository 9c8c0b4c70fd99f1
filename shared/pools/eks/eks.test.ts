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
  it("sends the size and the token, and minSize only with a size that reaches it", async () => {
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

  it("tells of a failed launch before EKS does, and once only when EKS does too", async () => {
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

  it("refuses a pool in another account until it can assume a role", async () => {
    const pool = poolOf({ roleArn: "arn:aws:iam::444455556666:role/vramp" });

    await expect(pools.observe(pool, never)).rejects.toMatchObject({ kind: "Forbidden" });
    expect(aws.calls).toEqual([]);
  });

  it("does not set the size of a pool whose size the cluster's autoscaler sets", async () => {
    await expect(pools.resize(poolOf({}, "bounds"), 3, "intent-1", never)).rejects.toMatchObject({ kind: "Invalid" });
    expect(aws.calls).toEqual([]);
  });
});
