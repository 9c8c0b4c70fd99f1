import { expect, it } from "vitest";
import { VARIANTS, variantOf } from "./variants.ts";
import { worldWith } from "./world/world.fixture.ts";

const spot = (zone: string) => ({ name: zone, market: "spot" as const, zone, price: 0.918 });
const onDemand = { name: "od", market: "on-demand" as const, zone: null, price: 3.06 };
const of = (name: string, world = worldWith()) => variantOf(name).of(world);

it("each differs from the families' own world in one thing", () => {
  const world = worldWith({ pools: [spot("us-east-1a_v100_1"), onDemand] });
  const differing = VARIANTS.map(({ name, of }) => {
    const varied: Readonly<Record<string, unknown>> = { ...of(world) };
    return [name, Object.entries(world).flatMap(([key, value]) => (varied[key] === value ? [] : [key]))];
  });
  expect(Object.fromEntries(differing)).toEqual({
    standard: [],
    "boot-180": ["boot"],
    "boot-420": ["boot"],
    "notice-30": ["notice"],
    "peak-6": ["demand"],
    "peak-40": ["demand"],
    "zone-prices": ["pools"],
    "on-demand-16": ["onDemandCap"],
    "wait-half": ["maxWait"],
    "wait-quarter": ["maxWait"],
    "missing-5": ["missingSamples"],
  });
});

it("another peak scales a service, and leaves jobs alone", () => {
  expect(of("peak-40").demand).toMatchObject({ means: expect.arrayContaining([(60 * 40) / 16]) });
  const jobs = worldWith({ demand: { kind: "jobs", jobs: [{ at: 0, exec: 5 }] } });
  expect(of("peak-40", jobs)).toBe(jobs);
});

it("zones of a region lie evenly between its cheapest and its dearest, on-demand costs what it costs", () => {
  const zones = ["us-east-1a_v100_1", "us-east-1c_v100_1", "us-west-2a_v100_1"];
  const { pools } = of("zone-prices", worldWith({ pools: [...zones.map(spot), onDemand] }));
  expect(pools.map((p) => p.price)).toEqual([0.4803, 0.5576, 1.179, 3.06]);
});

it("an unknown name is answered with those there are", () => {
  expect(() => variantOf("boot-90")).toThrow(/no variant boot-90; there are standard, boot-180/);
});
