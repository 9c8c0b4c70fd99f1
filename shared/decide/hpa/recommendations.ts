import type { Recommendation } from "../../model/memory.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import type { Windows } from "./stabilize.ts";

/**
 * The log to decide with. Where none is stored yet (null) it starts with the current size, so that nothing shrinks for one
 * whole down window after a cold start. A stored log is never seeded again: a serverless engine starts cold every time.
 */
export function seedRecommendations(
  stored: readonly Recommendation[] | null,
  current: number,
  now: EpochSeconds,
): readonly Recommendation[] {
  return stored ?? [{ at: now, nodes: current }];
}

/**
 * Remembers what was proposed, before stabilization, rate limits and bounds. It takes the place of the last listed entry
 * older than both windows, or else goes at the end: HPA's reuse of memory, which no decision can tell.
 */
export function remember(
  log: readonly Recommendation[],
  proposed: Recommendation,
  windows: Windows,
): readonly Recommendation[] {
  const oldest = proposed.at - Math.max(windows.up, windows.down);
  const reusable = log.findLastIndex((r) => r.at < oldest);
  return reusable === -1 ? [...log, proposed] : log.with(reusable, proposed);
}

/** By time; ties by size, so that the same entries are always listed in the same order. */
const inOrder = (a: Recommendation, b: Recommendation): number => a.at - b.at || b.nodes - a.nodes;

/** The log in order of time: as it is if it is so already, which a stored one always is. */
function ordered(log: readonly Recommendation[]): readonly Recommendation[] {
  let before: Recommendation | undefined;
  for (const entry of log) {
    if (before !== undefined && inOrder(before, entry) > 0) return log.toSorted(inOrder);
    before = entry;
  }
  return log;
}

/**
 * The entries that can still change a decision, in order of time. An entry goes when both windows have left it behind, or
 * when newer ones, which stay longer, are at least as low and at least as high. A steady load leaves one entry, not one for
 * every look; the log can never be longer than the number of different sizes proposed within the windows.
 */
export function trimRecommendations(
  log: readonly Recommendation[],
  now: EpochSeconds,
  windows: Windows,
): readonly Recommendation[] {
  const entries = ordered(log);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const kept: Recommendation[] = [];
  for (let i = entries.length - 1; i >= 0; i -= 1) {
    const entry = entries[i];
    if (entry === undefined) continue;
    const age = now - entry.at;
    const holdsGrowth = age <= windows.up && entry.nodes < low;
    const holdsShrinking = age <= windows.down && entry.nodes > high;
    if (!holdsGrowth && !holdsShrinking) continue;
    kept.push(entry);
    low = Math.min(low, entry.nodes);
    high = Math.max(high, entry.nodes);
  }
  return kept.reverse();
}
