import { z } from "zod";
import type { Clock } from "../../shared/model/clock.ts";
import type { EksRef, Pool } from "../../shared/policy/schema/pools.ts";
import { type Aws, type AwsCall, startAws } from "../clouds/aws.ts";
import type { NodeGroup, NodeGroupPace } from "../clouds/eks-node-group.ts";
import type { Beginning, Cloud, CloudChange, CloudPool } from "./pool.ts";

/** A pool of the policy that is a node group, and how it begins. */
export interface EksPool extends Beginning {
  readonly workload: string;
  readonly pool: Pool;
  readonly ref: EksRef;
}

/** A node group as the story's stage hand has it. */
export interface EksCloudPool extends CloudPool {
  readonly nodeGroup: NodeGroup;
}

export interface EksCloud extends Cloud {
  readonly aws: Aws;
  readonly pools: readonly EksCloudPool[];
}

// Above every policy's own maximum, so that the policy's is the one that binds.
const MAX_SIZE = 10;

/** The sandbox's AWS, with these node groups as if they had been there for long. */
export async function startEks(
  pools: readonly EksPool[],
  now: Clock,
  pace: Partial<NodeGroupPace> = {},
): Promise<EksCloud> {
  const aws = await startAws({ now });
  const made = pools.map((pool) => cloudPool(pool, aws, now, pace));
  return {
    aws,
    pools: made,
    changes: () => aws.calls.flatMap((call) => changeOf(call, made)),
    environment: { AWS_ENDPOINT_URL: aws.url },
    stop: aws.stop,
  };
}

function cloudPool(
  { workload, pool, ref, size, min = 0 }: EksPool,
  aws: Aws,
  now: Clock,
  pace: Partial<NodeGroupPace>,
): EksCloudPool {
  const nodeGroup = aws.eks.createNodegroup({
    region: ref.region,
    cluster: ref.cluster,
    name: ref.nodegroup,
    scaling: { minSize: min, maxSize: MAX_SIZE, desiredSize: size },
    capacityType: pool.capacity === "spot" ? "SPOT" : "ON_DEMAND",
    instanceType: "p4d.24xlarge",
    pace,
  });
  const current = () => aws.eks.nodegroup(ref.region, ref.cluster, ref.nodegroup).group;
  return {
    pool,
    workload,
    began: size,
    nodeGroup,
    desired: () => current().bounds.desired,
    ready: () => current().instances.flatMap((i) => (i.lifecycle === "InService" ? [`aws:///${i.zone}/${i.id}`] : [])),
    limit: (nodes, because) => nodeGroup.limitCapacity(nodes, because),
    setDesired: (nodes) => nodeGroup.setDesired(nodes, now()),
  };
}

const update = z.object({ nodegroupName: z.string(), scalingConfig: z.object({ desiredSize: z.int().optional() }) });
const termination = z.object({ InstanceId: z.string() });

function changeOf({ operation, input, at, outcome }: AwsCall, pools: readonly EksCloudPool[]): readonly CloudChange[] {
  const said = { at, call: operation, accepted: outcome?.status === 200 };
  if (operation === "UpdateNodegroupConfig") {
    const { nodegroupName, scalingConfig } = update.parse(input);
    const found = pools.find(({ pool }) => pool.eks?.nodegroup === nodegroupName);
    // A call without a size only moves the minimum out of the way of a removal.
    if (found === undefined || scalingConfig.desiredSize === undefined) return [];
    return [{ ...said, pool: found.pool.name, nodes: scalingConfig.desiredSize, removes: [] }];
  }
  if (operation !== "TerminateInstanceInAutoScalingGroup") return [];
  const { InstanceId: id } = termination.parse(input);
  const found = pools.find(({ nodeGroup }) =>
    nodeGroup.group.activities.newestFirst.some((a) => a.description.endsWith(id)),
  );
  return [{ ...said, pool: found?.pool.name ?? "", nodes: null, removes: [id] }];
}
