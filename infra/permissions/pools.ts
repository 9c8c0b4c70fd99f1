import { Aws } from "aws-cdk-lib";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { EksRef } from "../../shared/policy/schema/pools.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import { NODE_GROUPS_PER_STATEMENT } from "../limits.ts";
import type { Grant } from "./grant.ts";

/** The uuid at the end is made by EKS and is not in the policy. */
const nodegroupArn = ({ region, cluster, nodegroup }: EksRef) =>
  `arn:${Aws.PARTITION}:eks:${region}:${Aws.ACCOUNT_ID}:nodegroup/${cluster}/${nodegroup}/*`;
const clusterArn = ({ region, cluster }: EksRef) =>
  `arn:${Aws.PARTITION}:eks:${region}:${Aws.ACCOUNT_ID}:cluster/${cluster}`;

/** EKS names its groups `eks-…`; Auto Scaling puts a uuid of its own in front, which is not in the policy. */
const groupsArn = (region: string) =>
  `arn:${Aws.PARTITION}:autoscaling:${region}:${Aws.ACCOUNT_ID}:autoScalingGroup:*:autoScalingGroupName/eks-*`;

const refsOf = (workloads: readonly Workload[]): readonly EksRef[] =>
  workloads.flatMap((workload) => workload.pools.flatMap((pool) => pool.eks ?? []));
const local = (refs: readonly EksRef[]) => refs.filter((ref) => ref.roleArn === undefined);

const enforced = (policy: Policy): readonly EksRef[] =>
  local(refsOf(Object.values(policy.workloads).filter((w) => (w.mode ?? policy.mode) === "enforce")));

const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();

/** What one statement may name of something: all of it or, for large fleets, a part. */
const partsOf = (items: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(items.length / NODE_GROUPS_PER_STATEMENT) }, (_, part) =>
    items.slice(part * NODE_GROUPS_PER_STATEMENT, (part + 1) * NODE_GROUPS_PER_STATEMENT),
  );

const numbered = (sid: string, part: number, parts: number): string => (parts === 1 ? sid : `${sid}${part + 1}`);

/** One statement or, for large fleets, several; none when there is nothing to name. */
function named(sid: string, actions: readonly string[], resources: readonly string[]): readonly Grant[] {
  const parts = partsOf(resources);
  return parts.map((some, part) => ({ sid: numbered(sid, part, parts.length), actions, resources: some }));
}

/** Reading every EKS pool of this account. Other pools take an identity (`identities.ts`). */
export function readPools(policy: Policy): readonly Grant[] {
  const refs = local(refsOf(Object.values(policy.workloads)));
  if (refs.length === 0) return [];
  return [
    ...named("ReadNodeGroups", ["eks:DescribeNodegroup", "eks:DescribeUpdate"], sorted(refs.map(nodegroupArn))),
    // DescribeUpdate names a cluster and a node group, and AWS lists it for both kinds of resource.
    ...named("ReadUpdates", ["eks:DescribeUpdate"], sorted(refs.map(clusterArn))),
    {
      sid: "ReadScalingGroups",
      actions: ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities"],
      everything: "Auto Scaling has no resource-level permission for its Describe actions",
      when: { StringEquals: { "aws:RequestedRegion": sorted(refs.map((ref) => ref.region)) } },
    },
  ];
}

/** Resizing the EKS pools of the workloads that the policy enforces; one that is only observed cannot be touched. */
export function resizePools(policy: Policy): readonly Grant[] {
  return named("ResizeNodeGroups", ["eks:UpdateNodegroupConfig"], sorted(enforced(policy).map(nodegroupArn)));
}

/**
 * Removing nodes by name from the same pools. The policy does not know how their Auto Scaling groups are called, but EKS tags
 * each with its cluster and node group, and IAM looks at the tags of the group that the node is in.
 */
export function removeNodes(policy: Policy): readonly Grant[] {
  const refs = enforced(policy);
  if (refs.length === 0) return [];
  const clusters = [...new Map(refs.map((ref) => [clusterArn(ref), ref])).values()];
  const parts = clusters.flatMap(({ region, cluster }) => {
    const inIt = refs.filter((ref) => ref.region === region && ref.cluster === cluster);
    return partsOf(sorted(inIt.map((ref) => ref.nodegroup))).map((nodegroups) => ({ region, cluster, nodegroups }));
  });
  return [
    {
      sid: "FindNodes",
      actions: ["autoscaling:DescribeAutoScalingInstances"],
      everything: "Auto Scaling has no resource-level permission for its Describe actions",
      when: { StringEquals: { "aws:RequestedRegion": sorted(refs.map((ref) => ref.region)) } },
    },
    ...parts.map(({ region, cluster, nodegroups }, part) => ({
      sid: numbered("RemoveNodes", part, parts.length),
      actions: ["autoscaling:TerminateInstanceInAutoScalingGroup"],
      resources: [groupsArn(region)],
      when: {
        StringEquals: { "aws:ResourceTag/eks:cluster-name": cluster, "aws:ResourceTag/eks:nodegroup-name": nodegroups },
      },
    })),
  ];
}
