import { describe, expect, it } from "vitest";
import { NOON } from "../../../test/support/fleet.ts";
import { needOf, type Situation } from "./need.ts";

/** Five nodes of 4 requests a second, all ready, 20 a second coming in, a boot of 4 minutes and a wait of 1. */
const CALM: Situation = {
  forecast: { level: 20, expected: 20, spread: 0, horizon: 300 },
  waiting: 0,
  supply: 5 * 240,
  rate: 4,
  boot: 240,
  maxWait: 60,
  care: 1,
  idleSince: null,
  current: 5,
  floors: [],
  most: 20,
};
const expecting = (expected: number) => ({ ...CALM.forecast, expected });
const nodes = (more: Partial<Situation>): number => needOf({ ...CALM, ...more }, NOON).nodes;

describe("the nodes that a wait needs", () => {
  it.each<[string, Partial<Situation>, number]>([
    ["stay while they serve what comes in", {}, 5],
    ["stay when a little more comes in than they serve, for the line is a buffer", { forecast: expecting(21) }, 5],
    ["grow when the line would be longer than the wait by the time a node is ready", { forecast: expecting(30) }, 12],
    ["grow for what waits already", { waiting: 3000 }, 12],
    ["do not grow for what is under way already", { forecast: expecting(30), supply: 8 * 240, current: 8 }, 8],
    ["shrink once fewer would serve it for some time", { forecast: expecting(10) }, 3],
    ["stay at what was needed a minute ago", { forecast: expecting(10), floors: [{ at: NOON - 60, nodes: 5 }] }, 5],
    ["forget what was needed longer ago", { forecast: expecting(10), floors: [{ at: NOON - 600, nodes: 5 }] }, 3],
    ["are spared by the spread of the forecast", { forecast: { ...expecting(10), spread: 16 } }, 5],
    ["never exceed the most that makes sense", { forecast: expecting(1e12) }, 20],
    ["keep the last node for a while without work", { forecast: expecting(0), idleSince: NOON - 60 }, 1],
  ])("%s", (_, more, expected) => {
    expect(nodes(more)).toBe(expected);
  });

  it("keep the last node longer the more care is due", () => {
    const idle = { forecast: expecting(0.01), idleSince: NOON - 900 };
    expect(nodes(idle)).toBe(0);
    expect(nodes({ ...idle, care: 4 })).toBe(1);
  });

  it("are the same when asked again at once", () => {
    for (const more of [{}, { forecast: expecting(30) }, { forecast: expecting(10) }, { waiting: 2000 }]) {
      const first = needOf({ ...CALM, ...more }, NOON);
      expect(needOf({ ...CALM, ...more, current: first.nodes, floors: first.floors }, NOON)).toEqual(first);
    }
  });
});
