import { describe, expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import type { Learned, LearnedPool } from "../../model/learned.ts";
import { EMPTY_MEMORY } from "../../model/memory.ts";
import type { PoolObservation } from "../../model/pool.ts";
import { NEVER_FAILED } from "../capacity/health.ts";
import { createContext } from "../context.ts";
import { JOBS, lessonOf, NOTHING, order, POOL, pastWith, REQUESTS, type Seen } from "./learn.fixture.ts";

describe("what is learned at first sight", () => {
  it("is the size there is, and what is usual of the rest", () => {
    const { learned, ...rest } = lessonOf(null, { pool: poolOf(3, 2) });
    expect(learned).toEqual({
      at: NOON,
      rates: [],
      forecasts: [],
      variance: 0,
      usual: null,
      backlog: null,
      busyAt: NOON,
      arrived: 0,
      watched: 0,
      care: 2,
      served: 0,
      nodeSeconds: 0,
      inService: 0,
      boot: 240,
      bootVariance: null,
      gaps: null,
      line: null,
      bursts: null,
      nodes: 3,
      surplusSince: null,
      probes: 2,
      thrift: 1,
      held: 1,
      pools: { llm: { ...POOL, desired: 3, orders: [order(0, 1)], upSince: NOON, triedAt: NOON } },
    });
    expect(rest).toEqual({
      forecast: { level: 0, spread: 0, horizon: 420 },
      need: null,
      rate: 1,
      care: 2,
      idleSince: null,
      rest: { sleeps: false, together: 0, second: false },
    });
  });

  it("is nothing where the policy has no objective", () => {
    const policy = fleetOf();
    const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools: {}, others: null };
    expect(createContext(policy, workloadIn(policy), observation, EMPTY_MEMORY, NOON).lesson).toBeNull();
  });
});

describe("the boot of a node", () => {
  // 30 s before noon is the middle of the two looks. Before any boot the variance is 80 s squared.
  const ordered = (...orders: readonly ReturnType<typeof order>[]) => ({ desired: 3, ready: 1, given: 1, orders });
  it.each<[string, Partial<LearnedPool>, number, number, number]>([
    ["a tenth of what one took", ordered(order(-200, 1), order(-10, 1)), 2, 240 - 7, 0.9 * 6400 + 0.1 * 70 ** 2],
    ["19 % of what two took", ordered(order(-200, 2)), 3, 240 - 0.19 * 70, 0.81 * 6400 + 0.19 * 70 ** 2],
    ["at least half a minute", ordered(order(-5, 1)), 2, 240 - 21, 0.9 * 6400 + 0.1 * 210 ** 2],
    ["at most half an hour", ordered(order(-5000, 1)), 2, 240 + 156, 0.9 * 6400 + 0.1 * 1560 ** 2],
    [
      "of one order after the other",
      ordered(order(-200, 1), order(-100, 1)),
      3,
      233 - 16.3,
      0.9 * 6250 + 0.1 * 163 ** 2,
    ],
    ["of no order that is still open", ordered(order(-200, 2)), 1, 240, Number.NaN],
  ])("is learned: %s", (_, pool, ready, boot, variance) => {
    const { learned } = lessonOf(pastWith({}, pool), { pool: poolOf(3, ready) });
    expect(learned.boot).toBeCloseTo(boot, 3);
    if (Number.isNaN(variance)) expect(learned.bootVariance).toBeNull();
    else expect((learned.bootVariance ?? 0) / variance).toBeCloseTo(1, 4);
  });

  it("is learned against what is known of how it deviates", () => {
    const past = pastWith({ boot: 180, bootVariance: 100 }, ordered(order(-200, 2)));
    expect(lessonOf(past, { pool: poolOf(3, 2) }).learned).toMatchObject({ boot: 179, bootVariance: 100 });
  });

  const late = ordered(order(-5000, 2));
  it.each<[string, Partial<LearnedPool>, Partial<Learned>, PoolObservation]>([
    ["was shut", { ...late, shut: true }, {}, poolOf(3, 2)],
    ["was shut until it gave what was tried", { ...late, shut: true, probing: true }, {}, poolOf(3, 2)],
    ["has just refused", late, {}, poolOf(3, 2, { capacityError: NOON - 10 })],
    ["was not known", late, { pools: {} }, poolOf(3, 2)],
    ["has lost nodes", { ...late, ready: 3, given: 3, desired: 5 }, {}, poolOf(5, 2)],
  ])("is not learned from a pool that %s", (_, pool, past, seen) => {
    const { learned } = lessonOf({ ...pastWith({}, pool), ...past }, { pool: seen });
    expect(learned).toMatchObject({ boot: 240, bootVariance: null });
  });
});

describe("a pool whose cloud does not answer", () => {
  const unseen: PoolObservation = { kind: "unseen", error: { kind: "Unavailable", message: "no answer" } };

  it("is kept as it was", () => {
    const past = pastWith({}, { desired: 3, ready: 1, orders: [order(-200, 2)] });
    const last = { at: NOON - 60, desired: 3, ready: 3, health: NEVER_FAILED };
    const { learned } = lessonOf(past, { pool: unseen, memory: { pools: { llm: last } } });
    expect(learned.pools).toEqual(past.pools);
    expect(learned.boot).toBe(240);
  });

  it("is not known where it never was", () => {
    expect(lessonOf(pastWith({ pools: {} }), { pool: unseen }).learned.pools).toEqual({});
  });
});

describe("the refusals of a pool", () => {
  const failed = (failedAt: number) => ({
    pools: { llm: { at: NOON - 60, desired: 2, ready: 2, health: { ...NEVER_FAILED, failedAt } } },
  });
  it.each<[string, number | null, number | null, number | null]>([
    ["none where there was none", null, null, null],
    ["what its cloud says", -50, null, -50],
    ["what its health came to", null, -70, -70],
    ["the later of the two, if that is its cloud's", -50, -70, -50],
    ["the later of the two, if that is its health's", -50, -40, -40],
  ])("are heard: %s", (_, told, failedAt, heard) => {
    const pool = poolOf(2, 2, { capacityError: told === null ? null : NOON + told });
    const memory = failedAt === null ? {} : failed(NOON + failedAt);
    const { learned } = lessonOf(pastWith(), { pool, memory });
    expect(learned.pools.llm?.heard).toBe(heard === null ? null : NOON + heard);
    expect(learned.pools.llm?.shut).toBe(heard !== null);
  });

  it("are not heard of a pool of another name", () => {
    const { learned } = lessonOf(pastWith(), { memory: { pools: { other: failed(NOON - 10).pools.llm } } });
    expect(learned.pools.llm?.shut).toBe(false);
  });
});

describe("the budget for probes, and thrift", () => {
  /** With so many nodes usual, no call moves thrift. */
  const SETTLED = { held: 1e9 };
  const probesAfter = (past: Partial<Learned>, pool: PoolObservation, of: Partial<LearnedPool> = {}) =>
    lessonOf(pastWith({ ...SETTLED, ...past }, of), { pool }).learned.probes;

  it("grows by one and a half an hour for each node there is", () => {
    expect(probesAfter({ at: NOON - 1200 }, poolOf(2))).toBe(3);
    expect(probesAfter({ at: NOON - 1200 }, poolOf(3))).toBe(3.5);
    const noticed = { desired: 3, ready: 3, noticed: 1 };
    expect(probesAfter({ at: NOON - 1200 }, poolOf(3, 3, { noticed: 1 }), noticed)).toBe(3);
    expect(probesAfter({ at: NOON - 1200, probes: 1 }, poolOf(0), { given: 0, ready: 0, desired: 0 })).toBe(1.5);
  });

  it("shrinks by one with a refusal, and only when that is heard", () => {
    const refused = (after: number) => poolOf(2, 2, { capacityError: NOON + after });
    expect(probesAfter({ at: NOON - 1200 }, refused(-10))).toBe(2);
    expect(probesAfter({ at: NOON - 1200, pools: {} }, refused(-10))).toBe(2);
    const again = { shut: true, refusals: 1, heard: NOON - 10, triedAt: NOON - 10 };
    expect(probesAfter({ at: NOON - 1200 }, refused(-10), again)).toBe(3);
    expect(probesAfter({ at: NOON - 1200 }, refused(-5), again)).toBe(2);
  });

  it("is counted with every size that was set and every refusal", () => {
    const thriftAfter = (pool: PoolObservation, of: Partial<LearnedPool> = {}) =>
      lessonOf(pastWith({ at: NOON - 10, thrift: 2 }, of), { pool }).learned.thrift;
    // A quarter of what is aimed at in a day of one node moves thrift by a factor of e; in 10 s two nodes are allowed a 42nd of a call.
    const expectedAfter = (calls: number) => 2 * Math.exp((calls - (4.3 * 2 * 10) / 3600) / ((4.3 * 24) / 4));
    expect(thriftAfter(poolOf(2))).toBeCloseTo(expectedAfter(0), 4);
    expect(thriftAfter(poolOf(3, 2))).toBeCloseTo(expectedAfter(1), 4);
    expect(thriftAfter(poolOf(3, 2, { capacityError: NOON - 5 }))).toBeCloseTo(expectedAfter(2), 4);
    expect(thriftAfter(poolOf(2), { desired: 3 })).toBeCloseTo(expectedAfter(1), 4);
  });

  const due = { shut: true, refusals: 1, triedAt: NOON - 1000, limit: 2 };
  it("is spent on a pool that was shut long enough", () => {
    const { learned } = lessonOf(pastWith({ ...SETTLED, at: NOON - 1200 }, due), {});
    expect(learned.pools.llm).toMatchObject({ probing: true, triedAt: NOON });
    expect(learned.probes).toBe(2.5);
  });

  it.each<[string, Partial<Learned>, Seen]>([
    ["at a second look at the same time", { at: NOON }, {}],
    ["when no node is wanted", {}, { ...NOTHING, pool: poolOf(0) }],
    ["when none is held, while nobody knows what is wanted", {}, { pool: poolOf(0) }],
  ])("is not spent %s", (_, past, seen) => {
    const nobody = seen.pool === undefined ? {} : { desired: 0, ready: 0, given: 0, limit: 0 };
    const { learned } = lessonOf(pastWith(past, { ...due, ...nobody }), seen);
    expect(learned.pools.llm).toMatchObject({ probing: false, triedAt: NOON - 1000 });
  });
});

describe("what is expected to come", () => {
  const rates = [{ at: NOON - 60, rate: 3 }];
  const forecasts = [
    { at: NOON - 10, rate: 1 },
    { at: NOON + 90, rate: 5 },
  ];
  const due = pastWith({ rates, forecasts, variance: 1 });

  it("is judged, measured and remembered", () => {
    const { learned, forecast } = lessonOf(due, { arrivals: 5 });
    expect(learned.rates).toEqual([...rates, { at: NOON, rate: 5 }]);
    // Over the last 15 s 5 a second came, where 1 was expected; over four minutes 4.
    expect(learned.variance).toBeCloseTo(0.99 + 0.01 * 16, 6);
    expect(forecast.level).toBe(4);
    expect(forecast.spread).toBeCloseTo(Math.sqrt(1.15), 6);
    expect(learned.forecasts).toEqual([order(90, 0), order(420, 0)].map(({ at }, i) => ({ at, rate: 5 - i })));
  });

  it("is not remembered where nobody knows what comes now, though what was is", () => {
    const { learned, need, forecast } = lessonOf(due, { backlog: 0, running: 0 });
    expect(learned).toMatchObject({ rates, forecasts, nodes: 2 });
    expect(forecast.level).toBe(3);
    expect(need).toBeNull();
  });

  it("is remembered once of each time", () => {
    const { learned } = lessonOf({ ...due, at: NOON }, { arrivals: 5 });
    expect(learned.forecasts).toEqual([{ at: NOON + 90, rate: 5 }]);
  });

  it.each([
    ["what comes now", { arrivals: 4 }, 4 * 60],
    ["what came last", {}, 3 * 60],
    ["nothing, if less than that is said to come", { arrivals: -4 }, 0],
  ])("is taken as %s when it is worked out what nodes serve", (_, seen, came) => {
    const past = pastWith({ rates, backlog: { at: NOON - 60, waiting: 30, since: NOON - 60 } });
    expect(lessonOf(past, { ...seen, backlog: 20, running: 0 }).learned.served).toBe(came + 10);
  });

  it.each([
    // A boot of 300 s and a minute of reaction leave a fifth of a boot beyond a wait of five minutes.
    ["a fifth of its bursts where it is sparse", { arrived: 0, watched: 0 }, JOBS, 2],
    ["all of them where it is not", { arrived: 1e6, watched: 1 }, JOBS, 10],
    ["all of them where the wait is short", { arrived: 0, watched: 0 }, REQUESTS, 10],
  ])("has to be foreseen with %s", (_, past, policy, spread) => {
    const learned = pastWith({ boot: 300, variance: 100, ...past });
    expect(lessonOf(learned, { policy, arrivals: 0 }).forecast.spread).toBeCloseTo(spread, 9);
  });

  it("is sparse only with what comes now", () => {
    const past = pastWith({ boot: 300, variance: 100, backlog: { at: NOON - 60, waiting: 0, since: null } });
    const spread = (arrivals: number) =>
      lessonOf(past, { policy: JOBS, arrivals, backlog: 0, running: 0 }).forecast.spread;
    expect(spread(0.04)).toBeCloseTo(2, 9);
    expect(spread(0.06)).toBeCloseTo(10, 9);
  });
});
