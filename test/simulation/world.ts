import { createHash } from "node:crypto";
import { emptyItems, type InMemoryItems } from "../../shared/memory/in-memory.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../shared/model/memory.ts";
import type { PoolState } from "../../shared/model/pool.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { type Deployed, drawPlan, type Plan, type PoolPlan, policyOf } from "./blueprint.ts";
import { AksPool } from "./clouds/aks.ts";
import type { CloudPool } from "./clouds/cloud-pool.ts";
import { EksPool } from "./clouds/eks.ts";
import { GkeCluster, GkePool } from "./clouds/gke.ts";
import { createDemand, type Demand } from "./demand.ts";
import type { Host } from "./invocation.ts";
import type { Happening } from "./look.ts";
import { createMetricStore, type MetricStore } from "./metrics.ts";
import { createRandom, type Random } from "./random.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { createSwarm, type Fault, type Swarm } from "./swarm.ts";

/** The secret that Alertmanager shows. It must never be seen again. */
export const TOKEN = "canary-7f3a9c51e2d84b06a1c5e9d2f7b3084c";

/** How many scrapes back a stale look at a pool may go: two minutes. */
const KEPT_SNAPSHOTS = 8;

/** Lines that are kept for whoever has to find out what happened. */
const KEPT_LINES = 60;

/** Everything there is in one seed. */
export interface World extends Host {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly swarm: Swarm;
  /** True time at which the faults end. */
  readonly calmAt: EpochSeconds;
  /** The fleet as it was drawn. Its policy may say something else by now. */
  readonly original: Plan;
  policy: Deployed;
  /** True time at which the policy in force was deployed. */
  policySince: EpochSeconds;
  readonly pools: ReadonlyMap<string, CloudPool>;
  readonly demand: Demand;
  readonly metrics: MetricStore;
  readonly items: InMemoryItems;
  /** What is stored of a workload now. */
  stored(workload: string): WorkloadMemory;
  keep(workload: string, memory: WorkloadMemory): void;
  /** What a pool looked like some time ago; null before there is such a look. */
  earlier(pool: string): PoolState | null;
  /** Lets happen what is due at the clouds and in the metrics. Every scrape does it. */
  scrape(): void;
  /** A number that no other thing in this world has. */
  next(): number;
  /** Tells what happened to whoever watches. */
  tell(happening: Happening): void;
  readonly lines: readonly string[];
  /** A hash of every line there was: the same for the same life. */
  digest(): string;
}

/** Minutes of faults, shortest and longest. */
const LIFE = { from: 10, to: 22 } as const;
/** Between 20:00 and 22:10 UTC on a Wednesday, so that some seeds see the off-hours begin. */
const EVENING: EpochSeconds = Date.UTC(2026, 10, 18, 20) / 1000;
const SPREAD: Seconds = 130 * 60;

function poolAt(plan: PoolPlan, cluster: GkeCluster, now: EpochSeconds, random: Random): CloudPool {
  switch (plan.cloud) {
    case "eks":
      return new EksPool(plan, now, random);
    case "gke":
      return new GkePool(plan, cluster, now, random);
    case "aks":
      return new AksPool(plan, now, random);
    default:
      return plan.cloud satisfies never;
  }
}

/**
 * The world of one seed, before anything happens in it. `hear` is told everything that can be seen from outside; `faults` are the
 * kinds that go wrong, or null for those that the seed draws.
 */
export function createWorld(
  seed: number,
  hear: (happening: Happening) => void,
  faults: readonly Fault[] | null,
): World {
  const random = createRandom(`seed ${seed}`);
  const start = EVENING + Math.floor(random.between(0, SPREAD));
  const calmAt = start + random.whole(LIFE.from, LIFE.to) * 60;
  const plan = drawPlan(random.fork("plan"));
  const cluster = new GkeCluster();
  const pools = new Map(
    plan.workloads.flatMap((w) => w.pools).map((p) => [p.name, poolAt(p, cluster, start, random.fork(p.name))]),
  );
  const demand = createDemand(plan, start, calmAt, random.fork("demand"));
  const scheduler = createScheduler(start);
  const stored = new Map<string, WorkloadMemory>();
  const lines: string[] = [];
  const snapshots = new Map<string, PoolState[]>([...pools.keys()].map((name) => [name, []]));
  const metrics = createMetricStore(plan, pools, demand);
  const hash = createHash("sha256");
  let made = 0;
  const world: World = {
    scheduler,
    random,
    swarm: createSwarm(random.fork("swarm"), faults),
    calmAt,
    original: plan,
    policy: policyOf(plan),
    policySince: start,
    pools,
    demand,
    metrics,
    items: emptyItems(),
    stored: (workload) => stored.get(workload) ?? EMPTY_MEMORY,
    keep: (workload, memory) => void stored.set(workload, memory),
    earlier(pool) {
      const kept = snapshots.get(pool) ?? [];
      return kept.length === 0 ? null : random.pick(kept);
    },
    scrape() {
      for (const [name, pool] of pools) {
        const kept = snapshots.get(name) ?? [];
        kept.push(pool.observe(scheduler.now));
        if (kept.length > KEPT_SNAPSHOTS) kept.shift();
      }
      metrics.scrape(scheduler.now);
    },
    next() {
      made += 1;
      return made;
    },
    tell: hear,
    inForce: () => world.policy,
    note(text) {
      const line = `${new Date(scheduler.now * 1000).toISOString().slice(11, 23)} ${text}`;
      hash.update(line);
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
    },
    lines,
    digest: () => hash.copy().digest("hex"),
  };
  return world;
}
