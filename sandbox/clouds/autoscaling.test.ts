import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "./aws.ts";
import type { NodeGroup } from "./eks-node-group.ts";

const REGION = "eu-central-1";
let now = 0;
let aws: Aws;
let client: AutoScalingClient;

beforeEach(async () => {
  now = 1_800_000_000;
  aws = await startAws({ now: () => now });
  client = new AutoScalingClient({
    region: REGION,
    endpoint: aws.url,
    maxAttempts: 1,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
});
afterEach(async () => {
  client.destroy();
  await aws.stop();
});

const make = (desiredSize: number, minSize = 0): NodeGroup =>
  aws.eks.createNodegroup({
    region: REGION,
    cluster: "gpu",
    name: "llm",
    capacityType: "SPOT",
    scaling: { minSize, maxSize: 9, desiredSize },
    pace: { launch: 100, drain: 30 },
  });

async function group(nodegroup: NodeGroup) {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [nodegroup.group.spec.name] });
  const [found] = (await client.send(command)).AutoScalingGroups ?? [];
  return {
    desired: found?.DesiredCapacity,
    ids: found?.Instances?.map((instance) => instance.InstanceId) ?? [],
    zones: found?.Instances?.map((instance) => instance.AvailabilityZone) ?? [],
    states: found?.Instances?.map((instance) => instance.LifecycleState).toSorted() ?? [],
  };
}

async function activities(nodegroup: NodeGroup) {
  const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: nodegroup.group.spec.name });
  return (await client.send(command)).Activities ?? [];
}

const terminate = (id: string | undefined, decrement: boolean) =>
  client.send(
    new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: id, ShouldDecrementDesiredCapacity: decrement }),
  );

describe("the Auto Scaling emulator", () => {
  it("spreads nodes over the zones, and takes from the fullest", async () => {
    const nodegroup = make(4);
    const zones = (await group(nodegroup)).zones;
    expect(zones.toSorted()).toEqual(["eu-central-1a", "eu-central-1a", "eu-central-1b", "eu-central-1c"]);

    nodegroup.setDesired(3, now);
    now += 30;

    expect(new Set((await group(nodegroup)).zones).size).toBe(3);
  });

  it("brings nodes through Pending to InService, and lets them drain before they are gone", async () => {
    const nodegroup = make(1);
    nodegroup.setDesired(2, now);
    now += 99;
    expect((await group(nodegroup)).states).toEqual(["InService", "Pending"]);
    now += 1;
    expect((await group(nodegroup)).states).toEqual(["InService", "InService"]);

    nodegroup.setDesired(1, now);
    now += 29;
    expect((await group(nodegroup)).states).toEqual(["InService", "Terminating:Wait"]);
    now += 1;
    expect((await group(nodegroup)).states).toEqual(["InService"]);
  });

  it("tries a failed launch again every minute, with EC2's words, until there is room", async () => {
    const nodegroup = make(0);
    const begun = now;
    nodegroup.limitCapacity((at) => (at < begun + 150 ? 0 : 1));
    nodegroup.setDesired(1, now);
    now += 400;

    const log = await activities(nodegroup);

    expect(log.map((activity) => [activity.StatusCode, (activity.StartTime?.getTime() ?? 0) / 1000 - begun])).toEqual([
      ["Successful", 180],
      ["Failed", 120],
      ["Failed", 60],
      ["Failed", 0],
    ]);
    expect(log[1]?.StatusMessage).toContain("InsufficientInstanceCapacity");
    expect((await group(nodegroup)).states).toEqual(["InService"]);
  });

  it("does not try again sooner because something else happened", async () => {
    const nodegroup = make(1);
    const begun = now;
    nodegroup.limitCapacity(0);
    await terminate((await group(nodegroup)).ids[0], false);
    now += 70;

    const failed = (await activities(nodegroup)).filter((activity) => activity.StatusCode === "Failed");

    expect(failed.map((activity) => (activity.StartTime?.getTime() ?? 0) / 1000 - begun)).toEqual([60, 0]);
  });

  it("takes an interrupted spot node after two minutes and replaces it", async () => {
    const nodegroup = make(1);
    const [id] = (await group(nodegroup)).ids;
    nodegroup.interrupt(id ?? "", now);
    now += 119;
    expect((await group(nodegroup)).states).toEqual(["InService"]);
    now += 1 + 100;

    const after = await group(nodegroup);

    expect(after.states).toEqual(["InService"]);
    expect(after.ids).not.toContain(id);
    expect(after.desired).toBe(1);
  });

  it("terminates the named node, with or without a replacement", async () => {
    const nodegroup = make(3);
    const [first, second] = (await group(nodegroup)).ids;

    await terminate(first, true);
    expect((await group(nodegroup)).desired).toBe(2);
    await terminate(second, false);

    now += 200;
    const after = await group(nodegroup);
    expect(after).toMatchObject({ desired: 2, states: ["InService", "InService"] });
    expect(after.ids).not.toEqual(expect.arrayContaining([first]));
    expect(after.ids).not.toEqual(expect.arrayContaining([second]));
  });

  it("refuses to terminate below the minimum, and what it does not know", async () => {
    const nodegroup = make(1, 1);
    const [only] = (await group(nodegroup)).ids;

    await expect(terminate(only, true)).rejects.toThrow("Currently, desiredSize equals minSize (1)");
    await expect(terminate("i-0nobody", true)).rejects.toThrow("No managed instance found");
    expect((await group(nodegroup)).states).toEqual(["InService"]);
  });
});
