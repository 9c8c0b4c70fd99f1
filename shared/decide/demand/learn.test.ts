import { describe, expect, it } from "vitest";
import { fleetOf, NOON, poolOf, seriesOf, unknown, workloadIn } from "../../../test/support/fleet.ts";
import type { Learned, LearnedPool } from "../../model/learned.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../model/memory.ts";
import type { PoolObservation } from "../../model/pool.ts";
import type { SignalObservation } from "../../model/signal.ts";
import { NEVER_FAILED } from "../capacity/health.ts";
import { createContext } from "../context.ts";
import { addGap } from "./idle.ts";
import type { Lesson } from "./learn.ts";

const signal = { source: "prom", query: "x", maxAge: "60s" };
const policyWith = (more: { readonly perNode?: number; readonly maxWait: string }) =>
  fleetOf(
    {
      nodes: { min: 0, max: 6 },
      scaleUp: undefined,
      scaleDown: undefined,
      objective: { arrivals: "arrivals", backlog: "backlog", inService: "running", ...more },
    },
    { signals: { arrivals: signal, backlog: signal, running: signal } },
  );
/** A node serves one request a second, which may wait for a minute. */
const REQUESTS = policyWith({ perNode: 1, maxWait: "60s" });
/** A node serves three jobs a minute, which may wait for five. */
const JOBS = policyWith({ perNode: 0.05, maxWait: "5m" });
const UNTOLD = policyWith({ maxWait: "60s" });

interface Seen {
  readonly policy?: typeof REQUESTS;
  /** Numbers are what is measured at noon; a signal that is left out is unknown. */
  readonly arrivals?: SignalObservation | number;
  readonly backlog?: number;
  readonly running?: number;
  readonly pool?: PoolObservation;
  readonly memory?: Partial<WorkloadMemory>;
}

/** What is learned at noon from what was learned before, or at first sight. */
function lessonOf(
  learned: Learned | null,
  { policy = REQUESTS, pool = poolOf(2), memory = {}, ...seen }: Seen,
): Lesson {
  const observed = (value: SignalObservation | number | undefined): SignalObservation =>
    typeof value === "number" ? { kind: "series", series: seriesOf(NOON, 0, () => value) } : (value ?? unknown);
  const { arrivals, backlog, running } = seen;
  const signals = { arrivals: observed(arrivals), backlog: observed(backlog), running: observed(running) };
  const observation = { workload: "llm", trigger: "tick" as const, signals, pools: { llm: pool }, others: null };
  const context = createContext(policy, workloadIn(policy), observation, { ...EMPTY_MEMORY, ...memory, learned }, NOON);
  if (context.lesson === null) throw new Error("nothing was learned");
  return context.lesson;
}

/** Two nodes that serve, as they were learned of a minute before noon. */
const POOL: LearnedPool = {
  desired: 2,
  ready: 2,
  noticed: 0,
  given: 2,
  orders: [],
  upSince: NOON - 3600,
  losses: 0,
  exposure: 0,
  shut: false,
  limit: 0,
  triedAt: NOON - 3600,
  probing: false,
  refusals: 0,
  heard: null,
};
const pastWith = (more: Partial<Learned> = {}, pool: Partial<LearnedPool> = {}): Learned => ({
  ...lessonOf(null, {}).learned,
  at: NOON - 60,
  pools: { llm: { ...POOL, ...pool } },
  ...more,
});
const NOTHING = { arrivals: 0, backlog: 0, running: 0 };
const order = (after: number, nodes: number) => ({ at: NOON + after, nodes });

describe("what is learned at first sight", () => {
  it("is the size there is, and what is usual of the rest", () => {
    const { learned, ...rest } = lessonOf(null, { pool: poolOf(3, 2) });
    expect(learned).toEqual({
      at: NOON,
      rates: [],
      forecasts: [],
      variance: 0,
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
      nodes: 3,
      probes: 2,
      pools: { llm: { ...POOL, desired: 3, orders: [order(0, 1)], upSince: NOON, triedAt: NOON } },
    });
    expect(rest).toEqual({
      forecast: { level: 0, spread: 0, horizon: 420 },
      need: null,
      rate: 1,
      care: 2,
      idleSince: null,
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

describe("the budget for probes", () => {
  const probesAfter = (past: Partial<Learned>, pool: PoolObservation, of: Partial<LearnedPool> = {}) =>
    lessonOf(pastWith(past, of), { pool }).learned.probes;

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

  const due = { shut: true, refusals: 1, triedAt: NOON - 1000, limit: 2 };
  it("is spent on a pool that was shut long enough", () => {
    const { learned } = lessonOf(pastWith({ at: NOON - 1200 }, due), {});
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

describe("a workload rests", () => {
  const resting = { backlog: { at: NOON - 60, waiting: 0, since: null }, busyAt: NOON - 1000 };
  it.each<[string, Partial<Learned>, Seen, number | null]>([
    ["while nothing comes, waits or is served", resting, NOTHING, -1000],
    ["when it was seen so before, though nobody knows who waits now", resting, { arrivals: 0, running: 0 }, -1000],
    ["not while work comes", resting, { ...NOTHING, arrivals: 1 }, null],
    ["not while work waits", resting, { ...NOTHING, backlog: 1 }, null],
    ["not while work is served", resting, { ...NOTHING, running: 1 }, null],
    [
      "not while work was served when it was last known",
      { ...resting, inService: 1 },
      { arrivals: 0, running: 0 },
      null,
    ],
    ["not while nobody knows what comes", resting, { backlog: 0, running: 0 }, null],
    ["not while nobody knows what is served", resting, { arrivals: 0, backlog: 0 }, null],
    ["not before it is known who waits", { ...resting, backlog: null }, { arrivals: 0, running: 0 }, null],
  ])("%s", (_, past, seen, since) => {
    expect(lessonOf(pastWith(past), seen).idleSince).toBe(since === null ? null : NOON + since);
  });

  it("and keeps for longer what took long to boot", () => {
    const wanted = (ready: number) => {
      const pool = { desired: 1, ready, given: ready, orders: ready === 1 ? [] : [order(-5000, 1)] };
      const past = pastWith({ ...resting, nodes: 1 }, pool);
      return lessonOf(past, { ...NOTHING, policy: JOBS, pool: poolOf(1) }).need?.nodes;
    };
    // A thousand seconds into a pause a node is kept for a start that is worth 2295 s of it: 2192 with a boot of 240 s.
    expect(wanted(1)).toBe(0);
    // Now 396 s, give or take 499: 2946, with two asked for.
    expect(wanted(0)).toBe(1);
  });

  it.each<[string, Partial<Learned>, PoolObservation, number]>([
    ["keeps its last node within the first minute", { busyAt: NOON - 30 }, poolOf(1), 1],
    ["gives it up after a day", { busyAt: NOON - 86_400 }, poolOf(1), 0],
    ["keeps it where pauses used to end then", { busyAt: NOON - 7000, gaps: endings(7000) }, poolOf(1), 1],
    ["gives it up where they did not", { busyAt: NOON - 7000, gaps: endings(400) }, poolOf(1), 0],
    ["wants none where there is none", { busyAt: NOON - 30 }, poolOf(0), 0],
  ])("and %s", (_, past, pool, nodes) => {
    const learned = pastWith({ ...resting, nodes: 1, ...past }, { desired: 1, ready: 1, given: 1 });
    const lesson = lessonOf(learned, { ...NOTHING, pool });
    expect(lesson.need?.nodes).toBe(nodes);
    expect(lesson.learned.nodes).toBe(nodes);
  });
});

/** Many pauses that ended at this age, seen there only. */
function endings(age: number) {
  let gaps = null;
  for (let i = 0; i < 100; i += 1) gaps = addGap(gaps, age, age, true);
  return gaps;
}

describe("what there is and what is on its way gives", () => {
  const one = { desired: 3, ready: 1, given: 1 };
  it.each<[string, Partial<LearnedPool>, Partial<Learned>, PoolObservation, number]>([
    ["a boot of each node that serves", {}, {}, poolOf(3), 3 * 240],
    ["a minute of one under notice", {}, {}, poolOf(3, 3, { noticed: 1 }), 2 * 240 + 60],
    ["no more of it than a boot", {}, { boot: 40 }, poolOf(3, 3, { noticed: 1 }), 2 * 40 + 40],
    ["nothing of what is to go", {}, {}, poolOf(2, 3), 2 * 240],
    [
      "nothing of what is to go beside one under notice",
      { ready: 3, noticed: 1 },
      {},
      poolOf(2, 3, { noticed: 1 }),
      240 + 60,
    ],
    [
      "what is left of a boot beside one under notice",
      { desired: 3, noticed: 1, given: 1, orders: [order(-100, 1)] },
      {},
      poolOf(3, 2, { noticed: 1 }),
      240 + 100 + 60,
    ],
    ["what is left once it is booted", { ...one, orders: [order(-100, 2)] }, {}, poolOf(3, 1), 240 + 2 * 100],
    ["all but 20 s of what is late", { ...one, orders: [order(-300, 2)] }, {}, poolOf(3, 1), 240 + 2 * 220],
    ["all but 20 s of what is nearly due", { ...one, orders: [order(-225, 2)] }, {}, poolOf(3, 1), 240 + 2 * 220],
    ["what was ordered since the last look", {}, {}, poolOf(3, 2), 2 * 240 + 60],
    [
      "nothing of a boot that is shorter than that",
      { ...one, orders: [order(-100, 2)] },
      { boot: 10 },
      poolOf(3, 1),
      10,
    ],
    ["nothing of what was refused", { ...one, shut: true, orders: [order(-100, 2)] }, {}, poolOf(3, 1), 240],
    ["nothing where there is nothing", { desired: 0, ready: 0, given: 0 }, {}, poolOf(0), 0],
  ])("%s", (_, pool, past, seen, supply) => {
    // Nothing comes: work is late as soon as more waits than is served within the time of a boot, one a node second.
    const rushed = (backlog: number) =>
      lessonOf(pastWith(past, pool), { ...NOTHING, backlog, pool: seen }).need?.rushed;
    expect(rushed(supply)).toBe(false);
    expect(rushed(supply + 1)).toBe(true);
  });

  it("as much as nodes boot now", () => {
    // One that was ready at once makes the boot 219 s: 2 * 219 are served until then, 219 come, and 60 may wait.
    const past = pastWith({}, { ready: 1, given: 1, orders: [order(-5, 1)] });
    const rushed = (backlog: number) => lessonOf(past, { arrivals: 1, backlog, running: 0 }).need?.rushed;
    expect(rushed(279)).toBe(false);
    expect(rushed(280)).toBe(true);
  });
});

describe("what is needed", () => {
  it("is not known where it is not known what a node serves", () => {
    const { need, rate, learned } = lessonOf(pastWith({ nodes: 5 }), { policy: UNTOLD, arrivals: 1, backlog: 0 });
    expect({ need, rate }).toEqual({ need: null, rate: null });
    expect(learned.nodes).toBe(2);
  });

  it("is worked out with what was learned of that", () => {
    const past = pastWith({ served: 240, nodeSeconds: 120, nodes: 5 });
    expect(lessonOf(past, { policy: UNTOLD, arrivals: 3, backlog: 0 })).toMatchObject({ rate: 2, need: { nodes: 2 } });
  });

  it("is worked out with what is learned of that now", () => {
    // Ten go on waiting for a minute, in which two nodes serve the four a second that come.
    const past = pastWith({ backlog: { at: NOON - 60, waiting: 10, since: NOON - 60 } });
    expect(lessonOf(past, { policy: UNTOLD, arrivals: 4, backlog: 10, running: 0 }).rate).toBe(2);
  });

  it.each([
    ["the policy's", poolOf(2), 6],
    ["what there is, if that is more", poolOf(8), 8],
  ])("is at most %s", (_, pool, nodes) => {
    expect(lessonOf(pastWith(), { arrivals: 100, backlog: 1e6, pool }).need?.nodes).toBe(nodes);
  });

  it("goes by what was needed before, until enough serve", () => {
    const past = pastWith({ nodes: 5 });
    // Two and a half a second need three nodes.
    expect(lessonOf(past, { arrivals: 2.5, backlog: 0, pool: poolOf(5, 2) }).need?.nodes).toBe(5);
    expect(lessonOf(past, { arrivals: 2.5, backlog: 0, pool: poolOf(5, 4) }).need?.nodes).toBe(3);
    const noticed = poolOf(5, 4, { noticed: 2 });
    expect(lessonOf(past, { arrivals: 2.5, backlog: 0, pool: noticed }).need?.nodes).toBe(5);
  });

  it("counts who is served among the requests", () => {
    const slow = policyWith({ perNode: 0.0001, maxWait: "60s" });
    const needed = (running: number) =>
      lessonOf(pastWith(), { policy: slow, arrivals: 0, backlog: 1, running }).need?.nodes;
    expect(needed(0)).toBe(2);
    expect(needed(3)).toBe(5);
  });

  it("is more with care, where bursts are to be foreseen", () => {
    const spare = (care: number) => lessonOf(pastWith({ variance: 16, care }), { arrivals: 1, backlog: 0 }).need?.spare;
    expect(spare(1)).toBeCloseTo(2, 9);
    expect(spare(Math.E)).toBeCloseTo(4, 4);
    expect(lessonOf(pastWith({ care: 1000 }), {}).care).toBe(50);
  });
});

describe("jobs that come seldom", () => {
  const none = { desired: 0, ready: 0, given: 0 };
  const waiting = { policy: JOBS, arrivals: 0, backlog: 5, running: 0, pool: poolOf(0) };
  const careful = { care: 50, nodes: 0 };
  const needOf = (past: Partial<Learned>, seen: Seen, pool: Partial<LearnedPool> = none) =>
    lessonOf(pastWith({ ...careful, ...past }, pool), { ...waiting, ...seen }).need;

  it("are worth several nodes at once where there is none, and care is due", () => {
    expect(needOf({}, {})).toMatchObject({ nodes: 4, inCase: true, rushed: false });
    expect(needOf({ care: 1 }, {})).toMatchObject({ nodes: 1, inCase: false });
    expect(needOf({}, { pool: poolOf(1, 1, { noticed: 1 }) })).toMatchObject({ nodes: 4, inCase: true });
  });

  it.each<[string, Partial<Learned>, Seen]>([
    ["a node serves", {}, { pool: poolOf(1) }],
    ["nothing waits", {}, { backlog: 0, running: 5, arrivals: 0.001 }],
    ["more come than one node serves", { arrived: 1e6, watched: 1 }, {}],
  ])("are not where %s", (_, past, seen) => {
    expect(needOf(past, seen)?.inCase).toBe(false);
  });

  it("are late for certain only where they are not seldom", () => {
    expect(needOf({ arrived: 1e6, watched: 1 }, {})?.rushed).toBe(true);
  });

  it("keep all nodes while the first of them has waited for long", () => {
    const three = { desired: 3, ready: 3, given: 3 };
    const late = (overdue: number) => ({ nodes: 3, line: { overdue, entries: [], came: [] } });
    const seen = { policy: JOBS, arrivals: 0.001, running: 0, pool: poolOf(3) };
    const nodesWith = (overdue: number) => lessonOf(pastWith(late(overdue), three), seen).need?.nodes;
    expect(nodesWith(1)).toBe(3);
    expect(nodesWith(0)).toBe(1);
  });
});

describe("a second look at the same time", () => {
  const waited = { nodes: 3, backlog: { at: NOON - 60, waiting: 4, since: NOON - 60 } };
  const seen = { arrivals: 3, backlog: 6, running: 2, pool: poolOf(4, 3) };

  it("comes to the same", () => {
    const once = lessonOf(pastWith(waited, { desired: 4, ready: 3, orders: [order(-200, 1)] }), seen);
    expect(lessonOf(once.learned, seen)).toEqual(once);
  });

  it("learns nothing more, though a node was ready at the first", () => {
    const { learned } = lessonOf(pastWith(waited, { desired: 4, ready: 2, orders: [order(-200, 2)] }), seen);
    expect(learned.boot).toBe(233);
    expect(lessonOf(learned, seen).learned).toEqual(learned);
  });
});
