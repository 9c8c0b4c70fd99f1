import { MAX_NODES, MAX_TOTAL } from "./constants.ts";

/** Thousandths of a signal's unit, whole: HPA's resolution. Ratios are taken, and averages cut, in these. */
export type Milli = number;

// A double is only near the decimal it was written as: 2.007 * 1000 is 2007.0000000000002. Less than this is such noise.
const NOISE: Milli = 1e-6;

/** A value in thousandths, rounded up as Kubernetes quantities are, so that the smallest demand is still one. */
export function toMilli(value: number): Milli {
  const milli = value * 1000;
  const nearest = Math.round(milli);
  return Math.abs(milli - nearest) < NOISE ? nearest : Math.ceil(milli);
}

/** Adds samples up as HPA adds the series of an external metric; saturates instead of overflowing. */
export function sumMilli(samples: readonly Milli[]): Milli {
  let sum = 0;
  for (const sample of samples) sum += sample;
  return Math.min(Math.max(sum, -MAX_TOTAL), MAX_TOTAL);
}

/** A count of nodes that a product or quotient stands for: rounded up, never negative, at most 2^31 - 1. */
export function nodesFrom(quantity: number): number {
  const nodes = Math.ceil(quantity);
  return nodes > 0 ? Math.min(nodes, MAX_NODES) : 0;
}
