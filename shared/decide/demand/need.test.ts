import { describe, expect, it } from "vitest";
import { needOf, type Situation } from "./need.ts";

/** Five nodes of 4 requests a second, all ready, 20 a second coming in, a boot of 4 minutes and a wait of 1. */
const CALM: Situation = {
  forecast: { level: 20, spread: 0, horizon: 300 },
  waiting: 0,
  serving: 5,
  supply: 5 * 240,
  rate: 4,
  boot: 240,
  maxWait: 60,
  care: 1,
  dear: Math.exp(-0.5),
  running: 20,
  sleeps: false,
  line: null,
  current: 5,
  most: 20,
};
const expecting = (level: number) => ({ ...CALM.forecast, level });
const nodes = (more: Partial<Situation>): number => needOf({ ...CALM, ...more }).nodes;

describe("the nodes that a wait needs", () => {
  it.each<[string, Partial<Situation>, number]>([
    ["stay while they serve what comes in", {}, 5],
    ["stay when a little more comes in than they serve, for the line is a buffer", { forecast: expecting(21) }, 5],
    ["grow when the line would be longer than the wait by the time a node is ready", { forecast: expecting(25) }, 7],
    ["grow for what waits already", { waiting: 1200 }, 6],
    ["do not grow for what is under way already", { forecast: expecting(30), supply: 8 * 240, current: 8 }, 8],
    ["shrink once fewer would serve it for some time", { forecast: expecting(10) }, 3],
    ["are rushed once work is bound to be late, for nodes boot at different speeds", { waiting: 4000 }, 20],
    ["stay on their way until those that serve are enough", { current: 12, serving: 3, supply: 12 * 240 }, 12],
    ["are given up on their way once those that serve are enough", { current: 12, serving: 5, supply: 12 * 240 }, 5],
    ["are spared by the spread of the forecast", { forecast: { ...expecting(10), spread: 16 } }, 5],
    ["never exceed the most that makes sense", { forecast: expecting(1e12) }, 20],
    ["keep the last node while it is worth keeping", { forecast: expecting(0), running: 0 }, 1],
    ["are none once it is not", { forecast: expecting(0), running: 0, sleeps: true }, 0],
    [
      "are no more than there are requests, and one",
      { forecast: expecting(0), running: 0, waiting: 3, rate: 0.0001 },
      4,
    ],
  ])("%s", (_, more, expected) => {
    expect(nodes(more)).toBe(expected);
  });

  it("grow sooner where care is due, if the line is followed", () => {
    const followed = { line: { stale: false, together: 0, second: false }, maxWait: 300, forecast: expecting(23) };
    expect(nodes(followed)).toBe(5);
    expect(nodes({ ...followed, waiting: 2000, care: 0.25 })).toBeLessThan(
      nodes({ ...followed, waiting: 2000, care: 8 }),
    );
  });

  it("stay while somebody has waited for long", () => {
    const line = { stale: false, together: 0, second: false };
    expect(nodes({ forecast: expecting(10), line })).toBe(3);
    expect(nodes({ forecast: expecting(10), line: { ...line, stale: true } })).toBe(5);
  });

  it("are several where there is none and one may take too long, and are said to be", () => {
    const alone = { ...CALM, forecast: expecting(0.001), waiting: 1, running: 0, supply: 0, current: 0, rate: 0.05 };
    const line = { stale: false, together: 3, second: false };
    expect(needOf({ ...alone, line: { ...line, together: 0 } })).toMatchObject({ nodes: 1, inCase: false });
    expect(needOf({ ...alone, line })).toMatchObject({ nodes: 3, inCase: true });
    expect(needOf({ ...alone, line, most: 1 }).nodes).toBe(1);
  });

  it("are the same when asked again at once", () => {
    for (const more of [{}, { forecast: expecting(30) }, { forecast: expecting(10) }, { waiting: 2000 }]) {
      const first = needOf({ ...CALM, ...more });
      expect(needOf({ ...CALM, ...more, current: first.nodes })).toEqual(first);
    }
  });
});

/** Nobody is followed past this; the line is, with ordinary care, and all that serves is yet to come. */
const FOLLOWED: Situation = {
  ...CALM,
  line: { stale: false, together: 0, second: false },
  maxWait: 300,
  supply: 0,
  current: 1,
};

describe("what is kept spare", () => {
  it.each([
    ["half of the spread with ordinary care", 1, 4],
    ["all of it with care that is e times as much", Math.E, 8],
    ["a quarter with less care", Math.exp(-0.5), 2],
    ["nothing with little care", Math.exp(-1), 0],
    ["never less than nothing", Math.exp(-2), 0],
    ["more by the logarithm up to a care of 25", 25, 4 + 4 * Math.log(25)],
    ["more by twice that from there on", 50, 4 + 4 * Math.log(25) + 8 * Math.log(2)],
  ])("is %s", (_, care, spare) => {
    expect(needOf({ ...CALM, forecast: { ...expecting(0), spread: 8 }, care }).spare).toBeCloseTo(spare, 9);
  });

  it.each([
    ["a quarter of the spread on the dearest nodes", 1, 2],
    ["three quarters where they cost a third of it, near enough", Math.exp(-1), 6],
  ])("is %s", (_, dear, spare) => {
    expect(needOf({ ...CALM, forecast: { ...expecting(0), spread: 8 }, dear }).spare).toBeCloseTo(spare, 9);
  });

  it("is said even when no node is to stay", () => {
    const asleep = needOf({ ...CALM, forecast: { ...expecting(0), spread: 8 }, sleeps: true, line: null });
    expect(asleep).toEqual({ nodes: 0, spare: 4, rushed: false, inCase: false, second: false });
  });

  it("is planned for as what arrives is", () => {
    // 18 a second, of which 5 nodes serve what comes for 5 minutes: 4.3.
    expect(nodes({ forecast: { ...expecting(10), spread: 16 } })).toBe(nodes({ forecast: expecting(18) }));
    expect(nodes({ forecast: { ...expecting(10), spread: 4 } })).toBe(nodes({ forecast: expecting(12) }));
  });
});

describe("the bounds of growth", () => {
  const slow = { running: 2, waiting: 3, rate: 0.0001 };
  it.each<[string, Partial<Situation>, number]>([
    ["who waits, who is served and one more", { ...slow, forecast: expecting(0) }, 6],
    ["and whoever comes until a node asked for at the next look is ready", { ...slow, forecast: expecting(0.005) }, 8],
    ["and a whole one for each", { ...slow, forecast: expecting(0.01) }, 9],
    ["the most that makes sense", { ...slow, forecast: expecting(0), most: 2 }, 2],
  ])("are %s", (_, more, expected) => {
    expect(nodes(more)).toBe(expected);
  });
});

describe("the nodes that growth asks for", () => {
  it.each<[string, Partial<Situation>, number]>([
    // (840 + 60 * 20) / (4 * (60 + 0.7 * 60)) is 5.
    ["serve what waits by then within seven tenths of the wait", { supply: 990, current: 1 }, 5],
    ["are one more for one request more", { supply: 990, current: 1, waiting: 1 }, 6],
    // 1200 / 408 is 2.9; 6000 / (4 * (300 + 12)) is 4.8.
    ["are one more than needed at once where more are needed to last", { current: 1 }, 4],
    ["are as many as are needed to last, if only one more", { current: 1, supply: 1100 }, 5],
    ["are none as long as there are enough for now", { current: 3 }, 3],
  ])("%s", (_, more, expected) => {
    expect(nodes(more)).toBe(expected);
  });

  it.each([
    // What arrives in five minutes, 6000, and what waits, against n = 4 * (60 + share * 300) a node, less the root of all n.
    ["three quarters of it with ordinary care", 1, 757, 6],
    ["half of that with eight times the care", 8, 131, 9],
    ["four fifths of it at most with little care", 0.25, 1115, 6],
  ])("leave of the wait of a line that is followed %s", (_, care, waiting, expected) => {
    expect(nodes({ ...FOLLOWED, care, waiting })).toBe(expected);
    expect(nodes({ ...FOLLOWED, care, waiting: waiting + 1 })).toBe(expected + 1);
  });

  it("are not one more for what is lost in adding up", () => {
    expect(nodes({ ...FOLLOWED, waiting: 840 - Math.sqrt(6840) + 1e-7 })).toBe(6);
  });

  it("are rushed once more waits by then than comes within the wait, and twice as many", () => {
    const rushed = (more: Partial<Situation>) => needOf({ ...CALM, current: 1, ...more });
    // 1200 wait by then: 2400 / 408 is 5.9. One more: 2 * 2401 / 408 is 11.8.
    expect(rushed({ supply: 900 })).toMatchObject({ rushed: false, nodes: 6 });
    expect(rushed({ supply: 900, waiting: 1 })).toMatchObject({ rushed: true, nodes: 12 });
    expect(needOf({ ...FOLLOWED, waiting: 10_000 }).rushed).toBe(false);
  });
});

describe("the nodes that are given up", () => {
  it.each<[string, Partial<Situation>, number]>([
    // 3744 / (4 * (300 + 0.2 * 60)) is 3.
    ["leave those that serve what comes for five quarters of a boot", { forecast: expecting(12.48) }, 3],
    ["leave one more for a little more", { forecast: expecting(12.49) }, 4],
    ["leave those that serve it, by the boot", { forecast: expecting(12.288), boot: 400, supply: 1e4 }, 3],
    ["leave one more for a little more, by the boot", { forecast: expecting(12.3), boot: 400, supply: 1e4 }, 4],
    ["leave those that serve what waits too", { forecast: expecting(10), waiting: 744 }, 3],
    ["leave one more for one who waits", { forecast: expecting(10), waiting: 745 }, 4],
    ["are none while one too few serves", { current: 12, serving: 4, supply: 12 * 240 }, 12],
    ["leave the last", { forecast: expecting(0), running: 0, current: 3, serving: 3 }, 1],
    [
      "leave none where there is none, though the line is followed",
      { ...FOLLOWED, forecast: expecting(0), running: 0, current: 0, serving: 0 },
      0,
    ],
    ["leave none where there is none", { forecast: expecting(0), running: 0, current: 0, serving: 0, supply: 0 }, 0],
    [
      "leave those that are needed at once",
      { ...FOLLOWED, forecast: expecting(10), waiting: 2624, current: 7, serving: 7 },
      5,
    ],
  ])("%s", (_, more, expected) => {
    expect(nodes(more)).toBe(expected);
  });
});

describe("the nodes that are asked for together", () => {
  const line = (together: number) => ({ stale: false, together, second: false });
  it.each([
    ["fewer than needed", 5, 6, false],
    ["as many as needed", 6, 6, false],
    ["more than needed", 7, 7, true],
    ["more than make sense", 30, 20, true],
  ])("are %s, also when they are on their way", (_, together, expected, inCase) => {
    // 6000, and a deviation, / (4 * (60 + 225)) is 5.3.
    const none = { ...CALM, maxWait: 300, line: line(together), supply: 0, serving: 0 };
    for (const current of [0, expected])
      expect(needOf({ ...none, current })).toMatchObject({ nodes: expected, inCase });
  });

  it("are none in case where it is one", () => {
    const one = { ...CALM, forecast: expecting(0), waiting: 1, rate: 0.05, supply: 240, serving: 0, maxWait: 300 };
    for (const current of [0, 1])
      expect(needOf({ ...one, current, line: line(1) })).toMatchObject({ nodes: 1, inCase: false });
  });
});

describe("a second node for bursts", () => {
  const line = { stale: false, together: 0, second: true };
  const quiet = { ...CALM, forecast: expecting(0.01), waiting: 0, running: 0, rate: 0.05, maxWait: 300, line };
  it.each<[string, Partial<Situation>, number, boolean]>([
    ["is there beside the one that is kept", { current: 1, serving: 1 }, 2, true],
    ["is there though nothing comes", { current: 1, serving: 1, forecast: expecting(0) }, 2, true],
    ["is none beyond the most that makes sense", { current: 1, serving: 1, most: 1 }, 1, false],
    ["is none where two are needed anyway", { current: 3, serving: 0, forecast: expecting(0.08) }, 3, false],
    [
      "is none where several are asked for in case one takes long",
      { line: { ...line, together: 2 }, waiting: 1, current: 0, supply: 0, serving: 0 },
      2,
      false,
    ],
    ["goes with the other", { current: 2, serving: 2, sleeps: true }, 0, false],
    ["is none where it is not worth it", { current: 1, serving: 1, line: { ...line, second: false } }, 1, false],
  ])("%s, and is said to be", (_, more, nodes, second) => {
    expect(needOf({ ...quiet, ...more })).toMatchObject({ nodes, second });
    expect(needOf({ ...quiet, ...more, current: nodes })).toMatchObject({ nodes, second });
  });
});
