import type { Spending, WorkloadMemory } from "../model/memory.ts";
import type { EpochSeconds, Seconds } from "../policy/units.ts";
import type { PoolSize } from "./size.ts";

/** US dollars an hour that pools of these sizes cost; null when one that has nodes has no price. */
export function costPerHour(
  pools: readonly { readonly price: number | undefined; readonly nodes: number }[],
): number | null {
  let sum = 0;
  for (const { price, nodes } of pools) {
    if (nodes === 0) continue;
    if (price === undefined) return null;
    sum += price * nodes;
  }
  return sum;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** The last answer, and the quarter of an hour that it is good for. */
  quarter: number;
  day: string;
}
const zones = new Map<string, Zone>();

/** Zones differ from UTC by whole quarters of an hour, so a day never begins within one. */
const QUARTER: Seconds = 900;

/** The local date in a zone, `2026-11-18`. The policy has been checked, so the zone exists; were it not to, UTC. */
export function localDay(at: EpochSeconds, timeZone: string): string {
  const zone = zones.get(timeZone) ?? { format: dayFormat(timeZone), quarter: Number.NaN, day: "" };
  const quarter = Math.floor(at / QUARTER);
  if (zone.quarter !== quarter) {
    zone.day = zone.format.format(at * 1000);
    zone.quarter = quarter;
    zones.set(timeZone, zone);
  }
  return zone.day;
}

function dayFormat(timeZone: string): Intl.DateTimeFormat {
  const parts = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  try {
    // Sweden writes dates as ISO 8601 does.
    return new Intl.DateTimeFormat("sv-SE", { ...parts, timeZone });
  } catch {
    return new Intl.DateTimeFormat("sv-SE", { ...parts, timeZone: "UTC" });
  }
}

/** Hours between two looks that are charged at most: a longer silence says nothing about what ran in between. */
const MAX_CHARGED_HOURS = 1;

/** What a workload has cost until now: what it cost an hour when last looked at, for as long as that was ago. */
export function spendingNow(
  memory: WorkloadMemory,
  pools: readonly PoolSize[],
  timeZone: string,
  now: EpochSeconds,
): Spending | null {
  const perHour = costPerHour(pools.map((p) => ({ price: p.pool.pricePerHour, nodes: Math.max(p.desired, p.ready) })));
  if (perHour === null) return memory.spending;
  const day = localDay(now, timeZone);
  const last = memory.spending;
  if (last === null || last.day !== day) return { day, at: now, perHour, spent: 0 };
  const hours = Math.min(MAX_CHARGED_HOURS, Math.max(0, now - last.at) / 3600);
  return { day, at: now, perHour, spent: last.spent + last.perHour * hours };
}
