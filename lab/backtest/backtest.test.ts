import { describe, expect, test } from "vitest";
import { DEFAULT_BOOT } from "../world/options.ts";
import { actualRun } from "./actual.ts";
import { bound, SETTINGS, servicePolicy, workloadOf } from "./backtest.fixture.ts";
import { runBacktest } from "./backtest.ts";
import { boundOf } from "./bound.ts";
import type { Outcome } from "./outcome.ts";
import { scenarioOf } from "./scenario.ts";
import { verdictOf } from "./verdict.ts";

const HOURS = 4;
const policy = servicePolicy();
/** Quiet for an hour and then as much as seven and a half nodes serve, at once. */
const jump = Array.from({ length: HOURS * 60 }, (_, minute) => (minute < 60 ? 120 : 30 * 60));
const times = Array.from({ length: HOURS * 12 }, (_, i) => i * 300);
const plenty = { times, length: HOURS * 3600, start: null, zones: { a: times.map(() => 64) } };

/** On-demand for the first two hours, and spot from then on. */
const half = { ...plenty, zones: { a: times.map((t) => (t < 7200 ? 0 : 64)) } };

const scenario = (counts: readonly number[] = jump, settings = SETTINGS, trace = plenty) =>
  scenarioOf(
    policy,
    "chat",
    workloadOf(policy),
    { kind: "requests", interval: 60, counts, start: null, notes: [] },
    { trace, name: "spot.csv", generated: false },
    settings,
  );

const wanted = { bindings: bound(policy), peers: false, actual: null, progress: () => {} };

describe("a backtest", () => {
  const result = runBacktest(scenario(), wanted);
  const [vramp, fixed] = result.outcomes;

  test("sets vramp against the smallest fixed size that keeps what is wanted, and the bound", () => {
    expect(fixed).toMatchObject({ kind: "static", name: "static, 8 on-demand", fails: [], actions: 0 });
    // Eight nodes at 3 USD for as long as demand comes in.
    expect(fixed?.usd).toBeCloseTo(8 * 3 * HOURS, 0);
    expect(vramp?.usd).toBeLessThan(fixed?.usd ?? 0);
    expect(vramp?.usd).toBeGreaterThan(result.bound);
  });

  test("tells the worst moment: the jump, that nobody could see coming, and what vramp had decided", () => {
    expect(vramp?.fails).toEqual([expect.stringMatching(/% in time, 99.00 % wanted/)]);
    const [worst] = result.worst;
    expect((worst?.at ?? 0) - SETTINGS.start).toBeGreaterThan(3600);
    expect((worst?.at ?? 0) - SETTINGS.start).toBeLessThan(3600 + 180);
    expect(worst?.late).toBeGreaterThan(0.9 * (vramp?.late ?? 0));
    expect(worst).toMatchObject({ reason: expect.any(String), detail: expect.stringContaining("needs") });
  });

  test("lists what changed the pools, in order of time, with reasons", () => {
    const { changes } = result;
    expect(changes.length).toBeGreaterThan(1);
    expect(changes.map(({ at }) => at)).toEqual(changes.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(changes.every(({ reason, detail }) => reason !== "" && detail !== "")).toBe(true);
  });

  test("is the same again, and is refused where nothing comes in", () => {
    expect(runBacktest(scenario(), wanted).outcomes).toEqual(result.outcomes);
    expect(() => runBacktest(scenario(jump.map(() => 0)), wanted)).toThrow(/nothing came in/);
  });
});

test("the bound knows the wait and the attainment that are wanted: more leeway costs less", () => {
  const { world } = scenario(jump, SETTINGS, half);
  const patient = scenario(jump, { ...SETTINGS, maxWait: 3600 }, half).world;
  const bounds = [boundOf(patient, 0.9), boundOf(world, 0.9), boundOf(world, 0.99), boundOf(world, 0.999)];
  expect(bounds).toEqual([...new Set(bounds)].toSorted((a, b) => a - b));
  // All of the work on spot, which is always there: node hours at 1 USD.
  const nodeHours = jump.reduce((sum, count) => sum + count, 0) / 4 / 3600;
  expect(boundOf(scenario().world, 0.99)).toBeCloseTo(nodeHours, 6);
});

describe("what actually ran", () => {
  const pools = { spot: { times: [0], nodes: [1] }, od: { times: [0, 3600, 10_800], nodes: [0, 8, 7] } };
  const trace = { start: null, length: 10_800, pools };

  test("is billed as it ran, and serves the same demand with the nodes that the file says", () => {
    const { recorded } = actualRun(scenario().world, { trace, offset: 0, name: "actual.csv" });
    const hours = Object.fromEntries(recorded.tally.pools.map((each) => [each.pool.name, each.billed / 3600]));
    expect(hours.spot).toBeCloseTo(HOURS, 1);
    expect(hours.od).toBeCloseTo(2 * 8 + 7, 1);
    // Ready when the file says so: nobody waits at the jump.
    expect(recorded.waits.longest(recorded.end)).toBeLessThan(60);
  });

  test("may name no pool: then all is on-demand, and that is said", () => {
    const whole = { start: null, length: 0, pools: { "": { times: [0], nodes: [8] } } };
    const { recorded, note } = actualRun(scenario().world, { trace: whole, offset: 0, name: "actual.csv" });
    expect(recorded.tally.pools.find((each) => each.pool.name === "spot")?.billed).toBe(0);
    expect(note).toContain("it names no pool, so all of it is priced as od");
  });
});

test("a notice shorter than its usual length, slow boots and a cap on on-demand reach the world", () => {
  const boot = { ...DEFAULT_BOOT, median: 420 };
  expect(scenario(jump, { ...SETTINGS, boot, notice: 30, onDemandCap: 3, missingSamples: 0.05 }).world).toMatchObject({
    boot: { median: 420 },
    notice: 30,
    onDemandCap: 3,
    missingSamples: 0.05,
  });
});

describe("the verdict", () => {
  const outcome = (more: Partial<Outcome>): Outcome => ({
    name: "vramp",
    kind: "vramp",
    usd: 50,
    gpuHours: 1,
    spotShare: 0,
    wait: { p50: 0, p95: 0, p99: 0, longest: 0 },
    attainment: 0.995,
    arrived: 1,
    late: 0,
    unserved: 0,
    breaches: { count: 0, p95: 0, longest: 0 },
    actions: 0,
    failedLaunches: 0,
    churnPerGpuHour: 0,
    lost: 0,
    fails: [],
    ...more,
  });
  const fixed = outcome({ name: "static", kind: "static", usd: 200 });
  const failing = outcome({ name: "cheap", kind: "peer", usd: 20, fails: ["late"] });
  const peer = outcome({ name: "dear", kind: "peer", usd: 100 });

  test("compares with those that keep what is wanted, and not with a peer that does not", () => {
    expect(verdictOf([outcome({}), fixed, failing, peer], 40, 0.99, 60)).toBe(
      "vramp keeps what is wanted: 99.50 % waited at most 1m (wanted: 99.00 %). It costs 50.00 USD, 75 % less than a fixed size for the peak, 50 % less than the cheapest peer that keeps it (dear); the least that anybody could pay is 40.00 USD (1.25 times).",
    );
  });

  test("says when vramp does not, or costs more", () => {
    const text = verdictOf([outcome({ usd: 300, fails: ["98.00 % in time, 99.00 % wanted"] }), fixed], 40, 0.99, 60);
    expect(text).toMatch(
      /^vramp does not keep what is wanted: 98.00 % in time, 99.00 % wanted\. It costs 300 USD, 50 % more than/,
    );
  });
});
