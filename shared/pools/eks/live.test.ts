import { expect, it } from "vitest";
import { nodesOf } from "./live.ts";

it.each([
  ["InService", "Healthy", true],
  ["InService", "Unhealthy", false],
  ["Pending", "Healthy", false],
  ["Pending:Wait", "Healthy", false],
  ["Pending:Proceed", "Healthy", false],
  ["Terminating", "Healthy", false],
  ["Terminating:Wait", "Healthy", false],
  ["Terminating:Proceed", "Healthy", false],
  ["Standby", "Healthy", false],
  ["Detached", "Healthy", false],
  ["SomethingNew", "Healthy", false],
])("an instance that is %s and %s is ready: %s", (state, health, ready) => {
  const instance = {
    InstanceId: "i-1",
    AvailabilityZone: "eu-central-1a",
    LifecycleState: state,
    HealthStatus: health,
  };

  const nodes = nodesOf({ AutoScalingGroupName: "eks-llm", MinSize: 0, DesiredCapacity: 1, Instances: [instance] });

  expect(nodes).toEqual([{ id: "aws:///eu-central-1a/i-1", ready, noticed: false }]);
});
