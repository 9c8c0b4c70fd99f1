import type { Bounds } from "./rate-limit.ts";

/** What HPA does without a look at metrics, windows, rates or `Disabled`. */
export type Shortcut = { readonly kind: "paused" } | { readonly kind: "outside"; readonly nodes: number };

/**
 * Zero where the minimum is not: a person switched it off, and it stays off. Above the maximum or below the minimum: there
 * at once. Null in every other case, and then metrics decide.
 */
export function shortcut(current: number, bounds: Bounds): Shortcut | null {
  if (current === 0 && bounds.min !== 0) return { kind: "paused" };
  if (current > bounds.max) return { kind: "outside", nodes: bounds.max };
  if (current < bounds.min) return { kind: "outside", nodes: bounds.min };
  return null;
}
