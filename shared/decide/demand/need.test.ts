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
    const followed = { line: { stale: false, together: 0 }, maxWait: 300, forecast: expecting(23) };
    expect(nodes(followed)).toBe(5);
    expect(nodes({ ...followed, waiting: 2000, care: 0.25 })).toBeLessThan(
      nodes({ ...followed, waiting: 2000, care: 8 }),
    );
  });

  it("stay while somebody has waited for long", () => {
    const line = { stale: false, together: 0 };
    expect(nodes({ forecast: expecting(10), line })).toBe(3);
    expect(nodes({ forecast: expecting(10), line: { ...line, stale: true } })).toBe(5);
  });

  it("are several where there is none and one may take too long, and are said to be", () => {
    const alone = { ...CALM, forecast: expecting(0.01), waiting: 1, running: 0, supply: 0, current: 0, rate: 0.05 };
    const line = { stale: false, together: 3 };
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
