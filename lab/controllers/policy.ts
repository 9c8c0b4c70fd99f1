import { type Policy, type PolicyInput, policy as schema } from "../../shared/policy/schema/policy.ts";
import type { WorldOptions } from "../world/options.ts";

/** The one workload of a policy for the world, and the names of what the world measures. */
export const WORKLOAD = "line";
export const SIGNALS = { arrivals: "arrivals", waiting: "waiting", inService: "inService" } as const;

type WorkloadInput = PolicyInput["workloads"][string];

/** More nodes than any family needs: the bound is there to catch a runaway, not to help. */
const MAX_NODES = 64;

/** Twice the oldest that a sample may be in the world, as a policy for 15 s scrapes would say. */
const MAX_AGE = "60s";

function poolsOf({ pools }: WorldOptions): WorkloadInput["pools"] {
  return pools.map(({ name, market, zone, price }) => ({
    name,
    capacity: market,
    pricePerHour: price,
    ...(zone === null ? {} : { zone }),
    // Never called: the world is the cloud.
    eks: { region: "us-west-2", cluster: "lab", nodegroup: name },
  }));
}

/** A policy for a world's pools. What demand asks for comes from the caller: rules, targets or an objective. */
export function policyFor(world: WorldOptions, demand: Partial<WorkloadInput>): Policy {
  const signal = (query: string) => ({ source: "lab", query, maxAge: MAX_AGE });
  return schema.parse({
    version: 1,
    fleet: "lab",
    sources: { lab: { prometheus: { url: "http://127.0.0.1:9090" } } },
    signals: Object.fromEntries(Object.values(SIGNALS).map((name) => [name, signal(name)])),
    workloads: {
      [WORKLOAD]: {
        gpu: { model: "V100", perNode: 1 },
        nodes: { min: 0, max: MAX_NODES },
        pools: poolsOf(world),
        // A node of the world finishes its job before it goes.
        scaleIn: { interruptible: true },
        ...demand,
      },
    },
  });
}

/** The outcome stated: what a user of the world would write. */
export function objectivePolicy(world: WorldOptions): Policy {
  const { demand, maxWait } = world;
  return policyFor(world, {
    objective: {
      arrivals: SIGNALS.arrivals,
      backlog: SIGNALS.waiting,
      inService: SIGNALS.inService,
      // How long jobs take is for vramp to learn.
      ...(demand.kind === "service" ? { perNode: demand.rate } : {}),
      maxWait: `${maxWait}s`,
      attainment: 0.99,
    },
  });
}

/** The usual rules on the queue, for comparison with the peers of that name. */
export function rulesPolicy(world: WorldOptions): Policy {
  return policyFor(world, {
    scaleUp: { any: [{ signal: SIGNALS.waiting, above: 50, for: "2m" }], add: 2 },
    scaleDown: { all: [{ signal: SIGNALS.waiting, below: 10, for: "15m" }], remove: 1 },
  });
}
