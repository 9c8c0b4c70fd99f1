import { revisionOf } from "../../shared/policy/revision.ts";
import { type PolicyInput, policy as schema } from "../../shared/policy/schema/policy.ts";
import { CLOUDS, type Cloud } from "../../shared/policy/schema/pools.ts";
import type { PolicyInForce } from "../../shared/reconcile/deps.ts";
import type { Random } from "./random.ts";

/** One pool as a seed draws it: what the policy says of it, and what stands at the cloud. */
export interface PoolPlan {
  readonly name: string;
  readonly cloud: Cloud;
  readonly spot: boolean;
  /** GKE sizes a pool in every zone alike. */
  readonly zones: number;
  /** What the cloud itself allows, in nodes. */
  readonly max: number;
  readonly price: number;
  /** Nodes at the start. */
  readonly desired: number;
}

/** One workload as a seed draws it. `rules`: up and down by thresholds; `targets`: so much for each node. */
export interface WorkloadPlan {
  readonly id: string;
  readonly kind: "rules" | "targets";
  readonly min: number;
  readonly max: number;
  readonly add: number;
  readonly remove: number;
  /** Seconds for which a recommendation holds back shrinking. */
  readonly stabilization: number;
  readonly offHours: "none" | "zero" | "zeroUnlessNeeded";
  /** Whether busy nodes may be stopped; if not, a signal tells which are busy. */
  readonly interruptible: boolean;
  /** Whether busy nodes are taken after all once they were waited for long enough. */
  readonly force: boolean;
  readonly pools: readonly PoolPlan[];
}

/** A fleet as a seed draws it. Changing its policy is changing this. */
export interface Plan {
  /** US dollars an hour; null without a budget. */
  readonly budget: number | null;
  readonly workloads: readonly WorkloadPlan[];
}

/** What one node can do, in the unit of the workloads' signals. */
export const PER_NODE = 50;
/** The `for` of growing and of shrinking rules, seconds: a few looks each, so that much happens in a short life. */
export const UP_FOR = 60;
export const DOWN_FOR = 120;
export const MAX_AGE = 45;
/** The queue above which rules grow, and below which they shrink. */
export const LONG_QUEUE = 50;
export const SHORT_QUEUE = 10;
export const PROVISION_TIMEOUT = 300;
/** Seconds for which busy nodes are waited for. */
export const MAX_WAIT = 240;
/** Hours, UTC, between which an off-hours window says zero. */
export const OFF_HOURS = { from: 22, until: 6 } as const;

/** The most that `nodes.min` says. */
const MOST_MIN = 2;

const REGION = "eu-central-1";
const SUBSCRIPTION = "11111111-2222-4333-8444-555555555555";

function drawPool(random: Random, name: string, spot: boolean, atLeast: number, desired: number): PoolPlan {
  const cloud = random.pick(CLOUDS);
  const zones = cloud === "gke" && random.chance(0.2) ? 2 : 1;
  const max = atLeast + random.whole(0, 3);
  const price = spot ? random.between(1, 3) : random.between(4, 9);
  return { name, cloud, spot, zones, max, price, desired: Math.ceil(desired / zones) * zones };
}

function drawWorkload(random: Random, id: string): WorkloadPlan {
  const max = random.whole(2, 5);
  const min = random.whole(0, Math.min(MOST_MIN, max - 1));
  const first = random.whole(min, max);
  const names = random.chance(0.35) ? [`${id}-only`] : [`${id}-spot`, `${id}-base`];
  return {
    id,
    kind: random.chance(0.5) ? "rules" : "targets",
    min,
    max,
    add: random.whole(1, 2),
    remove: random.whole(1, 2),
    stabilization: random.pick([0, 60, 120, 300]),
    offHours: random.pick(["none", "none", "none", "zero", "zeroUnlessNeeded"]),
    interruptible: random.chance(0.4),
    force: random.chance(0.3),
    pools: names.map((name, i) => drawPool(random, name, name.endsWith("spot"), max, i === 0 ? first : 0)),
  };
}

export function drawPlan(random: Random): Plan {
  const ids = ["llm", "embed", "train"].slice(0, random.pick([1, 1, 1, 2, 2, 3]));
  const workloads = ids.map((id) => drawWorkload(random, id));
  // Enough for every floor that a changed policy may have, on the dearest pools, and a node besides; too little for everything.
  const floors = workloads.reduce((sum, w) => sum + MOST_MIN * Math.max(...w.pools.map((p) => p.price)), 0);
  return { budget: random.chance(0.35) ? floors + random.between(9, 16) : null, workloads };
}

/** The plan with one thing changed, as somebody who edits a policy would: the bounds, or a pool less or more. */
export function changed(plan: Plan, original: Plan, random: Random): Plan {
  const at = random.whole(0, plan.workloads.length - 1);
  const workloads = plan.workloads.map((workload, i): WorkloadPlan => {
    const first = original.workloads[i];
    if (i !== at || first === undefined) return workload;
    if (first.pools.length > 1 && random.chance(0.4)) {
      const [preferred] = first.pools;
      const fewer = workload.pools.length > 1 && preferred !== undefined;
      return { ...workload, pools: fewer ? [preferred] : first.pools };
    }
    const max = random.whole(1, first.max);
    return { ...workload, max, min: Math.min(random.whole(0, MOST_MIN), max) };
  });
  return { ...plan, workloads };
}

function reference({ cloud, name }: PoolPlan) {
  switch (cloud) {
    case "eks":
      return { eks: { region: REGION, cluster: "prod", nodegroup: name } };
    case "gke":
      return { gke: { project: "ml", location: "europe-west4-a", cluster: "prod", nodePool: name } };
    case "aks":
      return {
        aks: {
          subscription: SUBSCRIPTION,
          resourceGroup: "ml",
          cluster: "prod",
          agentPool: name.replaceAll("-", "").slice(0, 12),
        },
      };
    default:
      return cloud satisfies never;
  }
}

const seconds = (duration: number): string => `${duration}s`;

function workloadInput(plan: WorkloadPlan): PolicyInput["workloads"][string] {
  const { id, min, max } = plan;
  const queue = `${id}Queue`;
  const rules = {
    scaleUp: { any: [{ signal: queue, above: LONG_QUEUE, for: seconds(UP_FOR) }], add: plan.add },
    scaleDown: {
      all: [
        { signal: queue, below: SHORT_QUEUE, for: seconds(DOWN_FOR) },
        { signal: `${id}Util`, below: 40, for: seconds(UP_FOR) },
      ],
      remove: plan.remove,
    },
  };
  const wakeOn = [{ signal: queue, above: LONG_QUEUE, for: seconds(UP_FOR) }];
  const offHours = {
    name: "off-hours",
    start: `0 ${OFF_HOURS.from} * * *`,
    end: `0 ${OFF_HOURS.until} * * *`,
    nodes: { exactly: 0 },
    ...(plan.offHours === "zeroUnlessNeeded" ? { wakeOn } : {}),
  };
  return {
    gpu: { model: "T4", perNode: 1 },
    nodes: { min, max },
    pools: plan.pools.map((pool) => ({
      name: pool.name,
      capacity: pool.spot ? "spot" : "on-demand",
      pricePerHour: pool.price,
      ...reference(pool),
    })),
    spot: { fallbackAfter: "2m", backoff: { initial: "1m", max: "4m" }, returnAfter: "5m" },
    alerts: [alertOf(id)],
    ...(plan.kind === "rules" ? rules : { targets: [{ signal: queue, perNode: PER_NODE }] }),
    behavior: { scaleDown: { stabilizationWindowSeconds: plan.stabilization } },
    schedules: plan.offHours === "none" ? [] : [offHours],
    scaleIn: plan.interruptible
      ? { interruptible: true }
      : // biome-ignore lint/suspicious/noThenProperty: the policy format's own word.
        { busy: `${id}Busy`, maxWait: seconds(MAX_WAIT), then: plan.force ? "force" : "notify" },
    provisionTimeout: seconds(PROVISION_TIMEOUT),
    respectExternalFor: "3m",
  };
}

/** The alert by which a workload's long queue is told. */
export const alertOf = (workload: string): string => `${workload}QueueLong`;

function signalsOf({ id }: WorkloadPlan): NonNullable<PolicyInput["signals"]> {
  const base = { source: "prom", maxAge: seconds(MAX_AGE) };
  return {
    [`${id}Queue`]: { ...base, query: `${id}_queue` },
    [`${id}Util`]: { ...base, query: `${id}_util`, whenEmpty: "absent", unit: "percent" },
    [`${id}Busy`]: { ...base, query: `${id}_busy`, whenEmpty: "zero", per: "node" },
  };
}

/** A policy as it was deployed, and the plan that it was made of. */
export interface Deployed extends PolicyInForce {
  readonly plan: Plan;
}

/** The policy that says what the plan says. */
export function policyOf(plan: Plan): Deployed {
  const policy = schema.parse({
    version: 1,
    fleet: "simulated",
    ...(plan.budget === null ? {} : { budget: { perHour: plan.budget } }),
    sources: { prom: { prometheus: { url: "http://127.0.0.1:9090" } } },
    signals: Object.assign({}, ...plan.workloads.map(signalsOf)),
    workloads: Object.fromEntries(plan.workloads.map((w) => [w.id, workloadInput(w)])),
  });
  return { plan, policy, revision: revisionOf(policy) };
}
