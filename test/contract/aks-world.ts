import { startAks } from "../../sandbox/clouds/aks.ts";
import type { CloudError } from "../../sandbox/clouds/aks-agent-pool.ts";
import type { Pool } from "../../shared/policy/schema/pools.ts";
import { createPools } from "../../shared/pools/pools.ts";
import { SLACK } from "../support/slack.ts";
import type { CloudWorld } from "./cloud-world.ts";

export const SUBSCRIPTION = "5c1a0f4e-9d57-4d5b-8a2e-0c7d8f7f6a11";
export const PACE = { launch: 180, drain: 60 };
export const START = 1_800_000_000;
const LIMITS = { requestTimeout: 1.5, attempts: 2, backoff: 0.01 };
const PLACE = { subscription: SUBSCRIPTION, resourceGroup: "Ml-Prod", cluster: "gpu" };

/** A pool of this name, as a policy has it. */
export const poolNamed = (name: string): Pool => ({
  name,
  capacity: "spot",
  control: "desired",
  aks: { ...PLACE, agentPool: name },
});

export const NO_CAPACITY: CloudError = {
  code: "OverconstrainedZonalAllocationRequest",
  message:
    "Allocation failed. VM(s) with the following constraints cannot be allocated, because it is too restrictive.",
};
export const NO_QUOTA: CloudError = {
  code: "QuotaExceeded",
  message: "Operation could not be completed as it results in exceeding approved LowPriorityCores quota.",
};

/** An emulated AKS and a client of it, with limits fit for tests. */
export async function openAks(without: readonly string[] = []) {
  let now = START;
  const aks = await startAks({ now: () => now, without });
  const pools = createPools({ aks: { endpoint: aks.url, tlsCa: aks.ca, limits: LIMITS, now: () => now } });
  return {
    aks,
    pools,
    now: () => now,
    pass: (seconds: number) => {
      now += seconds;
    },
    create: (name: string, count: number, more: Partial<Parameters<typeof aks.createAgentPool>[0]> = {}) =>
      aks.createAgentPool({ ...PLACE, name, count, spot: true, pace: PACE, ...more }),
    changes: () => aks.calls.filter((call) => call.mutating),
  };
}

/** The same, as the contract wants it. */
export async function openAksWorld(): Promise<CloudWorld> {
  const { aks, pools, now, pass, create, changes } = await openAks();
  const agentPool = ({ name }: Pool) => aks.agentPool(name);
  return {
    pools,
    attempts: LIMITS.attempts,
    patience: 3 + SLACK,
    settle: PACE.launch,
    launch: PACE.launch,
    now,
    pass,
    bounds: { min: 0, max: 1000 },
    keyless: true,
    launchesOnce: true,
    makePool({ desired }) {
      create("llmspot", desired, { labels: { "vramp.dev/pool": "llm" }, taints: ["sku=gpu:NoSchedule"] });
      return poolNamed("llmspot");
    },
    unknownPool: () => poolNamed("nobody"),
    foreignNode() {
      const other = create("other", 1);
      const [node] = other.instances;
      return `azure://${node === undefined ? "" : aks.resourceId(other, node)}`;
    },
    limit: (at, nodes, because) => agentPool(at).limit({ nodes, error: because === "quota" ? NO_QUOTA : NO_CAPACITY }),
    fault(kind, on, times) {
      const operations = on === "any" ? ["*"] : ["agentPools.createOrUpdate", "agentPools.deleteMachines"];
      for (const operation of operations) aks.fault({ operation, kind, times });
    },
    failNextChange: (at) => agentPool(at).failNext(NO_CAPACITY),
    setDesired: (at, nodes) => agentPool(at).setCount(nodes, now()),
    changes: () => changes().map(({ status, input }) => ({ accepted: status === 200 || status === 202, input })),
    callCount: () => aks.calls.length,
    rest: (at) => ({ settings: agentPool(at).settings, orders: [...agentPool(at).orders], spec: agentPool(at).spec }),
    stop: () => aks.stop(),
  };
}
