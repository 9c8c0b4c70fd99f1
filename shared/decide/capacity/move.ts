import type { PoolSize } from "../size.ts";
import { lastingReady } from "./caps.ts";
import { inSteps, type Split } from "./split.ts";

/**
 * The next step from what the pools are asked for now towards the ideal split: make before break. Pools that gain are asked
 * for their share at once; pools that lose give up a ready node only when one is ready elsewhere in its place, the least
 * preferred first. Nodes that were asked for and never came are given up at once, so that nothing is paid for twice. On the
 * way the sum may exceed `want`, never `ceiling` unless it does so now. Nodes under notice are asked for on top until they
 * are gone, for their replacements.
 */
export function nextStep(order: readonly PoolSize[], ideal: Split, want: number, ceiling: number): Split {
  const target = (p: PoolSize): number => ideal[p.pool.name] ?? 0;
  const readyInPlace = order.reduce((sum, p) => sum + Math.min(lastingReady(p), target(p)), 0);
  const ready = order.reduce((sum, p) => sum + lastingReady(p), 0);
  let missing = Math.max(0, Math.min(want, ready) - readyInPlace);
  const next = new Map<string, number>();
  for (const p of order) {
    const kept = Math.min(missing, Math.max(0, lastingReady(p) - target(p)));
    missing -= kept;
    next.set(p.pool.name, target(p) + onTop(p, target(p), kept, want > 0 ? p.noticed : 0));
  }
  withinCeiling(order, next, Math.max(ceiling, want));
  return Object.fromEntries(next);
}

/**
 * What a pool is asked for beyond its share, for what it keeps and for replacements of what is under notice: in its own steps as far
 * as its cloud goes, and at the least what it keeps of what is there.
 */
function onTop(p: PoolSize, share: number, kept: number, noticed: number): number {
  const room = Math.max(p.max, p.desired) - share;
  return Math.max(inSteps(kept + noticed, room, p), Math.min(kept, p.desired - share));
}

/** Takes back what was about to be asked for, the least preferred first, until the sum fits. Nothing that is there is touched. */
function withinCeiling(order: readonly PoolSize[], next: Map<string, number>, ceiling: number): void {
  let over = [...next.values()].reduce((sum, n) => sum + n, 0) - ceiling;
  for (const p of order.toReversed()) {
    if (over <= 0) return;
    const planned = next.get(p.pool.name) ?? 0;
    const cut = Math.min(planned - p.desired, Math.ceil(over / p.step) * p.step);
    if (cut <= 0) continue;
    next.set(p.pool.name, planned - cut);
    over -= cut;
  }
}
