import type { EpochSeconds, Seconds } from "../policy/units.ts";

/** One sample as Prometheus gives it. The value may be NaN or infinite: a reading decides what that means. */
export type Sample = readonly [at: EpochSeconds, value: number];

/** Samples in order of time, and for how long after its own time each one speaks. */
export interface Series {
  readonly samples: readonly Sample[];
  readonly validity: Seconds;
}

/** Share of `[from, to]`, 0 to 1, that finite samples cover when each speaks for the series' validity. An empty span is covered. */
export function coverage(series: Series, from: EpochSeconds, to: EpochSeconds): number {
  if (to <= from) return 1;
  let covered = 0;
  let reached = from;
  for (const sample of series.samples) {
    const at = sample[0];
    if (!Number.isFinite(sample[1]) || at > to) continue;
    const until = Math.min(at + series.validity, to);
    if (until <= reached) continue;
    covered += until - Math.max(at, reached);
    reached = until;
  }
  return covered / (to - from);
}
