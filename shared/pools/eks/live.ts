import {
  type AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
} from "@aws-sdk/client-auto-scaling";
import type { NodeState } from "../../model/pool.ts";
import type { EksRef } from "../../policy/schema/pools.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import { PoolError } from "../errors.ts";
import type { Ask } from "./ask.ts";
import { named } from "./errors.ts";
import type { CloudIssue } from "./issues.ts";
import { activitiesReply, groupsReply, type Nodegroup, type ScalingActivity, type ScalingGroup } from "./replies.ts";

// The latest activities are enough to hold the latest failed launch: an Auto Scaling group tries again about every minute.
const ACTIVITIES = 20;

/** The Auto Scaling groups behind a node group; none only while it is being created. */
export async function liveGroups(
  client: AutoScalingClient,
  nodegroup: Nodegroup,
  ref: EksRef,
  ask: Ask,
  abort: AbortSignal,
): Promise<readonly ScalingGroup[]> {
  const names = (nodegroup.resources?.autoScalingGroups ?? []).map((group) => group.name);
  if (names.length === 0 && nodegroup.status === "CREATING") return [];
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: names });
  // Asked without names, Auto Scaling would list every group of the account.
  const groups =
    names.length === 0
      ? []
      : (await ask("DescribeAutoScalingGroups", groupsReply, () => client.send(command, { abortSignal: abort })))
          .AutoScalingGroups;
  if (names.length > 0 && groups.length === names.length) return groups;
  throw new PoolError(
    "NotFound",
    `${named(ref)}: the Auto Scaling group behind it is gone (${names.join(", ") || "EKS names none"}). Create the node group again.`,
  );
}

/** A group's instances as Kubernetes nodes. `Pending*`, `Terminating*`, `Standby` and unhealthy ones are not ready. */
export function nodesOf(group: ScalingGroup): readonly NodeState[] {
  return group.Instances.map((instance) => ({
    id: `aws:///${instance.AvailabilityZone}/${instance.InstanceId}`,
    ready: instance.LifecycleState === "InService" && instance.HealthStatus === "Healthy",
    noticed: false,
  }));
}

/** A launch that failed. `current`: no launch has succeeded since. */
export interface LaunchFailure extends CloudIssue {
  readonly at: EpochSeconds;
  readonly current: boolean;
}

/** The latest failed launch among the groups' latest activities, or null. */
export async function latestLaunchFailure(
  client: AutoScalingClient,
  groups: readonly ScalingGroup[],
  ask: Ask,
  abort: AbortSignal,
): Promise<LaunchFailure | null> {
  const replies = await Promise.all(
    groups.map((group) => {
      const command = new DescribeScalingActivitiesCommand({
        AutoScalingGroupName: group.AutoScalingGroupName,
        MaxRecords: ACTIVITIES,
      });
      return ask("DescribeScalingActivities", activitiesReply, () => client.send(command, { abortSignal: abort }));
    }),
  );
  const launches = replies
    .flatMap((reply) => reply.Activities)
    .filter((activity) => activity.Description.startsWith("Launching"))
    .toSorted((a, b) => b.StartTime.getTime() - a.StartTime.getTime());
  return failureAmong(launches);
}

function failureAmong(newestFirst: readonly ScalingActivity[]): LaunchFailure | null {
  const ended = newestFirst.filter(
    (activity) => activity.StatusCode === "Failed" || activity.StatusCode === "Successful",
  );
  const failed = ended.find((activity) => activity.StatusCode === "Failed");
  if (failed === undefined) return null;
  return {
    at: failed.StartTime.getTime() / 1000,
    current: failed === ended[0],
    code: "AsgInstanceLaunchFailures",
    message: failed.StatusMessage,
  };
}
