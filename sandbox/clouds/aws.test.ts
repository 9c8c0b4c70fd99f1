import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "./aws.ts";

let aws: Aws;
beforeEach(async () => {
  aws = await startAws({ now: () => 1_800_000_000 });
});
afterEach(() => aws.stop());

const SIGNED = (service: string) => ({
  "x-amz-date": "20270115T080000Z",
  authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20270115/eu-central-1/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
});

const ask = (path: string, headers: Record<string, string>, body?: string) =>
  fetch(`${aws.url}${path}`, body === undefined ? { headers } : { method: "POST", headers, body });

describe("the AWS front door", () => {
  it.each([
    ["no signature", {}, "MissingAuthenticationTokenException"],
    ["basic credentials", { authorization: "Basic eDp5" }, "IncompleteSignatureException"],
    ["a signature without its date", { authorization: SIGNED("eks").authorization }, "IncompleteSignatureException"],
    [
      "a signature of another day",
      { ...SIGNED("eks"), "x-amz-date": "20270116T080000Z" },
      "IncompleteSignatureException",
    ],
  ])("refuses a request with %s", async (_, headers, code) => {
    const reply = await ask("/clusters/gpu/node-groups/llm", headers);

    expect(reply.status).toBe(403);
    expect(reply.headers.get("x-amzn-errortype")).toBe(code);
    expect(aws.calls).toEqual([]);
  });

  it("tells services apart by what the request is signed for", async () => {
    const eks = await ask("/clusters/gpu/node-groups/llm", SIGNED("eks"));
    const autoscaling = await ask("/", SIGNED("autoscaling"), "Action=DescribeAutoScalingGroups");
    const other = await ask("/", SIGNED("s3"));

    expect([eks.status, await eks.json()]).toEqual([
      404,
      { message: "No cluster found for name: gpu.", clusterName: "gpu" },
    ]);
    expect([autoscaling.status, await autoscaling.text()]).toEqual([
      200,
      expect.stringContaining("<AutoScalingGroups>"),
    ]);
    expect(other.status).toBe(404);
  });

  it("logs every call with its time, input and outcome", async () => {
    await ask("/clusters/gpu/node-groups/llm/update-config", SIGNED("eks"), '{"scalingConfig":{"desiredSize":1}}');

    expect(aws.calls).toEqual([
      {
        at: 1_800_000_000,
        service: "eks",
        region: "eu-central-1",
        accessKeyId: "AKIDEXAMPLE",
        operation: "UpdateNodegroupConfig",
        mutating: true,
        input: { clusterName: "gpu", nodegroupName: "llm", scalingConfig: { desiredSize: 1 } },
        outcome: { status: 404, code: "ResourceNotFoundException" },
        fault: null,
      },
    ]);
  });

  it("meets the named operation with a fault as often as it was told to", async () => {
    aws.fault({ operation: "DescribeNodegroup", kind: "throttle", times: 2 });

    const statuses: number[] = [];
    for (const path of ["/clusters/gpu/updates/1", ...Array<string>(3).fill("/clusters/gpu/node-groups/llm")])
      statuses.push((await ask(path, SIGNED("eks"))).status);

    expect(statuses).toEqual([404, 429, 429, 404]);
  });
});
