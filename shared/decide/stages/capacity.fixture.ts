import { fleetOf, MINUTE, NOON, poolOf } from "../../../test/support/fleet.ts";
import type { PoolHealth, PoolTrouble, WorkloadMemory } from "../../model/memory.ts";
import { NEVER_FAILED } from "../capacity/health.ts";
import { onDemandPool, spotPool } from "../capacity/pools.fixture.ts";
import type { Draft } from "../draft.ts";
import { capacity } from "./capacity.ts";
import { contextOf, draftOf } from "./stage.fixture.ts";

type PoolInput = ReturnType<typeof spotPool>;

/** How one pool stands at noon, in nodes: all that it is asked for are ready, and it has never failed, unless said otherwise. */
export interface Standing {
  readonly nodes: number;
  readonly ready?: number;
  readonly noticed?: number;
  readonly max?: number;
  /** Nodes it had when it was last seen, and was to be asked for. */
  readonly before?: number;
  readonly health?: PoolHealth;
}

/** Left alone for four more minutes. */
export const failing = (trouble: PoolTrouble, failures = 1): PoolHealth => ({
  ...NEVER_FAILED,
  failures,
  failedAt: NOON - MINUTE,
  trouble,
  backoffUntil: NOON + 4 * MINUTE,
});
/** Left alone until now, and long enough ago to be tried again. */
export const tried = (trouble: PoolTrouble, failures: number): PoolHealth => ({
  ...failing(trouble, failures),
  failedAt: NOON - 30 * MINUTE,
  backoffUntil: NOON,
});

/** A workload that prefers spot at 1 USD an hour to on-demand at 3. */
export const SPOT_FIRST: readonly PoolInput[] = [spotPool("spot"), onDemandPool("od")];

export interface Spreading {
  readonly want: number;
  readonly pools?: readonly PoolInput[];
  readonly standing: Readonly<Record<string, Standing>>;
  readonly draft?: Partial<Draft>;
  /** US dollars an hour. */
  readonly budget?: number;
  readonly workload?: Parameters<typeof fleetOf>[0];
}

/** What the stage asks the pools for, and what it says. */
export function spreading({ want, pools = SPOT_FIRST, standing, draft = {}, budget, workload = {} }: Spreading) {
  const policy = fleetOf(
    { nodes: { min: 0, max: 8 }, ...workload, pools: [...pools] },
    budget === undefined ? {} : { budget: { perHour: budget } },
  );
  const each = Object.entries(standing);
  const had = each.map(([name, { nodes, before = nodes }]) => [name, before] as const);
  const total = had.reduce((sum, [, before]) => sum + before, 0);
  const footing = { size: total, total };
  const memory: Partial<WorkloadMemory> = {
    pools: Object.fromEntries(
      each.map(([name, { nodes, before = nodes, ready = nodes, health = NEVER_FAILED }]) => [
        name,
        { at: NOON - MINUTE, desired: before, ready, health },
      ]),
    ),
    assigned: { before: footing, after: footing, pools: Object.fromEntries(had) },
  };
  const seen = each.map(([name, { nodes, ready = nodes, noticed = 0, max = 10 }]) => [
    name,
    poolOf(nodes, ready, { noticed, max }),
  ]);
  const context = contextOf({ policy, pools: Object.fromEntries(seen), memory });
  const { draft: next, reason, detail } = capacity(draftOf(want, draft), context);
  return { pools: next.pools, reason, detail };
}
