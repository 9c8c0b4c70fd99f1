import type { Seconds } from "../../shared/policy/units.ts";
import type { Answer, Controller, NodeSight, PoolSight, Sight } from "../world/controller.ts";
import { createErrors, createTurns, type Groups, living, nodesOf, sizesOf } from "./groups.ts";
import type { Keda } from "./hpa.ts";
import { createReplicaSet } from "./replica-set.ts";

/** Where one node autoscaler differs from another. */
export interface NodeAutoscaling {
  readonly groups: Groups;
  /** A node of this group was refused at `now`. */
  readonly refused: (group: string, now: Seconds) => void;
  /** Whether a group is left alone at `now`. */
  readonly shunned: (group: string, now: Seconds) => boolean;
  /** How long a node is empty before it goes, and how long after the last growth. */
  readonly emptyFor: Seconds;
  readonly afterGrowth: Seconds;
  /** Nodes removed at once. */
  readonly removedAtOnce: number;
}

/** Cluster Autoscaler's `--scan-interval`; Karpenter's batches are about as long. */
const SCAN: Seconds = 10;

/** A HorizontalPodAutoscaler that asks for pods, and an autoscaler that finds nodes for those without one. */
export function createNodeAutoscaler(
  keda: Keda,
  options: NodeAutoscaling,
  initial: Readonly<Record<string, number>>,
): Controller {
  const replicas = createReplicaSet();
  const turn = createTurns(options.groups.spot);
  const isNewError = createErrors();
  const emptySince = new Map<string, Seconds>();
  let grewAt = Number.NEGATIVE_INFINITY;

  /** What was refused is no longer asked for. */
  const withdraw = (pool: PoolSight, sizes: Record<string, number>, now: Seconds) => {
    options.refused(pool.name, now);
    sizes[pool.name] = Math.min(pool.desired, living(pool));
  };

  const grow = (missing: number, sizes: Record<string, number>, now: Seconds) => {
    for (let i = 0; i < missing; i += 1) {
      const group = turn((g) => options.shunned(g, now)) ?? options.groups.onDemand;
      sizes[group] = (sizes[group] ?? 0) + 1;
      grewAt = now;
    }
  };

  const emptyNodes = (nodes: ReturnType<typeof nodesOf>, serving: ReadonlySet<string>, now: Seconds) => {
    const empty = nodes.filter((n) => n.phase === "ready" && !n.noticed && !n.busy && !serving.has(n.id));
    for (const id of emptySince.keys()) if (!empty.some((n) => n.id === id)) emptySince.delete(id);
    for (const { id } of empty) if (!emptySince.has(id)) emptySince.set(id, now);
    if (now - grewAt < options.afterGrowth) return [];
    return empty.filter((n) => now - (emptySince.get(n.id) ?? now) >= options.emptyFor).slice(-options.removedAtOnce);
  };

  const act = (sight: Sight): Answer => {
    const { now, pools, live } = sight;
    const nodes = nodesOf(sight);
    const isReady = (node: NodeSight) => node.phase === "ready";
    const pods = keda.pods(live, now, nodes.filter(isReady).length);
    const serving = replicas.place(pods, nodes);
    const sizes = sizesOf(sight);
    for (const pool of pools) if (isNewError(pool)) withdraw(pool, sizes, now);
    const ready = new Map(pools.map((p) => [p.name, p.nodes.filter(isReady).length]));
    const upcoming = Object.entries(sizes).reduce((sum, [name, n]) => sum + Math.max(0, n - (ready.get(name) ?? 0)), 0);
    const missing = pods - serving.size - upcoming;
    if (missing > 0) {
      grow(missing, sizes, now);
      return { sizes, serving };
    }
    const remove: Record<string, string[]> = {};
    for (const { id, pool } of emptyNodes(nodes, serving, now)) {
      remove[pool] = [...(remove[pool] ?? []), id];
      sizes[pool] = Math.max(0, (sizes[pool] ?? 0) - 1);
    }
    return { sizes, remove, serving };
  };

  return { every: SCAN, wokenByEvents: false, initial, act };
}
