import type { PoolSize } from "../size.ts";
import type { Demand, Place } from "./hedged-split.ts";
import { type PoolInput, sizeWith } from "./sizes.fixture.ts";

/** A pool with room, that loses nothing; it is asked for what it has, and all of that is ready, unless said otherwise. */
export function placeOf(
  input: PoolInput,
  { has = 0, cap = 100, hazard = 0 }: Partial<Omit<Place, "size">> = {},
  size: Partial<PoolSize> = {},
): Place {
  return { size: sizeWith(input, { desired: has, ...size }), has, cap, hazard };
}

/** Nodes that go where they are cheapest, whatever may be lost, and stay where they are. */
export const byPrice = (want: number, more: Partial<Demand> = {}): Demand => ({
  want,
  ceiling: 200,
  onDemandBase: 0,
  load: { arriving: 0, boot: 840, maxWait: 0 },
  rate: 1,
  care: 0,
  free: false,
  ...more,
});

/** What makes a thousand late requests cost a dollar where a node serves one a second: care × dearest / 3600 = 1 / 1000. */
export const careAt = (dearest: number): number => 3.6 / dearest;

/**
 * Nodes of one request a second, with `arriving` to serve, where nothing may wait and a boot leaves a gap of 840 + 20 − 60 =
 * 800 s. A loss that leaves `left` of them to serve makes 800 × (arriving − left / 5) / 0.8 late: `arriving − left / 5` dollars.
 */
export const byRisk = (want: number, arriving: number, dearest: number, more: Partial<Demand> = {}): Demand =>
  byPrice(want, { load: { arriving, boot: 840, maxWait: 0 }, care: careAt(dearest), ...more });
