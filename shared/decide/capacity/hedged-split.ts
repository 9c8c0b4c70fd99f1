import type { PoolSize } from "../size.ts";
import { priceOfLate, pricesOf } from "./prices.ts";
import { type Load, lateAfterLoss } from "./risk.ts";
import type { Split } from "./split.ts";

/** WORTH_MOVING: share of the cheapest node's price that a move must save; between pools of one price, four times that. */
const WORTH_MOVING = 0.03;
const ALIKE = 4;
/** MAX_MOVES: more than a workload ever needs at once; it bounds the time of one decision. */
const MAX_MOVES = 80;
/** PORTIONS: many nodes are placed so many at once, a few exactly. */
const PORTIONS = 32;
/** A pool as it may be used. */
export interface Place {
  readonly size: PoolSize;
  /** Nodes that it has or will get. */
  readonly has: number;
  /** The most it may hold: what it has, where it is not to be asked for more. */
  readonly cap: number;
  /** Losses of all its nodes at once that are to be expected in an hour. */
  readonly hazard: number;
}

/** What is to be placed, and what decides where. */
export interface Demand {
  readonly want: number;
  readonly ceiling: number;
  readonly onDemandBase: number;
  readonly load: Load;
  /** Requests a second that one node serves. */
  readonly rate: number;
  /** See `careOf`. */
  readonly care: number;
  /** Whether running nodes may be replaced by those of another pool. */
  readonly free: boolean;
}

/** A change by one step: so many nodes to one pool, or from one, or both. */
interface Move {
  readonly from: number | null;
  readonly to: number | null;
  readonly nodes: number;
}

/** Dollars an hour that a split costs: its nodes, and the requests that a loss would make late. */
function costOf(split: readonly number[], places: readonly Place[], prices: readonly number[], demand: Demand): number {
  const { load, rate, care } = demand;
  let [nodes, paid, late] = [0, 0, 0];
  split.forEach((n, i) => {
    nodes += n;
    paid += n * (prices[i] ?? 0);
  });
  split.forEach((n, i) => {
    const hazard = places[i]?.hazard ?? 0;
    if (n > 0 && hazard > 0) late += hazard * lateAfterLoss(load, rate * (nodes - n));
  });
  return paid + late * priceOfLate(prices, rate, care);
}

const moved = (split: readonly number[], { from, to, nodes }: Move): readonly number[] =>
  split.map((n, i) => n + (i === to ? nodes : 0) - (i === from ? nodes : 0));

const sum = (split: readonly number[]): number => split.reduce((total, n) => total + n, 0);

/** What a move must save, as a share of the cheapest node's price. */
const hurdleOf = ({ from, to }: Move, prices: readonly number[]): number =>
  from !== null && to !== null && prices[from] === prices[to] ? WORTH_MOVING * ALIKE : WORTH_MOVING;

/** Whether a pool has nodes that still boot, which would begin anew in another. */
const boots = ({ size }: Place, nodes: number): boolean => size.ready - size.noticed < nodes;

/** Places what is missing, many at once while there are many, wherever it costs least. */
function filled(begin: readonly number[], places: readonly Place[], prices: readonly number[], demand: Demand) {
  let split = begin;
  while (sum(split) < demand.want) {
    const portion = Math.ceil((demand.want - sum(split)) / PORTIONS);
    const moves = places.flatMap(({ size, cap }, to): Move[] => {
      const step = size.step * Math.max(1, Math.floor(portion / size.step));
      const room = Math.min(cap - (split[to] ?? 0), demand.ceiling - sum(split));
      const nodes = Math.min(step, Math.floor(room / size.step) * size.step);
      return nodes > 0 ? [{ from: null, to, nodes }] : [];
    });
    const best = cheapest(moves, (move) => {
      const next = moved(split, move);
      return (costOf(next, places, prices, demand) - costOf(split, places, prices, demand)) / move.nodes;
    });
    if (best === null) return split;
    split = moved(split, best.move);
  }
  return split;
}

function cheapest(moves: readonly Move[], cost: (move: Move) => number): { move: Move; cost: number } | null {
  let best: { move: Move; cost: number } | null = null;
  for (const move of moves) {
    const costs = cost(move);
    if (best === null || costs < best.cost) best = { move, cost: costs };
  }
  return best;
}

/**
 * The moves that a split allows: one step more, one less, or one from a pool to another. Where nothing may be replaced, nothing
 * is added beside what is wanted either: one more here and one less there would replace it all the same.
 */
function movesFrom(
  split: readonly number[],
  places: readonly Place[],
  prices: readonly number[],
  demand: Demand,
): readonly Move[] {
  const { want, onDemandBase, free } = demand;
  const ceiling = free ? demand.ceiling : want;
  const total = sum(split);
  const onDemand = split.reduce((n, nodes, i) => (places[i]?.size.pool.capacity === "on-demand" ? n + nodes : n), 0);
  const takes = places.map(({ size, cap }, i) => size.unseen === null && (split[i] ?? 0) + size.step <= cap);
  const gives = places.map(({ size }, i) => {
    const based = size.pool.capacity === "on-demand" && onDemand - size.step < Math.min(onDemandBase, want);
    return size.unseen === null && (split[i] ?? 0) >= size.step && !based;
  });
  const moves: Move[] = [];
  places.forEach((place, i) => {
    const { step } = place.size;
    const nodes = split[i] ?? 0;
    if (takes[i] && total + step <= ceiling) moves.push({ from: null, to: i, nodes: step });
    if (gives[i] && total - step >= want) moves.push({ from: i, to: null, nodes: step });
    if (!free || !gives[i]) return;
    places.forEach(({ size }, j) => {
      const anew = prices[i] === prices[j] && boots(place, nodes);
      if (i !== j && takes[j] && size.step === step && !anew) moves.push({ from: i, to: j, nodes: step });
    });
  });
  return moves;
}

/** The nodes that the on-demand base asks for are placed before anything else. */
function based(begin: readonly number[], places: readonly Place[], { want, onDemandBase }: Demand): readonly number[] {
  const isBase = ({ size }: Place): boolean => size.pool.capacity === "on-demand";
  let missing =
    Math.min(onDemandBase, want) - sum(begin.filter((_, i) => places[i] !== undefined && isBase(places[i])));
  return begin.map((n, i) => {
    const place = places[i];
    if (place === undefined || !isBase(place) || missing <= 0) return n;
    const steps = Math.min(
      Math.ceil(missing / place.size.step),
      Math.floor(Math.max(0, place.cap - n) / place.size.step),
    );
    missing -= steps * place.size.step;
    return n + steps * place.size.step;
  });
}

/**
 * Where `want` nodes, and those beside them that make a loss bearable, cost least: their price, and what is late when a pool
 * loses all of its nodes. From what there is, one step after the other while it pays.
 */
export function hedgedSplit(places: readonly Place[], demand: Demand): Split {
  const prices = pricesOf(places.map((place) => place.size.pool));
  const least = Math.min(...prices);
  const begin = places.map(({ size, has }) => (size.unseen === null ? has : size.desired));
  let split = filled(based(begin, places, demand), places, prices, demand);
  for (let i = 0; i < MAX_MOVES; i += 1) {
    const now = costOf(split, places, prices, demand);
    const best = cheapest(movesFrom(split, places, prices, demand), (move) => {
      const hurdle = hurdleOf(move, prices) * least * move.nodes;
      return costOf(moved(split, move), places, prices, demand) - now + hurdle;
    });
    if (best === null || best.cost >= 0) break;
    split = moved(split, best.move);
  }
  return Object.fromEntries(places.map(({ size }, i) => [size.pool.name, split[i] ?? 0]));
}
