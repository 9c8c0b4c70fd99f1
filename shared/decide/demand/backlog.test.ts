import { describe, expect, it } from "vitest";
import { fleetOf, MINUTE, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import type { Learned } from "../../model/learned.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../model/memory.ts";
import type { Reading } from "../../model/reading.ts";
import type { Sample } from "../../model/series.ts";
import { createContext } from "../context.ts";
import { decide } from "../decide.ts";
import { known, type Looked, lookAtBacklog, servingNow } from "./backlog.ts";
import { addGap } from "./idle.ts";
import { addLateness } from "./lateness.ts";

const signal = { source: "prom", query: "x", maxAge: "60s" };
const POLICY = fleetOf(
  {
    nodes: { min: 0, max: 20 },
    scaleUp: undefined,
    scaleDown: undefined,
    objective: { arrivals: "arrivals", backlog: "backlog", perNode: 4, maxWait: "60s" },
  },
  { signals: { arrivals: signal, backlog: signal } },
);
const ARRIVING = 20;
/** Every 15 s: nobody waits, then for 100 s each, then nobody again before the second minute is over. */
const SPIKE: readonly Sample[] = [
  [NOON, 0],
  [NOON + 15, 2000],
  [NOON + 30, 2000],
  [NOON + 45, 2000],
  [NOON + 60, 2000],
  [NOON + 75, 2000],
  [NOON + 90, 2000],
  [NOON + 105, 2000],
  [NOON + 120, 0],
];

/** Looks at these times at the samples there are by then, and returns what was learned. */
function learnedAt(times: readonly number[], samples: readonly Sample[]): Learned {
  let memory: WorkloadMemory = EMPTY_MEMORY;
  for (const now of times) {
    const seen = samples.filter(([at]) => at <= now);
    const series = (of: readonly Sample[]) => ({ kind: "series" as const, series: { samples: of, validity: 60 } });
    const observation = {
      workload: "llm",
      trigger: "tick" as const,
      signals: { backlog: series(seen), arrivals: series(seen.map(([at]): Sample => [at, ARRIVING])) },
      pools: { llm: poolOf(5, 5, { max: 20 }) },
      others: null,
    };
    memory = decide(POLICY, workloadIn(POLICY), observation, memory, now).memory;
  }
  if (memory.learned === null) throw new Error("nothing was learned");
  return memory.learned;
}

const minutely = [NOON, NOON + MINUTE, NOON + 2 * MINUTE];

it("who was late between two looks is seen, by the samples there were in between", () => {
  const newestOnly = SPIKE.filter(([at]) => at === NOON || at === NOON + 2 * MINUTE);
  expect(learnedAt([NOON, NOON + 2 * MINUTE], newestOnly).care).toBeLessThan(2);
  expect(learnedAt([NOON, NOON + 2 * MINUTE], SPIKE).care).toBeGreaterThan(2);
});

it("a line is the same however often it was looked at", () => {
  const { line } = learnedAt([NOON, NOON + 2 * MINUTE], SPIKE);
  expect(learnedAt(minutely, SPIKE).line).toEqual(line);
  expect(learnedAt([...minutely, NOON + 2 * MINUTE], SPIKE).line).toEqual(line);
});

it("who waited when nobody looked for long is not taken to have been late", () => {
  const waits: readonly Sample[] = [
    [NOON, 0],
    [NOON + 15, 1200],
  ];
  const later = NOON + 3600;
  const { care, line } = learnedAt([NOON, NOON + 15, later], [...waits, [later, 300]]);
  expect(care).toBeLessThan(2);
  expect(line).toMatchObject({ overdue: 0 });
  // Ten minutes are no gap yet.
  const sooner = NOON + 600;
  expect(learnedAt([NOON, NOON + 15, sooner], [...waits, [sooner, 300]]).care).toBeGreaterThan(2);
});

/** Jobs, which may wait for five minutes: what a node serves is to be learned. */
const JOBS = { arrivals: "arrivals", backlog: "backlog", inService: "running", maxWait: 300, attainment: 0.99 };
const UNKNOWN: Reading = { kind: "unknown", why: "timeout", detail: "no answer" };
const ABSENT: Reading = { kind: "absent" };

/** A reading whose newest sample is the last, in seconds after noon. */
function readingOf(...after: readonly (readonly [after: number, value: number])[]): Reading {
  const samples = after.map(([at, value]) => [NOON + at, value] as const);
  const [at, value] = samples.at(-1) ?? [NOON, 0];
  return { kind: "known", value, at, age: 0, series: { samples, validity: 15 } };
}

/** A look at noon, or so long after it, at four nodes unless it says otherwise. */
function lookedAt(readings: Readonly<Record<string, Reading>>, { after = 0, ready = 4 } = {}): Looked {
  const pools = { llm: poolOf(ready, ready, { max: 20 }) };
  const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools, others: null };
  const context = createContext(POLICY, workloadIn(POLICY), observation, EMPTY_MEMORY, NOON + after);
  return { ...context, reading: (name) => readings[name] ?? ABSENT };
}

/** What was learned a minute before noon: ten wait, three are served, and nothing comes. */
function learnedBefore(more: Partial<Learned> = {}): Learned {
  const learned = createContext(
    POLICY,
    workloadIn(POLICY),
    { workload: "llm", trigger: "tick", signals: {}, pools: { llm: poolOf(4) }, others: null },
    EMPTY_MEMORY,
    NOON - 60,
  ).lesson?.learned;
  if (learned === undefined) throw new Error("nothing was learned");
  const backlog = { at: NOON - 60, waiting: 10, since: NOON - 90 };
  return { ...learned, busyAt: NOON - 100, backlog, inService: 3, ...more };
}
const nothingWaited = { at: NOON - 60, waiting: 0, since: null };
const idle = { backlog: nothingWaited, inService: 0 };
const busy = { backlog: readingOf([0, 40]), running: readingOf([0, 5]) };

it("a reading is known or nothing", () => {
  const reading = readingOf([0, 1]);
  expect(known(reading)).toBe(reading);
  expect(known(UNKNOWN)).toBeNull();
  expect(known(ABSENT)).toBeNull();
});

it.each<[string, Reading, number | null]>([
  ["what is measured", readingOf([0, 3]), 3],
  ["never less than nothing", readingOf([0, -3]), 0],
  ["nothing where there is no node", ABSENT, 0],
  ["not known where nobody knows", UNKNOWN, null],
])("what is being served is %s", (_, running, expected) => {
  expect(servingNow(lookedAt({ running }), JOBS)).toBe(expected);
});

it("nothing is being served where no signal says", () => {
  const { inService: _, ...silent } = JOBS;
  expect(servingNow(lookedAt({ running: readingOf([0, 3]) }), silent)).toBe(0);
});

describe("a look at the backlog", () => {
  it("learns nothing where that is unknown", () => {
    const past = learnedBefore();
    expect(lookAtBacklog(past, 2, lookedAt({ backlog: UNKNOWN, running: readingOf([0, 5]) }), JOBS)).toBe(past);
  });

  it("learns who waits and who is served at first sight, and no more", () => {
    const past = learnedBefore({ backlog: null });
    const seen = { busyAt: NOON, inService: 5, backlog: { at: NOON, waiting: 40, since: NOON } };
    expect(lookAtBacklog(past, 2, lookedAt(busy), JOBS)).toEqual({ ...past, ...seen });
  });

  it("learns no more than that somebody works when its newest sample was seen before", () => {
    const past = learnedBefore({ backlog: { at: NOON, waiting: 10, since: NOON - 90 } });
    expect(lookAtBacklog(past, 2, lookedAt(busy), JOBS)).toEqual({ ...past, busyAt: NOON });
    const older = lookedAt({ ...busy, backlog: readingOf([-10, 40]) });
    expect(lookAtBacklog(past, 2, older, JOBS)).toEqual({ ...past, busyAt: NOON - 10 });
  });

  it.each<[string, Learned["backlog"], number, Learned["backlog"]]>([
    ["still", { at: NOON - 60, waiting: 10, since: NOON - 90 }, 40, { at: NOON, waiting: 40, since: NOON - 90 }],
    ["from now on", nothingWaited, 40, { at: NOON, waiting: 40, since: NOON }],
    ["no more", { at: NOON - 60, waiting: 10, since: NOON - 90 }, 0, { at: NOON, waiting: 0, since: null }],
    ["never fewer than none", nothingWaited, -3, { at: NOON, waiting: 0, since: null }],
  ])("learns that work waits: %s", (_, backlog, waiting, expected) => {
    const looked = lookedAt({ backlog: readingOf([0, waiting]) });
    expect(lookAtBacklog(learnedBefore({ backlog }), 0, looked, JOBS).backlog).toEqual(expected);
  });

  it.each<[string, Readonly<Record<string, Reading>>, Partial<Learned>, number]>([
    ["while work waits", { backlog: readingOf([0, 1]) }, idle, 0],
    ["while work is served", { backlog: readingOf([0, 0]), running: readingOf([0, 1]) }, idle, 0],
    ["while work comes", { backlog: readingOf([0, 0]) }, { ...idle, rates: [{ at: NOON, rate: 0.1 }] }, 0],
    ["not while none does", { backlog: readingOf([0, 0]) }, { ...idle, rates: [{ at: NOON, rate: 0 }] }, -100],
    ["not while nothing is known to", { backlog: readingOf([0, 0]) }, idle, -100],
    [
      "still, when it is not known what is served",
      { backlog: readingOf([0, 0]), running: UNKNOWN },
      { inService: 1 },
      0,
    ],
    ["not later than now, by a clock that is ahead", { backlog: readingOf([10, 1]) }, idle, 0],
    ["at the sample's time", { backlog: readingOf([-5, 1]) }, idle, -5],
    ["never sooner than was known", { backlog: readingOf([0, 1]) }, { busyAt: NOON + 5 }, 5],
  ])("sees somebody work %s", (_, readings, past, after) => {
    expect(lookAtBacklog(learnedBefore(past), 0, lookedAt(readings), JOBS).busyAt).toBe(NOON + after);
  });

  it("keeps what was being served while that is not known", () => {
    const looked = lookedAt({ ...busy, running: UNKNOWN });
    expect(lookAtBacklog(learnedBefore(), 0, looked, JOBS).inService).toBe(3);
  });
});

describe("what nodes serve", () => {
  const servedBy = (past: Partial<Learned>, readings: Readonly<Record<string, Reading>>, level = 2, more = {}) => {
    const { served, nodeSeconds } = lookAtBacklog(learnedBefore(past), level, lookedAt(readings, more), JOBS);
    return { served, nodeSeconds };
  };
  const nothing = { served: 0, nodeSeconds: 0 };
  const longer = { at: NOON - 61, waiting: 10, since: NOON - 90 };

  it("is what came, less what more waits and what more is being served", () => {
    // 2 a second for a minute, 30 more wait and 2 more are served, by 4 nodes.
    expect(servedBy({}, busy)).toEqual({ served: 120 - 30 - 2, nodeSeconds: 240 });
    expect(servedBy({}, { ...busy, backlog: readingOf([0, 4]) })).toEqual({ served: 120 + 6 - 2, nodeSeconds: 240 });
    expect(servedBy({}, { ...busy, running: readingOf([0, 1]) })).toEqual({ served: 120 - 30 + 2, nodeSeconds: 240 });
  });

  it.each<[string, Partial<Learned>, Readonly<Record<string, Reading>>, { readonly ready?: number }]>([
    ["samples are more than a minute apart", { backlog: longer }, busy, {}],
    ["nodes came since", {}, busy, { ready: 5 }],
    ["nothing waited before", { backlog: nothingWaited, inService: 9 }, busy, {}],
    ["nothing waits now", { inService: 9 }, { ...busy, backlog: readingOf([0, 0]) }, {}],
    ["there is no node", { pools: {} }, busy, { ready: 0 }],
  ])("is not known when %s", (_, past, readings, more) => {
    expect(servedBy(past, readings, 2, more)).toEqual(nothing);
  });

  it("is known of the nodes of all pools, when they are as many as before", () => {
    const pool = learnedBefore().pools.llm;
    if (pool === undefined) throw new Error("no pool");
    const pools = { a: { ...pool, ready: 3 }, b: { ...pool, ready: 1 } };
    expect(servedBy({ pools }, busy).nodeSeconds).toBe(240);
    expect(servedBy({ pools: { ...pools, c: { ...pool, ready: 1 } } }, busy)).toEqual(nothing);
  });

  const calm = { backlog: nothingWaited, inService: 1 };
  const served = { backlog: readingOf([0, 0]), running: readingOf([0, 2]) };

  it("is guessed by the jobs that are being served, one on each node, while nobody knows", () => {
    // 0.05 a second for a minute, one more of them being served, by one and a half of four nodes.
    expect(servedBy(calm, served, 0.05)).toEqual({ served: 2, nodeSeconds: 90 });
    expect(servedBy(calm, { ...served, running: readingOf([0, 4]) }, 0.1)).toEqual({ served: 3, nodeSeconds: 150 });
    expect(servedBy({ ...calm, inService: 4 }, served, 0.1)).toEqual({ served: 8, nodeSeconds: 180 });
  });

  it.each<[string, Partial<Learned>, Readonly<Record<string, Reading>>]>([
    ["by more jobs than nodes", calm, { ...served, running: readingOf([0, 5]) }],
    ["where there were more jobs than nodes", { ...calm, inService: 5 }, served],
    ["where nothing is served", idle, { ...served, running: readingOf([0, 0]) }],
  ])("is not guessed %s", (_, past, readings) => {
    expect(servedBy(past, readings, 0.05)).toEqual(nothing);
  });

  it.each([
    ["where the wait is that of requests", {}, { ...JOBS, maxWait: 120 }],
    ["where the policy says it", {}, { ...JOBS, perNode: 1 }],
    ["where it is known", { served: 5, nodeSeconds: 120 }, JOBS],
  ])("is not guessed %s", (_, known, objective) => {
    const past = learnedBefore({ ...calm, ...known });
    const { served: all, nodeSeconds } = past;
    expect(lookAtBacklog(past, 0.05, lookedAt(served), objective)).toMatchObject({ served: all, nodeSeconds });
  });
});

describe("a pause", () => {
  const none = lookedAt({ backlog: readingOf([0, 0]) });
  const gapsAfter = (past: Partial<Learned>, looked = none) =>
    lookAtBacklog(learnedBefore({ ...idle, ...past }), 0, looked, JOBS).gaps;

  it("goes on, from its age at one look to that at the next", () => {
    expect(gapsAfter({})).toEqual(addGap(null, 40, 100, false));
    expect(gapsAfter({ busyAt: NOON - 300 })).toEqual(addGap(null, 240, 300, false));
  });

  it("ends with work", () => {
    expect(gapsAfter({}, lookedAt({ backlog: readingOf([0, 1]) }))).toEqual(addGap(null, 40, 100, true));
  });

  it("is added to those before", () => {
    const gaps = addGap(null, 0, 1000, true);
    expect(gapsAfter({ gaps })).toEqual(addGap(gaps, 40, 100, false));
  });

  it("is not known where nobody looked for more than two minutes", () => {
    const lookedAgo = (ago: number) => ({ busyAt: NOON - 300, backlog: { ...nothingWaited, at: NOON - ago } });
    expect(gapsAfter(lookedAgo(120))).toEqual(addGap(null, 180, 300, false));
    expect(gapsAfter(lookedAgo(121))).toBeNull();
  });
});

describe("a line between two looks", () => {
  const at = (after: number, nodes: number) => ({ at: NOON + after, nodes });
  /** Who came by each sample, by how long after noon; the look before was at noon. */
  function cameBy(backlog: Reading, arrivals: Reading, past: Partial<Learned> = {}) {
    const before = learnedBefore({ backlog: { ...nothingWaited, at: NOON }, inService: 0, ...past });
    return lookAtBacklog(before, 0, lookedAt({ backlog, arrivals }, { after: 600 }), JOBS).line;
  }
  const two = readingOf([15, 0], [30, 0]);

  it("is followed by every sample since, at the rate of its time", () => {
    expect(cameBy(two, readingOf([15, 0.1], [30, 0.5]))?.came).toEqual([at(15, 6), at(30, 24)]);
    expect(cameBy(readingOf([-15, 7], [0, 7], [15, 0], [30, 0]), readingOf([30, 0.1]), { rates: [] })?.came).toEqual([
      at(15, 0),
      at(30, 6),
    ]);
  });

  it.each([
    ["five seconds later", 35, 6],
    ["six seconds later", 36, 12],
  ])("takes a rate as that of its time that was measured %s, else the last known", (_, after, came) => {
    const past = {
      rates: [
        { at: NOON - 15, rate: 9 },
        { at: NOON, rate: 0.2 },
      ],
    };
    expect(cameBy(readingOf([30, 0]), readingOf([after, 0.1]), past)?.came).toEqual([at(30, came)]);
  });

  it("takes the last known rate, or none, where arrivals are unknown, and never less than none", () => {
    expect(cameBy(readingOf([30, 0]), UNKNOWN, { rates: [{ at: NOON, rate: 0.2 }] })?.came).toEqual([at(30, 12)]);
    expect(cameBy(readingOf([30, 0]), UNKNOWN)?.came).toEqual([at(30, 0)]);
    expect(cameBy(readingOf([90, 0]), readingOf([90, -1]))?.came).toEqual([at(90, 0)]);
    expect(cameBy(readingOf([30, -5]), UNKNOWN)).toEqual({ overdue: 0, entries: [], came: [at(30, 0)] });
  });

  it("takes each time once, and none beyond the newest sample", () => {
    expect(cameBy(readingOf([15, 1], [15, 9], [10, 7], [30, 1]), UNKNOWN)?.came).toEqual([at(15, 1), at(30, 0)]);
    const ahead = { ...readingOf([15, 1], [40, 5]), at: NOON + 30 };
    expect(cameBy(ahead, UNKNOWN)?.came).toEqual([at(15, 1)]);
  });

  it("begins anew where nobody saw it for more than ten minutes", () => {
    const line = { overdue: 4, entries: [], came: [] };
    const rates = readingOf([0, 0.01]);
    expect(cameBy(readingOf([600, 4]), rates, { line })).toEqual({
      overdue: 0,
      entries: [at(300, 4)],
      came: [at(600, 6)],
    });
    expect(cameBy(readingOf([601, 4]), rates, { line })).toEqual({
      overdue: 0,
      entries: [at(571, 4)],
      came: [at(601, 4)],
    });
  });

  it("counts who became late, a second of all that passed, for care", () => {
    // Three have waited for 305 s by the second sample, and one of them leaves by the third.
    const line = { overdue: 0, entries: [at(-265, 3)], came: [] };
    const backlog = { at: NOON, waiting: 3, since: NOON - 265 };
    const past = learnedBefore({ backlog, inService: 0, line, arrived: 9, watched: 99 });
    const looked = lookedAt({ backlog: readingOf([15, 3], [40, 3], [50, 2]), arrivals: UNKNOWN }, { after: 50 });
    const next = lookAtBacklog(past, 0.5, looked, JOBS);
    expect(next.line?.overdue).toBe(2);
    const { arrived, watched, care } = addLateness(past, { rate: 0.5, late: 3 / 50, elapsed: 50 }, JOBS);
    expect(next).toMatchObject({ arrived, watched, care });
    expect(care).toBeGreaterThan(past.care);
  });
});
