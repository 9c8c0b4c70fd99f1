import { describe, expect, test } from "vitest";
import type { DemandTrace } from "../traces/demand.ts";
import type { SpotTrace } from "../traces/spot.ts";
import { SETTINGS, servicePolicy, workloadOf } from "./backtest.fixture.ts";
import { busiestRate } from "./demand.ts";
import { type Settings, scenarioOf } from "./scenario.ts";

const requests = (interval: number, counts: readonly number[], start: number | null = null): DemandTrace => ({
  kind: "requests",
  interval,
  counts,
  start,
  notes: [],
});

const spotOf = (length: number, start: number | null = null): SpotTrace => {
  const times = Array.from({ length: length / 300 }, (_, i) => i * 300);
  return { times, length, start, zones: { a: times.map((t) => t / 300), b: times.map(() => 0) } };
};

function made(demand: DemandTrace, more: Partial<Settings> = {}, spot = spotOf(7200), policy = servicePolicy()) {
  const source = { trace: spot, name: "spot.csv", generated: false };
  return scenarioOf(policy, "chat", workloadOf(policy), demand, source, { ...SETTINGS, ...more });
}

const HOUR = requests(
  60,
  Array.from({ length: 60 }, () => 120),
);
const NOON = Date.UTC(2026, 0, 5, 12) / 1000;

describe("a policy and its traces", () => {
  test("make a world of the policy's pools, prices, zones and objective", () => {
    const { world, attainment, initial, notes } = made(HOUR);
    expect(world).toMatchObject({
      length: 3600,
      demand: { kind: "service", interval: 60, rate: 4, slots: 32 },
      pools: [
        { name: "spot", market: "spot", zone: "a", price: 1 },
        { name: "od", market: "on-demand", zone: null, price: 3 },
      ],
      maxWait: 60,
    });
    expect({ attainment, initial, notes }).toEqual({ attainment: 0.99, initial: { od: 1 }, notes: [] });
  });

  test("are laid over each other by their dates, or by the offset", () => {
    const dated = made({ ...HOUR, start: NOON + 600 }, {}, spotOf(7200, NOON));
    expect(dated.world.spot.a).toMatchObject({
      times: expect.arrayContaining([0, 300]),
      nodes: expect.arrayContaining([2]),
    });
    expect(dated.world.spot.a?.nodes[0]).toBe(2);
    expect(dated.start).toBe(NOON + 600);
    expect(made(HOUR, {}, spotOf(7200, NOON)).notes).toEqual([
      "only one of the demand and spot.csv has dates: their starts are laid over each other, moved by --offset",
    ]);
    expect(made(HOUR, { offset: 900 }).world.spot.a?.nodes[0]).toBe(3);
  });

  test("that do not cover one another are refused, with how much there is", () => {
    expect(() => made(HOUR, { offset: 4000 })).toThrow(
      /spot.csv does not cover the demand: it covers 2h, and 1h from 1h6m40s/,
    );
    expect(() => made({ ...HOUR, start: NOON - 60 }, {}, spotOf(7200, NOON))).toThrow(
      /1h from -1m after .* by the times in both/,
    );
  });

  test("a pool whose column the spot file lacks is refused, with the columns there are", () => {
    const zones = new Map([["spot", "c"]]);
    expect(() => made(HOUR, { zones })).toThrow(
      /pool spot is in zone c, and spot.csv has no such column; give --zone spot=COLUMN; there are `a` and `b`/,
    );
    const eks = { region: "us-west-2", cluster: "c", nodegroup: "n" };
    const zoneless = servicePolicy({ pools: [{ name: "spot", capacity: "spot", eks }] });
    expect(() => made(HOUR, {}, spotOf(7200), zoneless)).toThrow(
      /pool spot is spot and names no zone, .* there are `a` and `b`/,
    );
  });

  test("without prices take the benchmark's, and say so and how to state them", () => {
    const eks = { region: "us-west-2", cluster: "c", nodegroup: "n" };
    const priceless = servicePolicy({ pools: [{ name: "od", capacity: "on-demand", eks }] });
    expect(made(HOUR, {}, spotOf(7200), priceless)).toMatchObject({
      world: { pools: [{ price: 3.06 }] },
      notes: [expect.stringMatching(/pool od has no price: 3.06 USD an hour is assumed; .* --price od=USD/)],
    });
    const stated = made(HOUR, { prices: new Map([["od", 2]]) }, spotOf(7200), priceless);
    expect(stated).toMatchObject({ world: { pools: [{ price: 2 }] }, notes: [] });
  });

  test("that do not say what a node serves are refused", () => {
    const silent = servicePolicy({ objective: undefined, targets: [{ signal: "stands", perNode: 10 }] });
    expect(() => made(HOUR, {}, spotOf(7200), silent)).toThrow(
      /how many requests a second one node serves; give --rate N/,
    );
    expect(made(HOUR, { rate: 2 }, spotOf(7200), silent).world.demand).toMatchObject({ rate: 2 });
  });
});

describe("demand", () => {
  test("is scaled to a peak if asked, and says so; and says when the policy has too few nodes for it", () => {
    const scaled = made(HOUR, { peakNodes: 16 });
    expect(scaled.world.demand).toMatchObject({ means: expect.arrayContaining([16 * 4 * 60]) });
    expect(scaled.notes).toEqual([
      expect.stringContaining("demand is scaled by 32.0: its busiest ten minutes need 16 nodes"),
      "the busiest ten minutes need 16.0 nodes, and nodes.max is 12",
    ]);
  });

  test("of intervals that the world's steps do not divide keeps its sum", () => {
    const counts = Array.from({ length: 240 }, (_, i) => i % 11);
    const { world, notes } = made(requests(15, counts));
    const means = world.demand.kind === "service" ? world.demand.means : [];
    expect(means).toHaveLength(60);
    expect(means.reduce((a, b) => a + b, 0)).toBeCloseTo(
      counts.reduce((a, b) => a + b, 0),
      9,
    );
    expect(notes).toEqual(["intervals of 15s do not fit the world's steps of 10 s: read as whole minutes"]);
  });

  test("can be cut", () => {
    expect(made(HOUR, { length: 1200 }).world).toMatchObject({ length: 1200, demand: { means: { length: 20 } } });
    const jobs: DemandTrace = {
      kind: "jobs",
      jobs: [
        { at: 5, exec: 60 },
        { at: 700, exec: 60 },
      ],
      start: null,
      notes: [],
    };
    expect(made(jobs, { length: 600 }).world).toMatchObject({
      length: 600,
      demand: { jobs: [{ at: 5 }] },
      maxWait: 60,
    });
    expect(made(jobs).world.length).toBe(720);
    expect(made(jobs).notes).toEqual([
      expect.stringMatching(/^objective.perNode says that a node serves 4 a second; these/),
    ]);
  });

  test("has its busiest ten minutes in blocks from the start, as the benchmark has them", () => {
    const counts = Array.from({ length: 60 }, (_, i) => (i >= 10 && i < 20 ? 600 : 60));
    expect(busiestRate(60, counts)).toBe(10);
    expect(busiestRate(3600, [3600, 7200])).toBe(2);
  });
});
