import type { Learned, LearnedPool } from "../../model/learned.ts";
import { own } from "../../policy/own.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import { budgetNow } from "../capacity/probes.ts";
import { firstOf, lookAt } from "../capacity/survival.ts";
import { addCalls } from "../capacity/thrift.ts";
import type { PoolSize } from "../size.ts";
import { trim } from "../trim.ts";
import type { Looked } from "./backlog.ts";
import { bootVarianceOf } from "./stakes.ts";

const BOOT_RANGE = [30, 1800] as const;
/** BOOT_WEIGHT: of one node's boot against what is known. */
const BOOT_WEIGHT = 0.1;

/** The latest refusal of a pool: what its cloud says, or what its health came to. */
function refusalOf(p: PoolSize, { observation }: Looked): EpochSeconds | null {
  const seen = own(observation.pools, p.pool.name);
  const told = seen?.kind === "seen" ? seen.state.capacityError : null;
  const { failedAt } = p.health;
  return told === null || failedAt === null ? (told ?? failedAt) : Math.max(told, failedAt);
}

type Boots = Pick<Learned, "boot" | "bootVariance">;

/** What is known of boots with those of the nodes that a pool brought since it was last looked at. */
function addBoots(past: Boots, last: LearnedPool, ready: number, middle: EpochSeconds): Boots {
  let { boot, bootVariance } = past;
  for (const { at, nodes } of firstOf(last.orders, Math.max(0, ready - last.ready))) {
    const took: Seconds = Math.min(BOOT_RANGE[1], Math.max(BOOT_RANGE[0], middle - at));
    const weight = 1 - (1 - BOOT_WEIGHT) ** nodes;
    bootVariance = trim(bootVarianceOf({ boot, bootVariance }) * (1 - weight) + weight * (took - boot) ** 2);
    boot += (took - boot) * weight;
  }
  return { boot, bootVariance };
}

/** Takes in how the pools stand: what came and how long it took, what was lost or refused, and what all that cost in calls. */
export function lookAtPools(
  past: Learned,
  context: Looked,
): Pick<Learned, "pools" | "boot" | "bootVariance" | "probes" | "thrift" | "held"> {
  const { size, now } = context;
  let boots: Boots = past;
  const pools: Record<string, LearnedPool> = {};
  let [refusals, changes] = [0, 0];
  for (const p of size.pools) {
    const last = own(past.pools, p.pool.name);
    if (p.unseen !== null) {
      if (last !== undefined) pools[p.pool.name] = last;
      continue;
    }
    const next = lookAt(last, p, refusalOf(p, context), past.at, now);
    pools[p.pool.name] = next;
    if (next.refusals > (last?.refusals ?? 0)) refusals += 1;
    if (last === undefined) continue;
    if (next.desired !== last.desired) changes += 1;
    // It was ready at some time since the last look.
    if (!last.shut && !next.shut) boots = addBoots(boots, last, next.ready, (now + past.at) / 2);
  }
  const nodes = Object.values(pools).reduce((sum, pool) => sum + pool.given, 0);
  const elapsed = Math.max(0, now - past.at);
  const { thrift, held } = addCalls(past, { calls: refusals + changes, nodes, elapsed });
  const probes = trim(budgetNow(past.probes, { refusals, nodes, elapsed, thrift }));
  return { boot: trim(boots.boot), bootVariance: boots.bootVariance, probes, thrift, held, pools };
}
