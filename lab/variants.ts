import { PEAK_NODES } from "./families.ts";
import type { WorldOptions, WorldPool } from "./world/options.ts";

/** A way in which a world may differ from the families' own. */
export interface Variant {
  readonly name: string;
  readonly title: string;
  of(world: WorldOptions): WorldOptions;
}

/** On-demand nodes there are where they are capped: what the busiest ten minutes need, and none for bursts. */
const CAP = PEAK_NODES;

/**
 * US dollars an hour of the cheapest and the dearest zone of a region, for p3.2xlarge on spot: SkyPilot's catalogue of AWS,
 * after June 2025. Zones between lie evenly between.
 */
const ZONE_PRICES: Readonly<Record<string, readonly [cheapest: number, dearest: number]>> = {
  "us-east-1": [0.4803, 0.5576],
  "us-east-2": [0.4829, 0.5484],
  "us-west-2": [1.179, 1.2556],
};

const regionOf = (zone: string): string => zone.slice(0, "us-east-1".length);

function pricedByZone(pools: readonly WorldPool[]): readonly WorldPool[] {
  return pools.map((pool) => {
    const range = pool.zone === null ? undefined : ZONE_PRICES[regionOf(pool.zone)];
    if (pool.zone === null || range === undefined) return pool;
    const region = regionOf(pool.zone);
    const alike = pools.filter((other) => other.zone?.startsWith(region));
    const [cheapest, dearest] = range;
    const place = alike.indexOf(pool) / Math.max(1, alike.length - 1);
    return { ...pool, price: cheapest + place * (dearest - cheapest) };
  });
}

/** A service with another peak; jobs stay what they are. */
function withPeak(world: WorldOptions, nodes: number): WorldOptions {
  const { demand } = world;
  if (demand.kind === "jobs") return world;
  const means = demand.means.map((mean) => (mean * nodes) / PEAK_NODES);
  return { ...world, demand: { ...demand, means } };
}

const withBoot = (world: WorldOptions, median: number): WorldOptions => ({ ...world, boot: { ...world.boot, median } });

/** Work that may wait for a share of what it may. */
const withWait = (world: WorldOptions, share: number): WorldOptions => ({ ...world, maxWait: world.maxWait * share });

/** Every world that is measured: the families' own first. */
export const VARIANTS: readonly Variant[] = [
  { name: "standard", title: "as described", of: (world) => world },
  { name: "boot-180", title: "a boot takes 180 s in the median", of: (world) => withBoot(world, 180) },
  { name: "boot-420", title: "a boot takes 420 s in the median", of: (world) => withBoot(world, 420) },
  { name: "notice-30", title: "a spot notice comes 30 s ahead", of: (world) => ({ ...world, notice: 30 }) },
  { name: "peak-6", title: "the busiest ten minutes need 6 nodes", of: (world) => withPeak(world, 6) },
  { name: "peak-40", title: "the busiest ten minutes need 40 nodes", of: (world) => withPeak(world, 40) },
  {
    name: "zone-prices",
    title: "each zone has its own spot price",
    of: (world) => ({ ...world, pools: pricedByZone(world.pools) }),
  },
  {
    name: "on-demand-16",
    title: "there are 16 on-demand nodes and no more",
    of: (world) => ({ ...world, onDemandCap: CAP }),
  },
  { name: "wait-half", title: "work may wait half as long", of: (world) => withWait(world, 0.5) },
  { name: "wait-quarter", title: "work may wait a quarter as long", of: (world) => withWait(world, 0.25) },
  { name: "missing-5", title: "5 % of the samples are missing", of: (world) => ({ ...world, missingSamples: 0.05 }) },
];

/** A variant by its name. Throws a `RangeError` with the names there are. */
export function variantOf(name: string): Variant {
  const variant = VARIANTS.find((each) => each.name === name);
  if (variant !== undefined) return variant;
  throw new RangeError(`there is no variant ${name}; there are ${VARIANTS.map((v) => v.name).join(", ")}`);
}
