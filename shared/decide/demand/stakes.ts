import type { Learned } from "../../model/learned.ts";
import { own } from "../../policy/own.ts";
import type { Seconds } from "../../policy/units.ts";
import { priceOfLate, pricesOf } from "../capacity/prices.ts";
import type { PoolSize } from "../size.ts";
import { lateAlone } from "./bursts.ts";
import { bestTogether, foresight, type Stakes } from "./idle.ts";

/** DOUBT: share of a boot that it may deviate by, before any was seen. */
const DOUBT = 1 / 3;

/**
 * CALLS: what giving a node up and asking for one again is to be worth beyond its boot, in seconds of the cheapest node at a thrift of
 * 1: clouds count calls, whatever the node costs.
 */
const CALLS: Seconds = 1800;

/** GIVEN_UP: a second node that is there is given up once it saves less than this share of its price: it costs calls to change. */
const GIVEN_UP = 0.5;

export const bootVarianceOf = ({ boot, bootVariance }: Pick<Learned, "boot" | "bootVariance">): number =>
  bootVariance ?? (boot * DOUBT) ** 2;

interface Weighed {
  /** What one node serves, requests a second. */
  readonly rate: number;
  /** See `careOf`. */
  readonly care: number;
  readonly maxWait: Seconds;
}

/** What is at stake while there may be no node: for keeping one without work, and for asking for several at once. */
export interface ColdStart {
  readonly stakes: Stakes;
  /** Nodes to ask for at once where there is none. */
  readonly together: number;
  /** Whether a second node, beside the one that is kept, saves more for bursts than it costs. */
  readonly second: boolean;
}

/** The stakes at the prices of the pools that hold nodes, else of those that may be asked for some. */
export function coldStartOf(learned: Learned, sizes: readonly PoolSize[], { rate, care, maxWait }: Weighed): ColdStart {
  const prices = pricesOf(sizes.map((p) => p.pool));
  const priced = (of: (p: PoolSize) => boolean) => sizes.flatMap((p, i) => (of(p) ? [prices[i] ?? 0] : []));
  const held = priced((p) => p.desired > p.noticed);
  const open = priced((p) => own(learned.pools, p.pool.name)?.shut === false);
  const hourly = Math.min(...([held, open].find((some) => some.length > 0) ?? prices));
  const start = { boot: learned.boot, spread: Math.sqrt(bootVarianceOf(learned)), maxWait, rate };
  const late = priceOfLate(prices, rate, care);
  const keeping = hourly / 3600;
  const cheapest = Math.min(...prices) / 3600;
  const boots = keeping * learned.boot;
  const { nodes, cost } = bestTogether(start, boots, late);
  // Where no node is to last, a boot is due either way.
  const starting = held.length > 0 ? cost + cheapest * CALLS * learned.thrift : cost - boots;
  const saved = lateAlone(learned.bursts) * foresight(learned.boot, maxWait) * late;
  const nodesHeld = sizes.reduce((n, p) => n + p.desired - p.noticed, 0);
  const second = saved > hourly * (nodesHeld >= 2 ? GIVEN_UP : 1);
  return { stakes: { keeping: second ? 2 * keeping : keeping, starting }, together: nodes, second };
}
