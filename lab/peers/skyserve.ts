import type { Seconds } from "../../shared/policy/units.ts";
import type { Answer, Controller, PoolSight, Sight } from "../world/controller.ts";
import { createErrors, type Groups, sizesOf } from "./groups.ts";

/** SkyServe's settings, with its own defaults but for the request rate. */
export interface SkyServeOptions {
  readonly groups: Groups;
  /** Requests a second that a replica is to get. */
  readonly perReplica: number;
  /** Spot replicas on top (`num_overprovision`). */
  readonly overprovision: number;
  readonly initialReplicas: number;
}

const DECISION: Seconds = 20;
const UP_AFTER: Seconds = 300;
const DOWN_AFTER: Seconds = 1200;

/** SkyServe's hysteresis: a target that stays above (or below) the one in force for so many decisions comes into force. */
function createTarget(initial: number): (wanted: number) => number {
  let target = initial;
  let [above, below] = [0, 0];
  return (wanted) => {
    above = wanted > target ? above + 1 : 0;
    below = wanted < target ? below + 1 : 0;
    const due = above * DECISION >= UP_AFTER || below * DECISION >= DOWN_AFTER;
    if (target === 0 || due) {
      target = wanted;
      [above, below] = [0, 0];
    }
    return target;
  };
}

/** SpotHedge's placement: zones that have failed are left alone until fewer than two are left. */
function createPlacer(zones: readonly string[]) {
  let active = [...zones];
  let failed: string[] = [];
  return {
    failed: (zone: string) => {
      if (!active.includes(zone)) return;
      active = active.filter((z) => z !== zone);
      failed.push(zone);
      if (active.length >= 2) return;
      active = [...active, ...failed];
      failed = [];
    },
    works: (zone: string) => {
      if (!failed.includes(zone)) return;
      failed = failed.filter((z) => z !== zone);
      active.push(zone);
    },
    /** The active zone with the fewest replicas. */
    next: (sizes: Readonly<Record<string, number>>): string | undefined =>
      active.toSorted((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0))[0],
  };
}

/** Replicas that are there and stay. */
const remaining = ({ nodes }: PoolSight): number =>
  nodes.filter((n) => n.phase === "booting" || n.phase === "ready").length;

const readyIn = ({ nodes }: PoolSight): number => nodes.filter((n) => n.phase === "ready").length;

/** SkyServe with dynamic on-demand fallback: one on-demand replica for every spot replica that is not ready. */
export function createSkyServe({ groups, perReplica, overprovision, initialReplicas }: SkyServeOptions): Controller {
  const targetFor = createTarget(initialReplicas);
  const placer = createPlacer(groups.spot);
  const isNewError = createErrors();
  const seenReady = new Map<string, number>();

  const noteZones = (pools: readonly PoolSight[], sizes: Record<string, number>) => {
    for (const pool of pools.filter((p) => groups.spot.includes(p.name))) {
      const ready = readyIn(pool);
      if (ready > (seenReady.get(pool.name) ?? 0)) placer.works(pool.name);
      const noticed = pool.nodes.some((n) => n.noticed);
      seenReady.set(pool.name, ready);
      const refused = isNewError(pool);
      if (refused || noticed) {
        placer.failed(pool.name);
        sizes[pool.name] = Math.min(pool.desired, remaining(pool));
      }
    }
  };

  const fitSpot = (wanted: number, sizes: Record<string, number>) => {
    let there = groups.spot.reduce((sum, zone) => sum + (sizes[zone] ?? 0), 0);
    for (; there < wanted; there += 1) {
      const zone = placer.next(sizes);
      if (zone === undefined) break;
      sizes[zone] = (sizes[zone] ?? 0) + 1;
    }
    for (; there > wanted; there -= 1) {
      const largest = groups.spot.toSorted((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0))[0];
      if (largest === undefined) break;
      sizes[largest] = Math.max(0, (sizes[largest] ?? 0) - 1);
    }
  };

  const act = (sight: Sight): Answer => {
    const { pools, live } = sight;
    const target = targetFor(Math.ceil(live.arrivals / perReplica));
    const sizes = sizesOf(sight);
    noteZones(pools, sizes);
    fitSpot(target + overprovision, sizes);
    const ready = pools.filter((p) => groups.spot.includes(p.name)).reduce((sum, p) => sum + readyIn(p), 0);
    sizes[groups.onDemand] = Math.max(0, Math.min(target, target + overprovision - ready));
    return { sizes };
  };

  return { every: DECISION, wokenByEvents: false, initial: { [groups.onDemand]: initialReplicas }, act };
}
