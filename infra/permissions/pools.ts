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

const refsOf = (workloads: readonly Workload[]): readonly EksRef[] =>
  workloads.flatMap((workload) => workload.pools.flatMap((pool) => pool.eks ?? []));
const local = (refs: readonly EksRef[]) => refs.filter((ref) => ref.roleArn === undefined);

const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();

/** One statement or, for large fleets, several; none when there is nothing to name. */
function named(sid: string, actions: readonly string[], resources: readonly string[]): readonly Grant[] {
  const parts = Math.ceil(resources.length / NODE_GROUPS_PER_STATEMENT);
  return Array.from({ length: parts }, (_, part) => ({
    sid: parts === 1 ? sid : `${sid}${part + 1}`,
    actions,
    resources: resources.slice(part * NODE_GROUPS_PER_STATEMENT, (part + 1) * NODE_GROUPS_PER_STATEMENT),
  }));
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
  const enforced = Object.values(policy.workloads).filter((w) => (w.mode ?? policy.mode) === "enforce");
  const arns = sorted(local(refsOf(enforced)).map(nodegroupArn));
  return named("ResizeNodeGroups", ["eks:UpdateNodegroupConfig"], arns);
}
