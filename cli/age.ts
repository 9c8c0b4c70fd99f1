import type { Seconds } from "../shared/policy/units.ts";

/** Seconds in one unit, as kubectl shows ages: `45s`, `12m`, `3h`. */
export function formatAge(seconds: Seconds): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))}s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3600)}h`;
}
