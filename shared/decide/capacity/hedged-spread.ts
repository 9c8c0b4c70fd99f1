import { formatDuration } from "../../policy/units.ts";
import type { Context } from "../context.ts";
import { hedgedSplit, type Place } from "./hedged-split.ts";
import { nextStep } from "./move.ts";
import { fillingOrder } from "./split.ts";
import type { Spread } from "./spread.ts";
import { comingOf, hazardOf } from "./survival.ts";

/**
 * SHARED: where several are asked for only because one may take too long, no spot pool is asked for more than this share: it may
 * have none.
 */
const SHARED = 0.5;

/** Spreads `want` nodes of a workload with an objective by price and by what is likely to last; null without one. */
export function hedgedSpread(context: Context, want: number, free: boolean): Spread | null {
  const { lesson, size, workload, now } = context;
  const { objective } = workload;
  if (lesson === null || lesson.rate === null || objective === undefined) return null;
  const { learned, forecast, rate, care } = lesson;
  const sizes = fillingOrder(size.pools);
  const places = sizes.map((p): Place => {
    const known = learned.pools[p.pool.name];
    const room = Math.max(0, p.max - p.noticed);
    if (known === undefined || p.unseen !== null) return { size: p, has: p.desired, cap: p.desired, hazard: 0 };
    const has = comingOf(known);
    const spot = p.pool.capacity === "spot";
    const open = known.shut ? Math.min(room, known.limit) : room;
    const cold = spot && known.given === 0 && lesson.need?.inCase === true;
    const cap = Math.max(has, cold ? Math.min(open, Math.ceil(SHARED * want)) : open);
    return { size: p, has, cap, hazard: spot ? hazardOf(known, now) : 0 };
  });
  const ceiling = Math.max(workload.nodes.max, want);
  const load = { arriving: forecast.level, boot: learned.boot, maxWait: objective.maxWait };
  const { onDemandBase } = workload.spot;
  const placed = hedgedSplit(places, { want, ceiling, onDemandBase, load, rate, care, free });
  const total = Object.values(placed).reduce((sum, n) => sum + n, 0);
  const probes = places.flatMap(({ size: p, has }) => {
    const probing = want > 0 && learned.pools[p.pool.name]?.probing === true && has + p.step <= p.max - p.noticed;
    return probing ? [[p.pool.name, Math.max(placed[p.pool.name] ?? 0, has + p.step)] as const] : [];
  });
  const ideal = { ...placed, ...Object.fromEntries(probes) };
  return {
    order: sizes.map((p) => ({ size: p, standing: p.unseen === null ? "free" : "unseen" })),
    ideal,
    next: nextStep(sizes, ideal, want, ceiling),
    unplaced: Math.max(0, want - total),
  };
}

/** How long the spot pools that hold nodes are likely to last: `us-west-2b is likely to last 3h`. */
export function lastingText({ lesson, size, now }: Context): string {
  if (lesson === null) return "";
  const each = size.pools.flatMap(({ pool, given }) => {
    const known = lesson.learned.pools[pool.name];
    if (pool.capacity !== "spot" || known === undefined || given === 0) return [];
    return [`${pool.name} is likely to last ${formatDuration(Math.round(3600 / hazardOf(known, now) / 60) * 60)}`];
  });
  return each.length === 0 ? "" : `; ${each.join(", ")}`;
}
