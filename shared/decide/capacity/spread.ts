import type { Workload } from "../../policy/schema/workload.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import type { PoolSize, Size } from "../size.ts";
import { capOf, keptBy, type Standing, standingOf } from "./caps.ts";
import { nextStep } from "./move.ts";
import { fillingOrder, idealSplit, type Split } from "./split.ts";

/** A pool, and how it stands now. */
export interface StandingPool {
  readonly size: PoolSize;
  readonly standing: Standing;
}

/** A size, spread over the workload's pools. */
export interface Spread {
  /** The pools in the order in which they are filled. */
  readonly order: readonly StandingPool[];
  /** Where the nodes would stand once every move is made. */
  readonly ideal: Split;
  /** What the pools are to be asked for now. */
  readonly next: Split;
  /** Nodes of the wanted size that no pool may take now. */
  readonly unplaced: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** Spreads `want` nodes over pools of this size. `free`: whether running nodes may be replaced by those of a better pool. */
export function spread(size: Size, workload: Workload, want: number, free: boolean, now: EpochSeconds): Spread {
  const { spot, nodes } = workload;
  const order = fillingOrder(size.pools).map((p) => ({ size: p, standing: standingOf(p, spot, now) }));
  const pools = order.map((p) => p.size);
  const growth = Math.max(0, want - sum(order.map((p) => keptBy(p.size, p.standing))));
  const caps = new Map(order.map((p) => [p.size.pool.name, capOf(p.size, p.standing, { growth, free }, spot, now)]));
  const ceiling = Math.max(nodes.max, want);
  const ideal = idealSplit(pools, caps, want, ceiling, spot.onDemandBase);
  const placed = sum(Object.values(ideal));
  return { order, ideal, next: nextStep(pools, ideal, want, ceiling), unplaced: Math.max(0, want - placed) };
}
