import { expect, it } from "vitest";
import { toFailure } from "./issues.ts";

const REF = { region: "eu-central-1", cluster: "gpu", nodegroup: "llm" };
const LAUNCH = "AsgInstanceLaunchFailures";

it.each([
  [LAUNCH, "Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity.", "NoCapacity"],
  [LAUNCH, "Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill capacity.", "NoCapacity"],
  [LAUNCH, "We currently do not have sufficient p4d.24xlarge capacity in the Availability Zone.", "NoCapacity"],
  [LAUNCH, "You have requested more vCPU capacity than your current vCPU limit of 0 allows.", "QuotaExceeded"],
  [LAUNCH, "Could not launch Spot Instances. MaxSpotInstanceCountExceeded - exceeded.", "QuotaExceeded"],
  [LAUNCH, "Max spot instance count exceeded. Launching EC2 instance failed.", "QuotaExceeded"],
  [LAUNCH, "Launching EC2 instance failed.", "Unavailable"],
  ["InstanceLimitExceeded", "", "QuotaExceeded"],
  ["InsufficientFreeAddresses", "Subnets are full", "NoCapacity"],
  ["AccessDenied", "The node role was changed", "Forbidden"],
  ["AutoScalingGroupRateLimitExceeded", "", "Throttled"],
  ["AutoScalingGroupInstanceRefreshActive", "", "Busy"],
  ["NodeCreationFailure", "Instances failed to join the kubernetes cluster", "Unavailable"],
  ["ClusterUnreachable", "", "Unavailable"],
  ["Ec2LaunchTemplateNotFound", "", "Invalid"],
  ["Ec2LaunchTemplateVersionMismatch", "", "Invalid"],
  ["AutoScalingGroupInvalidConfiguration", "", "Invalid"],
  ["SomethingNew", "never heard of", "Unavailable"],
])("%s (%s) is %s [F78]", (code, message, kind) => {
  expect(toFailure({ code, message }, REF)).toMatchObject({ kind, message: expect.stringContaining(code) });
});

it("keeps ARNs and endless texts out of the message", () => {
  const message = `User arn:aws:sts::111122223333:assumed-role/x/y failed ${"very ".repeat(500)}`;

  const failure = toFailure({ code: LAUNCH, message }, REF);

  expect(failure.message).not.toContain("111122223333");
  expect(failure.message.length).toBeLessThan(700);
});
