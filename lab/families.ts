import { join } from "node:path";
import type { Seconds } from "../shared/policy/units.ts";
import { type DemandTrace, readDemand } from "./traces/demand.ts";
import { TraceError } from "./traces/errors.ts";
import { readSpot, type SpotTrace } from "./traces/spot.ts";
import {
  type Capacity,
  DEFAULT_BOOT,
  DEFAULT_CALLS,
  DEFAULT_NOTICE,
  type JobDemand,
  PRICE_ON_DEMAND,
  PRICE_SPOT,
  type ServiceDemand,
  type WorldOptions,
  type WorldPool,
} from "./world/options.ts";

/** A demand and a set of spot zones, measured together. */
export interface Family {
  readonly name: string;
  readonly title: string;
  readonly demand: string;
  readonly spot: string;
  readonly zones: readonly string[];
  /** The part of the demand that is run. */
  readonly from: Seconds;
  readonly maxWait: Seconds;
}

const DAY: Seconds = 86_400;
export const WEEK: Seconds = 7 * DAY;

const SPOT = "spot/availability_1_node_aws_02_15_2023.csv.gz";
const CODE = "demand/azure2024_code_1min_synth.csv.gz";
const zonesOf = (region: string, letters: string) => [...letters].map((letter) => `${region}${letter}_v100_1`);
const WEST = zonesOf("us-west-2", "abc");
const EAST = zonesOf("us-east-1", "acdf");

const service = { spot: SPOT, from: 0, maxWait: 60 } as const;

const ALL = [...EAST, ...zonesOf("us-east-2", "ab"), ...WEST];
const MLARGE = "demand/servegen_mlarge_1min_synth.csv.gz";
const JOBS = "demand/gentd26_image_requests.csv.gz";
const jobs = { demand: JOBS, spot: SPOT, from: 4 * DAY, maxWait: 300 } as const;

/** Those that are measured unless others are asked for. */
export const FAMILIES: readonly Family[] = [
  { name: "P1", title: "azure-code x us-west-2", demand: CODE, zones: WEST, ...service },
  { name: "P2", title: "azure-code x us-east-1", demand: CODE, zones: EAST, ...service },
  { name: "P4", title: "servegen m-large x 9 zones", demand: MLARGE, zones: ALL, ...service },
  { name: "P5", title: "image jobs x us-west-2", zones: WEST, ...jobs },
];

/** The same demand in other zones: worlds that no rule was chosen on. */
export const MORE_FAMILIES: readonly Family[] = [
  { name: "code-9", title: "azure-code x 9 zones", demand: CODE, zones: ALL, ...service },
  { name: "m-large-east", title: "servegen m-large x us-east-1", demand: MLARGE, zones: EAST, ...service },
  { name: "m-large-west", title: "servegen m-large x us-west-2", demand: MLARGE, zones: WEST, ...service },
  {
    name: "m-large-1",
    title: "servegen m-large x us-west-2a alone",
    demand: MLARGE,
    zones: WEST.slice(0, 1),
    ...service,
  },
  { name: "jobs-east", title: "image jobs x us-east-1", zones: EAST, ...jobs },
  { name: "jobs-9", title: "image jobs x 9 zones", zones: ALL, ...jobs },
];

/** A family by its name. Throws a `RangeError` with the names there are. */
export function familyOf(name: string): Family {
  const all = [...FAMILIES, ...MORE_FAMILIES];
  const family = all.find((each) => each.name === name);
  if (family !== undefined) return family;
  throw new RangeError(`there is no family ${name}; there are ${all.map((f) => f.name).join(", ")}`);
}

/** Where in the spot trace a week begins: as far apart as five weeks fit into its 23 days. */
export const SPOT_OFFSETS: readonly Seconds[] = [0, 4, 8, 12, 16].map((days) => days * DAY);

export const SEEDS: readonly number[] = [1, 2, 3];

/** Nodes that the busiest ten minutes of a service need. */
export const PEAK_NODES = 16;

/** What one node serves: requests a second, and at once. */
const NODE = { rate: 4, slots: 32 } as const;

const BUSIEST_OVER: Seconds = 600;

/** The largest sum over so many values, in blocks one after the other. */
function largestBlock(values: readonly number[], over: number): number {
  const blocks = Array.from({ length: Math.max(1, Math.floor(values.length / over)) }, (_, i) =>
    values.slice(i * over, (i + 1) * over).reduce((sum, value) => sum + value, 0),
  );
  return Math.max(...blocks);
}

/** A service's demand, scaled so that its busiest ten minutes need `peak` nodes. */
export function serviceDemand(interval: Seconds, counts: readonly number[], peak: number): ServiceDemand {
  const over = Math.max(1, Math.round(BUSIEST_OVER / interval));
  const busiest = largestBlock(counts, over) / (over * interval);
  const scale = busiest === 0 ? 0 : (peak * NODE.rate) / busiest;
  return { kind: "service", interval, means: counts.map((count) => count * scale), ...NODE };
}

function demandOf(trace: DemandTrace, from: Seconds): ServiceDemand | JobDemand {
  if (trace.kind === "requests") {
    const first = from / trace.interval;
    return serviceDemand(trace.interval, trace.counts.slice(first, first + WEEK / trace.interval), PEAK_NODES);
  }
  const jobs = trace.jobs.filter((job) => job.at >= from && job.at < from + WEEK);
  return { kind: "jobs", jobs: jobs.map((job) => ({ ...job, at: job.at - from })) };
}

/** A zone's capacity from `offset` on. */
function capacityFrom(trace: SpotTrace, zone: string, offset: Seconds, file: string): Capacity {
  const nodes = trace.zones[zone];
  if (nodes === undefined) {
    throw new TraceError(`${file}: has no zone ${zone}; it has ${Object.keys(trace.zones).join(", ")}`);
  }
  if (offset + WEEK > trace.length) {
    throw new TraceError(`${file}: ends after ${trace.length} s, before a week from ${offset} s is over`);
  }
  const first = Math.max(
    0,
    trace.times.findLastIndex((t) => t <= offset),
  );
  return { times: trace.times.slice(first).map((t) => t - offset), nodes: nodes.slice(first) };
}

/** A family's traces, read. */
export interface LoadedFamily {
  readonly family: Family;
  readonly demand: ServiceDemand | JobDemand;
  readonly spot: SpotTrace;
}

/** Reads a family's traces from a folder laid out as `demand/` and `spot/`. Throws `TraceError`. */
export async function loadFamily(family: Family, folder: string): Promise<LoadedFamily> {
  const [demand, spot] = await Promise.all([
    readDemand(join(folder, family.demand)),
    readSpot(join(folder, family.spot)),
  ]);
  return { family, demand: demandOf(demand, family.from), spot };
}

const ON_DEMAND: WorldPool = { name: "on-demand", market: "on-demand", zone: null, price: PRICE_ON_DEMAND };

const spotPool = (zone: string): WorldPool => ({
  name: `spot-${zone.replaceAll("_", "-")}`,
  market: "spot",
  zone,
  price: PRICE_SPOT,
});

/** One week of a family as a world: spot from `offset` of its trace on, nodes booting by `seed`. */
export function worldOf({ family, demand, spot }: LoadedFamily, offset: Seconds, seed: number): WorldOptions {
  const zones = family.zones.map((zone) => [zone, capacityFrom(spot, zone, offset, family.spot)] as const);
  return {
    seed,
    length: WEEK,
    demand,
    pools: [...family.zones.map(spotPool), ON_DEMAND],
    spot: Object.fromEntries(zones),
    onDemandCap: null,
    boot: DEFAULT_BOOT,
    notice: DEFAULT_NOTICE,
    calls: DEFAULT_CALLS,
    missingSamples: 0,
    maxWait: family.maxWait,
  };
}
