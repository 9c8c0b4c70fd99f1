import type { LearnedPool } from "../../model/learned.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import type { PoolSize } from "../size.ts";

/** FIRST_PROBE, DOUBLINGS: a shut pool is tried after 5 minutes, then twice as long each time, up to 20. */
const FIRST_PROBE: Seconds = 300;
const DOUBLINGS = 2;
/** PER_NODE_HOUR, MOST, COST: a third of the five calls and refusals that a node hour may cost is spent on probes. */
const PER_NODE_HOUR = 1.5;
const MOST = 6;
const COST = 0.5;
/** ANSWERED: a cloud has answered by then; a probe that it left open is taken back. */
const ANSWERED: Seconds = 90;
/** SEVERAL, SELDOM: with so many pools open another is of little use, and they are tried so many times less often. */
const SEVERAL = 2;
const SELDOM = 4;
/** AT_ONCE: pools tried together: while on-demand nodes wait to be replaced, with fewer than several open, and otherwise. */
const AT_ONCE = { bridged: 3, few: 2, several: 1 } as const;

interface Probed {
  readonly probes: number;
  readonly pools: Readonly<Record<string, LearnedPool>>;
}

/** What moves the budget: refusals that were heard, nodes that are held, and thrift. */
interface Spent {
  readonly refusals: number;
  readonly nodes: number;
  readonly elapsed: Seconds;
  /** See `addCalls`. */
  readonly thrift: number;
}

/** The budget as it stands: it grows with the nodes there are, the less the more thrift there is, and every refusal takes one. */
export function budgetNow(left: number, { refusals, nodes, elapsed, thrift }: Spent): number {
  const earned = ((elapsed / 3600) * PER_NODE_HOUR * Math.max(1, nodes)) / thrift;
  return Math.min(MOST, left + earned) - refusals;
}

const dueAt = ({ triedAt, refusals }: LearnedPool, patience: number): EpochSeconds =>
  triedAt + patience * FIRST_PROBE * 2 ** Math.min(DOUBLINGS, Math.max(0, refusals - 1));

/** Sends out probes where they are due, useful and within the budget, the one that waited longest first. */
export function probe(sizes: readonly PoolSize[], past: Probed, now: EpochSeconds): Probed {
  const pools = { ...past.pools };
  let { probes } = past;
  for (const [name, pool] of Object.entries(pools))
    if (pool.probing && now - pool.triedAt >= ANSWERED) pools[name] = { ...pool, probing: false };
  const of = (p: PoolSize): LearnedPool | undefined => pools[p.pool.name];
  const spot = sizes.filter((p) => p.pool.capacity === "spot");
  const open = spot.filter((p) => of(p)?.shut === false).length;
  const live = sizes.reduce((sum, p) => sum + p.given, 0);
  const bridged = sizes.some((p) => p.pool.capacity === "on-demand" && p.given > 0);
  // More open pools than nodes are no use while none of them is dearer than it need be.
  if (!bridged && open >= Math.max(1, live)) return { probes, pools };
  const urgency = bridged ? "bridged" : open < SEVERAL ? "few" : "several";
  const patience = urgency === "several" ? SELDOM : 1;
  const due = sizes
    .flatMap((p) => {
      const pool = of(p);
      return pool?.shut === true && !pool.probing && p.unseen === null && dueAt(pool, patience) <= now
        ? [{ p, pool }]
        : [];
    })
    .toSorted((a, b) => a.pool.triedAt - b.pool.triedAt);
  for (const { p, pool } of due.slice(0, AT_ONCE[urgency])) {
    if (probes < 1) break;
    pools[p.pool.name] = { ...pool, probing: true, triedAt: now };
    probes -= COST;
  }
  return { probes, pools };
}
