import { startAws } from "../../sandbox/clouds/aws.ts";
import type { Pool } from "../../shared/policy/schema/pools.ts";
import { createPools } from "../../shared/pools/pools.ts";
import { SLACK } from "../support/slack.ts";
import type { CloudWorld } from "./cloud-world.ts";
import { nodePoolsContract } from "./node-pools.contract.ts";

const REGION = "eu-central-1";
const CLUSTER = "gpu";
const PACE = { launch: 180, drain: 60, update: 20 };
const LIMITS = { connectTimeout: 1.5, requestTimeout: 1.5, attempts: 2 };

async function openEks(): Promise<CloudWorld> {
  let now = 1_800_000_000;
  const aws = await startAws({ now: () => now });
  const pools = createPools({
    eks: { endpoint: aws.url, credentials: { accessKeyId: "test", secretAccessKey: "test" }, limits: LIMITS },
  });
  const pool = (name: string): Pool => ({
    name,
    capacity: "spot",
    control: "desired",
    eks: { region: REGION, cluster: CLUSTER, nodegroup: name },
  });
  const nodegroup = ({ name }: Pool) => aws.eks.nodegroup(REGION, CLUSTER, name);
  const labels = { "vramp.dev/pool": "llm" };
  const taints = [{ key: "nvidia.com/gpu", effect: "NO_SCHEDULE" }] as const;
  return {
    pools,
    attempts: LIMITS.attempts,
    patience: 3 + SLACK,
    settle: PACE.update,
    launch: PACE.launch,
    now: () => now,
    pass: (seconds) => {
      now += seconds;
    },
    makePool({ min, max, desired }) {
      const scaling = { minSize: min, maxSize: max, desiredSize: desired };
      aws.eks.createNodegroup({
        region: REGION,
        cluster: CLUSTER,
        name: "llm-spot",
        capacityType: "SPOT",
        scaling,
        labels,
        taints,
        pace: PACE,
      });
      return pool("llm-spot");
    },
    unknownPool: () => pool("nobody"),
    foreignNode() {
      const scaling = { minSize: 0, maxSize: 5, desiredSize: 1 };
      const other = aws.eks.createNodegroup({ region: REGION, cluster: CLUSTER, name: "other", scaling, pace: PACE });
      const [node] = other.group.instances;
      return `aws:///${node?.zone}/${node?.id}`;
    },
    limit: (at, nodes, because) => nodegroup(at).limitCapacity(nodes, because),
    fault(kind, on, times) {
      const operations = on === "any" ? ["*"] : ["UpdateNodegroupConfig", "TerminateInstanceInAutoScalingGroup"];
      for (const operation of operations) aws.fault({ operation, kind, times });
    },
    failNextChange: (at) =>
      nodegroup(at).failNextUpdate({
        errorCode: "NodeCreationFailure",
        errorMessage: "Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill capacity.",
      }),
    setDesired: (at, nodes) => nodegroup(at).setDesired(nodes, now),
    changes: () =>
      aws.calls
        .filter((call) => call.mutating)
        .map((call) => ({ accepted: call.outcome?.status === 200, input: call.input })),
    callCount: () => aws.calls.length,
    rest: (at) => {
      const { labels, taints, scaling, spec } = nodegroup(at);
      return { labels, taints, maxSize: scaling.maxSize, bounds: nodegroup(at).group.bounds.max, spec };
    },
    stop: () => aws.stop(),
  };
}

nodePoolsContract("EKS", openEks);
