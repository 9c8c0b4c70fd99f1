import { startGke } from "../../sandbox/clouds/gke.ts";
import type { Pool } from "../../shared/policy/schema/pools.ts";
import { createPools } from "../../shared/pools/pools.ts";
import { SLACK } from "../support/slack.ts";
import type { CloudWorld } from "./cloud-world.ts";
import { nodePoolsContract } from "./node-pools.contract.ts";

const CLUSTER = { project: "acme", location: "europe-west4", cluster: "gpu" };
const ZONE = "europe-west4-a";
const PACE = { launch: 180, drain: 60, pending: 0, running: 20 };
const LIMITS = { requestTimeout: 1.5, attempts: 2, backoff: 0.01 };

/** One zone, so that every total can be had. */
async function openGke(): Promise<CloudWorld> {
  let now = 1_800_000_000;
  const gke = await startGke({ now: () => now });
  const pools = createPools({
    gke: { endpoint: gke.url, computeEndpoint: gke.url, limits: LIMITS, now: () => now },
  });
  const pool = (name: string): Pool => ({
    name,
    capacity: "spot",
    control: "desired",
    gke: { ...CLUSTER, nodePool: name },
  });
  const make = (name: string, size: number) =>
    gke.createNodePool({ ...CLUSTER, name, size, spot: true, locations: [ZONE], pace: PACE });
  const cluster = () => gke.cluster(CLUSTER.project, CLUSTER.location, CLUSTER.cluster);
  const nodePool = ({ name }: Pool) => {
    const found = cluster().pools.get(name);
    if (found === undefined) throw new Error(`there is no node pool ${name}`);
    return found;
  };
  return {
    pools,
    attempts: LIMITS.attempts,
    patience: 3 + SLACK,
    settle: PACE.running,
    launch: PACE.launch,
    bounds: { min: 0, max: 1000 },
    now: () => now,
    pass: (seconds) => {
      now += seconds;
    },
    makePool({ desired }) {
      make("llm-spot", desired);
      return pool("llm-spot");
    },
    unknownPool: () => pool("nobody"),
    foreignNode() {
      const [group] = make("other", 1).groups;
      return `gce://${CLUSTER.project}/${ZONE}/${group?.instances[0]?.name}`;
    },
    limit: (at, nodes, because) => nodePool(at).limitCapacity(nodes, because),
    fault(kind, on, times) {
      const operations = on === "any" ? ["*"] : ["setNodePoolSize", "instanceGroupManagers.deleteInstances"];
      for (const operation of operations) gke.fault({ operation, kind, times });
    },
    failNextChange: () =>
      cluster().failNextOperation({
        code: 8,
        message: `Google Compute Engine: The zone '${ZONE}' does not have enough resources available to fulfill the request.`,
      }),
    setDesired: (at, nodes) => nodePool(at).setDesired(nodes, now),
    changes: () =>
      gke.calls
        .filter((call) => call.mutating)
        .map((call) => ({ accepted: call.outcome?.status === 200, input: call.input })),
    callCount: () => gke.calls.length,
    rest: (at) => ({ spec: nodePool(at).spec, autoscaling: nodePool(at).autoscaling }),
    stop: () => gke.stop(),
  };
}

nodePoolsContract("GKE", openGke);
