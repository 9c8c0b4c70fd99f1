import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Pool } from "../../shared/policy/schema/pools.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import { listed } from "../../shared/policy/suggest.ts";
import { type EpochSeconds, formatDuration, type Seconds } from "../../shared/policy/units.ts";
import type { DemandTrace } from "../traces/demand.ts";
import type { SpotTrace } from "../traces/spot.ts";
import {
  type BootTime,
  type Capacity,
  DEFAULT_CALLS,
  PRICE_ON_DEMAND,
  PRICE_SPOT,
  STEP,
  type WorldOptions,
  type WorldPool,
} from "../world/options.ts";
import { demandOf } from "./demand.ts";
import { BacktestError } from "./errors.ts";

/** What the user may say about the world beside the policy and the traces. */
export interface Settings {
  readonly seed: number;
  readonly boot: BootTime;
  readonly notice: Seconds;
  readonly onDemandCap: number | null;
  /** Share of metric samples that never arrive, 0 to 1. */
  readonly missingSamples: number;
  /** Where in the spot trace the demand begins. */
  readonly offset: Seconds;
  /** How much of the demand is run; null for all. */
  readonly length: Seconds | null;
  /** What time 0 is when no trace says it. */
  readonly start: EpochSeconds;
  /** Requests a second that one node serves; the policy's `objective.perNode` when null. */
  readonly rate: number | null;
  /** Requests that one node has in service at once. */
  readonly slots: number;
  /** Scales the demand so that its busiest ten minutes need so many nodes; null to take it as it is. */
  readonly peakNodes: number | null;
  /** The policy's objective when null. */
  readonly maxWait: Seconds | null;
  readonly attainment: number | null;
  /** Nodes that are ready at the start. */
  readonly startNodes: number;
  readonly zones: ReadonlyMap<string, string>;
  readonly prices: ReadonlyMap<string, number>;
}

/** A policy's workload, and the world that it is tried in. */
export interface Scenario {
  readonly policy: Policy;
  readonly name: string;
  readonly workload: Workload;
  readonly world: WorldOptions;
  readonly start: EpochSeconds;
  readonly attainment: number;
  /** Requests that one node has in service at once; 1 of jobs. */
  readonly slots: number;
  readonly initial: Readonly<Record<string, number>>;
  /** What was assumed or repaired, a sentence each. */
  readonly notes: readonly string[];
}

/** What is waited for at most where the policy has no objective. */
const DEFAULT_MAX_WAIT = { requests: 60, jobs: 300 } as const;
const DEFAULT_ATTAINMENT = 0.99;

/** The zone of a pool in the spot trace: what the user says, or the policy. */
const zoneOf = (pool: Pool, zones: ReadonlyMap<string, string>): string | null =>
  zones.get(pool.name) ?? pool.zone ?? null;

/** The zones that spot capacity has to be known of. Spot pools without one stand for themselves if `orOwn`. */
export function spotZones({ pools }: Workload, zones: ReadonlyMap<string, string>, orOwn: boolean): readonly string[] {
  const named = pools.flatMap((pool) => {
    if (pool.capacity !== "spot") return [];
    const zone = zoneOf(pool, zones);
    return zone === null ? (orOwn ? [pool.name] : []) : [zone];
  });
  return [...new Set(named)];
}

function priceOf(pool: Pool, prices: ReadonlyMap<string, number>): { price: number; note: string | null } {
  const stated = prices.get(pool.name) ?? pool.pricePerHour;
  if (stated !== undefined) return { price: stated, note: null };
  const price = pool.capacity === "spot" ? PRICE_SPOT : PRICE_ON_DEMAND;
  const note = `pool ${pool.name} has no price: ${price} USD an hour is assumed; state it by pricePerHour in the policy or --price ${pool.name}=USD`;
  return { price, note };
}

/** A spot pool's column. Throws `BacktestError` with what columns there are. */
function columnOf(pool: Pool, spot: SpotTrace, source: string, settings: Settings, generated: boolean): string {
  const zone = zoneOf(pool, settings.zones) ?? (generated ? pool.name : null);
  const columns = Object.keys(spot.zones);
  if (zone === null) {
    throw new BacktestError(
      `pool ${pool.name} is spot and names no zone, so nobody knows which column of ${source} is its own; give --zone ${pool.name}=COLUMN, or zone in the policy; there are ${listed(columns)}`,
    );
  }
  if (Object.hasOwn(spot.zones, zone)) return zone;
  throw new BacktestError(
    `pool ${pool.name} is in zone ${zone}, and ${source} has no such column; give --zone ${pool.name}=COLUMN; there are ${listed(columns)}`,
  );
}

/** A zone's capacity from `offset` on. */
function capacityFrom(spot: SpotTrace, zone: string, offset: Seconds): Capacity {
  const first = Math.max(
    0,
    spot.times.findLastIndex((t) => t <= offset),
  );
  return { times: spot.times.slice(first).map((t) => t - offset), nodes: (spot.zones[zone] ?? []).slice(first) };
}

/** Where in the spot trace the demand begins. Traces that both have dates are laid over each other by them. */
function offsetIn(
  spot: SpotTrace,
  source: string,
  demand: DemandTrace,
  length: Seconds,
  { offset }: Settings,
): Seconds {
  const dated = spot.start !== null && demand.start !== null;
  const from = (dated ? (demand.start ?? 0) - (spot.start ?? 0) : 0) + offset;
  if (from >= 0 && from + length <= spot.length) return from;
  const covers = `it covers ${formatDuration(spot.length)}`;
  const needs = `${formatDuration(length)} from ${formatDuration(from)} after its start are needed`;
  const why = dated ? " by the times in both files" : "";
  throw new BacktestError(
    `${source} does not cover the demand: ${covers}, and ${needs}${why}; give a longer trace, another --offset, or a shorter --length`,
  );
}

/** What is known of spot capacity, and where it is from. */
export interface SpotSource {
  readonly trace: SpotTrace;
  readonly name: string;
  readonly generated: boolean;
}

/** Lays policy and traces together. Throws `BacktestError` with what does not fit. */
export function scenarioOf(
  policy: Policy,
  name: string,
  workload: Workload,
  demand: DemandTrace,
  spot: SpotSource | null,
  settings: Settings,
): Scenario {
  const { demand: inWorld, length, notes: aboutDemand } = demandOf(demand, workload, settings);
  const notes = [...demand.notes, ...aboutDemand];
  const pools: WorldPool[] = [];
  const capacity: Record<string, Capacity> = {};
  for (const pool of workload.pools) {
    const { price, note } = priceOf(pool, settings.prices);
    if (note !== null) notes.push(note);
    if (pool.control === "bounds")
      notes.push(`pool ${pool.name}: the cloud's autoscaler is taken to follow its bounds at once`);
    if (pool.capacity === "on-demand") {
      pools.push({ name: pool.name, market: "on-demand", zone: null, price });
      continue;
    }
    if (spot === null) throw new BacktestError(`pool ${pool.name} is spot; give --spot FILE, or --spot generated`);
    const zone = columnOf(pool, spot.trace, spot.name, settings, spot.generated);
    capacity[zone] ??= capacityFrom(spot.trace, zone, offsetIn(spot.trace, spot.name, demand, length, settings));
    pools.push({ name: pool.name, market: "spot", zone, price });
  }
  if (spot !== null && !spot.generated && (spot.trace.start === null) !== (demand.start === null))
    notes.push(
      `only one of the demand and ${spot.name} has dates: their starts are laid over each other, moved by --offset`,
    );
  const first = pools.find((pool) => pool.market === "on-demand") ?? pools[0];
  if (policy.budget !== undefined)
    notes.push("the fleet's other workloads are not simulated: the budget is this one's alone");
  const start = demand.start ?? settings.start;
  return {
    policy,
    name,
    workload,
    start,
    attainment: settings.attainment ?? workload.objective?.attainment ?? DEFAULT_ATTAINMENT,
    slots: inWorld.kind === "service" ? inWorld.slots : 1,
    initial: first === undefined ? {} : { [first.name]: settings.startNodes },
    notes,
    world: {
      seed: settings.seed,
      length: Math.ceil(length / STEP) * STEP,
      demand: inWorld,
      pools,
      spot: capacity,
      onDemandCap: settings.onDemandCap,
      boot: settings.boot,
      notice: settings.notice,
      calls: DEFAULT_CALLS,
      missingSamples: settings.missingSamples,
      maxWait: settings.maxWait ?? workload.objective?.maxWait ?? DEFAULT_MAX_WAIT[demand.kind],
    },
  };
}
