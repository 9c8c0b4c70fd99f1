import type { Answer, Controller, Sight } from "./controller.ts";
import { type Capacity, DEFAULT_CALLS, type WorldOptions } from "./options.ts";

export const HOUR = 3600;

/** Requests at a steady rate, minute by minute. */
export const steadyService = (perSecond: number, hours = 2): WorldOptions["demand"] => ({
  kind: "service",
  interval: 60,
  means: Array.from({ length: hours * 60 }, () => perSecond * 60),
  rate: 4,
  slots: 32,
});

/** A zone's capacity as steps: from each time on so many. */
export const steps = (...pairs: readonly (readonly [time: number, nodes: number])[]): Capacity => ({
  times: pairs.map(([time]) => time),
  nodes: pairs.map(([, nodes]) => nodes),
});

export const PLENTIFUL = steps([0, 64]);

/** Two hours of one request a second, a spot zone that has plenty, on-demand, and boots of exactly 240 s. */
export function worldWith(more: Partial<WorldOptions> = {}): WorldOptions {
  return {
    seed: 1,
    length: 2 * HOUR,
    demand: steadyService(1),
    pools: [
      { name: "spot", market: "spot", zone: "a", price: 1 },
      { name: "od", market: "on-demand", zone: null, price: 3 },
    ],
    spot: { a: PLENTIFUL },
    onDemandCap: null,
    boot: { median: 240, sigma: 0, min: 150, max: 900 },
    notice: 120,
    calls: DEFAULT_CALLS,
    missingSamples: 0,
    maxWait: 60,
    ...more,
  };
}

/** A controller that answers as told, and what it saw. */
export function scripted(
  answer: (sight: Sight) => Answer,
  more: Partial<Controller> = {},
): Controller & { readonly seen: Sight[] } {
  const seen: Sight[] = [];
  return {
    every: 60,
    wokenByEvents: true,
    initial: {},
    act: (sight) => {
      seen.push({ ...sight, samples: [...sight.samples] });
      return answer(sight);
    },
    ...more,
    seen,
  };
}

/** Asks for these sizes from a time on. */
export const from = (time: number, sizes: Readonly<Record<string, number>>) => (sight: Sight) => ({
  sizes: sight.now >= time ? sizes : {},
});
