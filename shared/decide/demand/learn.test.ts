import { describe, expect, it } from "vitest";
import { NOON, poolOf } from "../../../test/support/fleet.ts";
import type { Learned, LearnedPool } from "../../model/learned.ts";
import type { PoolObservation } from "../../model/pool.ts";
import { addGap } from "./idle.ts";
import { JOBS, lessonOf, NOTHING, order, pastWith, policyWith, REQUESTS, type Seen, UNTOLD } from "./learn.fixture.ts";

describe("a workload rests", () => {
  const resting = { backlog: { at: NOON - 60, waiting: 0, since: null }, busyAt: NOON - 1000 };
  it.each<[string, Partial<Learned>, Seen, number | null]>([
    ["while nothing comes, waits or is served", resting, NOTHING, -1000],
    ["not while nobody knows who waits, though nobody did before", resting, { arrivals: 0, running: 0 }, null],
    ["not while work comes", resting, { ...NOTHING, arrivals: 1 }, null],
    ["not while work waits", resting, { ...NOTHING, backlog: 1 }, null],
    ["not while work is served", resting, { ...NOTHING, running: 1 }, null],
    [
      "not while work was served when it was last known",
      { ...resting, backlog: { at: NOON, waiting: 0, since: null }, inService: 1 },
      NOTHING,
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
    expect(spare(1)).toBeCloseTo(1, 9);
    expect(spare(Math.E)).toBeCloseTo(3, 4);
    expect(lessonOf(pastWith({ care: 1000 }), {}).care).toBe(75);
  });
});

describe("jobs that come seldom", () => {
  const none = { desired: 0, ready: 0, given: 0 };
  const waiting = { policy: JOBS, arrivals: 0, backlog: 5, running: 0, pool: poolOf(0) };
  const careful = { care: 75, nodes: 0 };
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

describe("what usually comes", () => {
  it("is remembered, and moves by a minute at the most", () => {
    const usual = (more: Partial<Learned>, arrivals?: number) =>
      lessonOf(pastWith({ usual: 2, ...more }), { ...(arrivals !== undefined && { arrivals }) }).learned.usual;
    expect(usual({}, 4)).toBeCloseTo(4 - 2 * Math.exp(-1 / 60), 4);
    expect(usual({ at: NOON - 3600 }, 4)).toBe(usual({}, 4));
    expect(usual({ at: NOON }, 4)).toBe(2);
    expect(usual({ usual: null }, 4)).toBe(4);
    expect(usual({})).toBe(2);
  });

  it("tells what to expect of the few jobs that come, and of requests what comes tells it", () => {
    const level = (policy: typeof JOBS) =>
      lessonOf(pastWith({ usual: 0.001, at: NOON }), { policy, arrivals: 0.1 }).forecast.level;
    // A tenth a second for five minutes makes 30; the usual counts for 5 in 5000 seconds.
    expect(level(JOBS)).toBeCloseTo(35 / 5300, 4);
    expect(level(REQUESTS)).toBeCloseTo(0.1, 9);
  });
});

describe("nodes that are to spare", () => {
  const three = { desired: 3, ready: 3, given: 3 };
  const calm = { arrivals: 0.001, backlog: 0, running: 0, pool: poolOf(3) };
  const nodesWith = (past: Partial<Learned>, seen: Seen = {}) =>
    lessonOf(pastWith({ nodes: 3, ...past }, three), { policy: JOBS, ...calm, ...seen }).learned;

  it("stay for a while where calls are to be saved, and go then", () => {
    expect(nodesWith({ thrift: 0.5 })).toMatchObject({ nodes: 1, surplusSince: null });
    expect(nodesWith({ thrift: 9 })).toMatchObject({ nodes: 3, surplusSince: NOON });
    expect(nodesWith({ thrift: 9, surplusSince: NOON - 600 })).toMatchObject({ nodes: 1, surplusSince: null });
  });

  it("go at once where there is nothing to do, or where work is not seldom", () => {
    const idle = { thrift: 9, busyAt: NOON - 86_400, backlog: { at: NOON - 60, waiting: 0, since: null } };
    expect(nodesWith(idle, { arrivals: 0 })).toMatchObject({ nodes: 0, surplusSince: null });
    expect(nodesWith({ thrift: 9 }, { policy: REQUESTS })).toMatchObject({ nodes: 1, surplusSince: null });
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

describe("bursts", () => {
  const before = { backlog: { at: NOON - 60, waiting: 0, since: null }, line: null };
  const bursts = { line: 14, late: 10, watched: 3600 };

  it("are followed sample by sample, by what one node serves", () => {
    // Six came and three were served: 17, of which 15 are served within the wait.
    const past = pastWith({ ...before, bursts });
    const { learned } = lessonOf(past, { policy: JOBS, arrivals: 0.1, backlog: 0, running: 0 });
    expect(learned.bursts).toMatchObject({ line: 15 });
    expect(learned.bursts?.late).toBeCloseTo(10 * Math.exp(-60 / 86_400) + 2, 3);
  });

  it("are forgotten while nobody knows what a node serves", () => {
    const past = pastWith({ ...before, bursts });
    expect(lessonOf(past, { policy: UNTOLD, arrivals: 0.1, backlog: 0, running: 0 }).learned.bursts).toBeNull();
  });

  it.each([
    ["keep a second node where a boot takes longer than the wait", 600, JOBS, true],
    ["keep none where work may wait for a boot", 200, JOBS, false],
    ["keep none where the wait is too short to follow a line", 600, REQUESTS, false],
  ])("%s", (_, boot, policy, second) => {
    const past = pastWith({ ...before, bursts, boot, care: 75, nodes: 1, arrived: 1, watched: 3600 });
    const { need } = lessonOf(past, { policy, arrivals: 0.01, backlog: 0, running: 0, pool: poolOf(1) });
    expect(need).toMatchObject({ second });
  });
});

it("what usually comes is learned while it is known what comes", () => {
  const usual = (seen: Seen) => lessonOf(pastWith({ usual: 2 }), { backlog: 0, running: 0, ...seen }).learned.usual;
  // A minute of 4 a second leaves exp(-60 / 3600) of the difference.
  expect(usual({ arrivals: 4 })).toBeCloseTo(4 - 2 * Math.exp(-1 / 60), 4);
  expect(usual({})).toBe(2);
});
