import type { Sample } from "../../shared/model/series.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";

/** When the observations here are made, unless they say otherwise. */
export const NOON: EpochSeconds = Date.UTC(2026, 10, 18, 12) / 1000;

/** Samples of one value, a minute apart, up to `until`. */
export const lasting = (value: number, until: EpochSeconds = NOON, span: Seconds = 16 * 60): Sample[] =>
  Array.from({ length: span / 60 + 1 }, (_, i) => [until - span + i * 60, value]);

/** An observation of `fleetOf()`'s one workload, one node in its pool, with parts replaced. */
export const observed = (over: object = {}, now: EpochSeconds = NOON): object => ({
  now: new Date(now * 1000).toISOString(),
  workload: "llm",
  trigger: { kind: "tick" },
  signals: { queue: lasting(30, now) },
  pools: { llm: { desired: 1, ready: 1 } },
  ...over,
});

export const observedLine = (over: object = {}, now: EpochSeconds = NOON): string =>
  JSON.stringify(observed(over, now));

/** Everything an iteration gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
