import type { Sample } from "../../shared/model/series.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { PER_NODE, type Plan, type WorkloadPlan } from "./blueprint.ts";
import type { CloudPool } from "./clouds/cloud-pool.ts";
import type { Demand } from "./demand.ts";
import { hashOf } from "./random.ts";

/** Seconds between two scrapes. */
export const SCRAPE: Seconds = 15;
/** As long as any rule looks back, and more. */
const KEPT: Seconds = 600;

/** The signals of one workload, by the part of their name behind the workload's. */
export const SIGNALS = ["Queue", "Util", "Busy"] as const;
export type SignalKind = (typeof SIGNALS)[number];

/** A metric source's whole store: what every scrape found. */
export interface MetricStore {
  scrape(now: EpochSeconds): void;
  series(workload: string, kind: "Queue" | "Util"): readonly Sample[];
  /** By node. Only nodes that work have a sample, as a query with `> 0` gives them. */
  busy(workload: string): ReadonlyMap<string, readonly Sample[]>;
}

/** Seconds for which the same nodes work, as long as there are the same. */
const SHIFT: Seconds = 300;

/** Which of these nodes work now: so many as there is work for, and not for ever the same ones. */
function busyNodes(ids: readonly string[], load: number, now: EpochSeconds): readonly string[] {
  if (load >= ids.length) return ids;
  const shift = Math.floor(now / SHIFT);
  const ranked = ids.map((id) => ({ id, rank: hashOf(`${shift} ${id}`) })).toSorted((a, b) => a.rank - b.rank);
  return ranked.slice(0, load).map(({ id }) => id);
}

/** The nodes of a workload that serve, wherever they are. */
const servingNodes = (workload: WorkloadPlan, pools: ReadonlyMap<string, CloudPool>, now: EpochSeconds) =>
  workload.pools.flatMap((p) => pools.get(p.name)?.machines.states(now) ?? []).filter((n) => n.ready);

export function createMetricStore(plan: Plan, pools: ReadonlyMap<string, CloudPool>, demand: Demand): MetricStore {
  const series = new Map<string, Sample[]>();
  const busy = new Map<string, Map<string, Sample[]>>(plan.workloads.map((w) => [w.id, new Map()]));
  const add = (samples: Sample[], sample: Sample): void => {
    samples.push(sample);
    const old = samples.findIndex(([at]) => at > sample[0] - KEPT);
    if (old > 10) samples.splice(0, old);
  };
  const listOf = <K>(lists: Map<K, Sample[]>, key: K): Sample[] => {
    const list = lists.get(key) ?? [];
    lists.set(key, list);
    return list;
  };
  return {
    scrape(now) {
      for (const workload of plan.workloads) {
        const { id, kind } = workload;
        const load = demand.load(id, now);
        const serving = servingNodes(workload, pools, now).map((n) => n.id);
        // Rules see what is waiting, which nodes that serve make less; targets see all the work, whoever does it.
        const queue = kind === "rules" ? Math.max(0, load - serving.length) * 60 : load * PER_NODE;
        add(listOf(series, `${id}Queue`), [now, queue]);
        if (serving.length > 0) add(listOf(series, `${id}Util`), [now, 100 * Math.min(1, load / serving.length)]);
        const working = busy.get(id) ?? new Map<string, Sample[]>();
        for (const node of busyNodes(serving, load, now)) add(listOf(working, node), [now, 1]);
      }
    },
    series: (workload, kind) => series.get(`${workload}${kind}`) ?? [],
    busy: (workload) => busy.get(workload) ?? new Map(),
  };
}
