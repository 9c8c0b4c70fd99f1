import {
  type AutoScalingClient,
  DescribeAutoScalingInstancesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { EksRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import { removalTokens } from "../removal-token.ts";
import type { Ask } from "./ask.ts";
import { named } from "./errors.ts";
import { instancesReply, type ScalingGroup, terminationReply } from "./replies.ts";

/*
 * Removing nodes by name. Only Auto Scaling can: EKS takes a size and leaves the choice to Auto Scaling, which picks by zone,
 * launch template and age, and not the idle one. What is terminated so still drains, by EKS's lifecycle hook.
 */

// What DescribeAutoScalingInstances takes at most.
const LOOKED_UP_AT_ONCE = 50;
// Auto Scaling takes about a hundred calls a second from a whole account; a few at a time leave room for others.
const TERMINATED_AT_ONCE = 5;

const PROVIDER_ID = /^aws:\/\/\/[a-z0-9-]+\/(i-[0-9a-f]+)$/;

/** The EC2 instances that provider ids name, each once. */
export function instanceIdsOf(nodes: readonly string[], ref: EksRef): readonly string[] {
  const ids = nodes.map((node) => {
    const id = PROVIDER_ID.exec(node)?.[1];
    if (id !== undefined) return id;
    throw new PoolError(
      "Invalid",
      `${named(ref)}: ${node} is no EC2 node. Give provider ids as \`kubectl get nodes -o custom-columns=ID:.spec.providerID\` prints them.`,
    );
  });
  return [...new Set(ids)];
}

/** Those of the ids whose instances are still to be terminated; what is gone or going is left out. */
export function stillLive(ids: readonly string[], groups: readonly ScalingGroup[]): readonly string[] {
  const live = new Set(groups.flatMap(liveIds));
  return ids.filter((id) => live.has(id));
}

const liveIds = (group: ScalingGroup): readonly string[] =>
  group.Instances.filter(({ LifecycleState }) => !LifecycleState.startsWith("Terminat")).map((i) => i.InstanceId);

/** Throws `Invalid` if one of the ids belongs to an Auto Scaling group that is not among these. Gone ones belong to none. */
export async function refuseForeignNodes(
  client: AutoScalingClient,
  ids: readonly string[],
  groups: readonly ScalingGroup[],
  ref: EksRef,
  ask: Ask,
  abort: AbortSignal,
): Promise<void> {
  const own = new Set(groups.flatMap((group) => group.Instances.map((instance) => instance.InstanceId)));
  for (const InstanceIds of chunks(
    ids.filter((id) => !own.has(id)),
    LOOKED_UP_AT_ONCE,
  )) {
    const command = new DescribeAutoScalingInstancesCommand({ InstanceIds: [...InstanceIds] });
    const found = await ask("DescribeAutoScalingInstances", instancesReply, () =>
      client.send(command, { abortSignal: abort }),
    );
    const [foreign] = found.AutoScalingInstances;
    if (foreign !== undefined)
      throw new PoolError(
        "Invalid",
        `${named(ref)}: node ${foreign.InstanceId} belongs to the Auto Scaling group ${foreign.AutoScalingGroupName}, not to this pool, and nothing was removed. Check which pool the node is in.`,
      );
  }
}

/** The minSize that the node group must be given before these instances can go, or null if its minimum allows it. */
export function minimumInTheWay(ids: readonly string[], groups: readonly ScalingGroup[]): number | null {
  const going = new Set(ids);
  const needed = groups.map((group) => {
    const left = group.DesiredCapacity - liveIds(group).filter((id) => going.has(id)).length;
    return Math.max(0, Math.min(group.MinSize, left));
  });
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  const allowed = sum(needed);
  return allowed < sum(groups.map((group) => group.MinSize)) ? allowed : null;
}

/** Terminates the instances and takes each off the desired size. Those asked for before one is refused are on their way. */
export async function terminate(
  client: AutoScalingClient,
  ids: readonly string[],
  ask: Ask,
  abort: AbortSignal,
): Promise<void> {
  for (const some of chunks(ids, TERMINATED_AT_ONCE)) {
    const outcomes = await Promise.allSettled(
      some.map((InstanceId) => {
        const command = new TerminateInstanceInAutoScalingGroupCommand({
          InstanceId,
          ShouldDecrementDesiredCapacity: true,
        });
        return ask("TerminateInstanceInAutoScalingGroup", terminationReply, () =>
          client.send(command, { abortSignal: abort }),
        );
      }),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return items.length === 0 ? [] : [items.slice(0, size), ...chunks(items.slice(size), size)];
}

// EKS's update ids are UUIDs, so no update can be taken for a removal.
export const { tokenOf: removalToken, removedBy } = removalTokens("terminate:");
