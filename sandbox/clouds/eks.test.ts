import { EKSClient, EKSServiceException, UpdateNodegroupConfigCommand } from "@aws-sdk/client-eks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "./aws.ts";
import type { NodeGroup } from "./eks-node-group.ts";

const REGION = "eu-central-1";
let now = 0;
let aws: Aws;
let client: EKSClient;
let nodegroup: NodeGroup;

beforeEach(async () => {
  now = 1_800_000_000;
  aws = await startAws({ now: () => now });
  client = new EKSClient({
    region: REGION,
    endpoint: aws.url,
    maxAttempts: 1,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  nodegroup = aws.eks.createNodegroup({
    region: REGION,
    cluster: "gpu",
    name: "llm",
    capacityType: "SPOT",
    scaling: { minSize: 1, maxSize: 4, desiredSize: 2 },
    labels: { team: "ml" },
    pace: { launch: 100, drain: 30, update: 20, sync: 300 },
  });
});
afterEach(async () => {
  client.destroy();
  await aws.stop();
});

type Change = Omit<ConstructorParameters<typeof UpdateNodegroupConfigCommand>[0], "clusterName" | "nodegroupName">;
const update = (change: Change) =>
  client.send(new UpdateNodegroupConfigCommand({ clusterName: "gpu", nodegroupName: "llm", ...change }));

async function refused(change: Change): Promise<EKSServiceException> {
  const error = await update(change).catch((reason: unknown) => reason);
  if (!(error instanceof EKSServiceException)) throw new Error("expected EKS to refuse", { cause: error });
  return error;
}

describe("the EKS emulator", () => {
  it.each([
    [{ minSize: 3 }, "Minimum capacity 3 can't be greater than desired size 2"],
    [{ desiredSize: 0 }, "Minimum capacity 1 can't be greater than desired size 0"],
    [{ desiredSize: 5 }, "desiredSize can't be greater than maxSize"],
    [{ maxSize: 1 }, "desiredSize can't be greater than maxSize"],
    [{ minSize: 0, maxSize: 0, desiredSize: 0 }, "maxSize is not valid"],
    [{ desiredSize: -1 }, "desiredSize is not valid"],
  ])("refuses sizes that do not fit one another: %j", async (scalingConfig, message) => {
    const error = await refused({ scalingConfig });

    expect(error).toMatchObject({
      name: "InvalidParameterException",
      message,
      clusterName: "gpu",
      nodegroupName: "llm",
    });
    expect(nodegroup.scaling).toEqual({ minSize: 1, maxSize: 4, desiredSize: 2 });
  });

  it("refuses what it does not know and what asks for nothing", async () => {
    expect(await refused({ warmPoolConfig: { enabled: true } })).toMatchObject({ name: "InvalidParameterException" });
    expect(await refused({})).toMatchObject({ name: "InvalidParameterException" });
  });

  it("takes one update at a time", async () => {
    await update({ scalingConfig: { desiredSize: 3 } });

    expect(nodegroup.status(now)).toBe("UPDATING");
    expect(await refused({ scalingConfig: { desiredSize: 4 } })).toMatchObject({
      name: "ResourceInUseException",
      message: "Nodegroup cannot be updated as it is currently not in Active State",
    });
    now += 20;
    expect(nodegroup.status(now)).toBe("ACTIVE");
  });

  it("gives the same update for the same token, and refuses the token with anything else", async () => {
    const request = { scalingConfig: { desiredSize: 3 }, clientRequestToken: "a" };
    const first = await update(request);
    now += 1000;

    expect((await update(request)).update?.id).toBe(first.update?.id);
    expect(await refused({ ...request, scalingConfig: { desiredSize: 4 } })).toMatchObject({
      name: "InvalidParameterException",
    });
    expect(nodegroup.updates).toHaveLength(1);
  });

  it("changes labels and taints only as told", async () => {
    await update({
      labels: { addOrUpdateLabels: { tier: "a" }, removeLabels: ["team"] },
      taints: { addOrUpdateTaints: [{ key: "gpu", value: "1", effect: "NO_SCHEDULE" }] },
    });

    expect(nodegroup.labels).toEqual({ tier: "a" });
    expect(nodegroup.taints).toEqual([{ key: "gpu", value: "1", effect: "NO_SCHEDULE" }]);
    expect(nodegroup.scaling.desiredSize).toBe(2);
  });

  it("hears of someone else's change only at its next sync", () => {
    nodegroup.setDesired(4, now);

    expect(aws.eks.nodegroup(REGION, "gpu", "llm").scaling.desiredSize).toBe(2);
    now += 300;
    expect(aws.eks.nodegroup(REGION, "gpu", "llm").scaling.desiredSize).toBe(4);
  });

  it("keeps the live size within new bounds, even where EKS's copy of it lags", async () => {
    nodegroup.setDesired(4, now);

    await update({ scalingConfig: { maxSize: 3 } });

    expect(nodegroup.group.bounds).toEqual({ min: 1, max: 3, desired: 3 });
  });

  it("stays degraded at size 0 after a failed launch, takes changes, and recovers with the next good launch", async () => {
    nodegroup.limitCapacity(2);
    await update({ scalingConfig: { desiredSize: 3 } });
    now += 500;
    aws.eks.advance();
    expect(nodegroup.status(now)).toBe("DEGRADED");

    await update({ scalingConfig: { minSize: 0, desiredSize: 0 } });
    now += 500;
    aws.eks.advance();
    expect([nodegroup.status(now), nodegroup.group.instances]).toEqual(["DEGRADED", []]);

    await update({ scalingConfig: { desiredSize: 2 } });
    now += 500;
    aws.eks.advance();
    expect(nodegroup.status(now)).toBe("ACTIVE");
  });

  it("fails an update that it was told to fail, and changes nothing", async () => {
    nodegroup.failNextUpdate({ errorCode: "Unknown", errorMessage: "no" });
    await update({ scalingConfig: { desiredSize: 4 } });
    now += 500;

    expect(aws.eks.nodegroup(REGION, "gpu", "llm").scaling.desiredSize).toBe(2);
    expect(nodegroup.group.bounds.desired).toBe(2);
  });
});
