import { describe, expect, it } from "vitest";
import { byPrice, placeOf } from "./hedged.fixture.ts";
import { type Demand, hedgedSplit, type Place } from "./hedged-split.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";

/** What may be the case of a pool here: nodes that it has, the most it may hold, and its step. */
interface Some {
  readonly has?: number;
  readonly cap?: number;
  readonly step?: number;
}

const spot = (name: string, { step = 1, ...more }: Some = {}, pricePerHour = 1): Place =>
  placeOf(spotPool(name, { pricePerHour }), more, { step });
const od = (name: string, { step = 1, ...more }: Some = {}): Place => placeOf(onDemandPool(name), more, { step });
const based = (want: number, onDemandBase: number, more: Partial<Demand> = {}): Demand =>
  byPrice(want, { onDemandBase, ...more });

describe("the on-demand base", () => {
  it.each<[string, readonly Place[], Demand, Record<string, number>]>([
    ["is placed though spot is cheaper", [spot("a"), od("od")], based(3, 2), { a: 1, od: 2 }],
    ["counts what is on-demand already", [spot("a"), od("od", { has: 1 })], based(3, 2), { a: 1, od: 2 }],
    ["asks for nothing once it is there", [spot("a"), od("od", { has: 1 })], based(2, 1), { a: 1, od: 1 }],
    ["does not count what is on spot", [spot("a", { has: 2 }), od("od")], based(3, 1), { a: 2, od: 1 }],
    ["is no more than is wanted", [spot("a"), od("od")], based(1, 3), { a: 0, od: 1 }],
    ["is no more than it says where more is wanted", [spot("a"), od("od")], based(3, 1), { a: 2, od: 1 }],
    ["stands on one pool where it has room", [spot("a"), od("x"), od("y")], based(4, 2), { a: 2, x: 2, y: 0 }],
    [
      "goes on to the next pool where the first is full",
      [spot("a"), od("x", { cap: 1 }), od("y")],
      based(4, 3),
      { a: 1, x: 1, y: 2 },
    ],
    [
      "fills a pool to its cap beside what it has",
      [spot("a"), od("x", { has: 2, cap: 3 })],
      based(4, 4),
      { a: 1, x: 3 },
    ],
    ["comes in steps, upwards", [spot("a", { step: 2 }), od("x", { step: 2 })], based(6, 3), { a: 2, x: 4 }],
    ["comes in steps below the cap", [spot("a"), od("x", { step: 2, cap: 3 })], based(4, 4), { a: 2, x: 2 }],
    [
      "counts a step as its nodes",
      [spot("a"), od("x", { step: 2, cap: 2 }), od("y", { step: 2 })],
      based(6, 4),
      { a: 2, x: 2, y: 2 },
    ],
  ])("%s", (_what, places, demand, split) => {
    expect(hedgedSplit(places, demand)).toEqual(split);
  });

  it.each<[string, readonly Place[], Demand, Record<string, number>]>([
    ["stays on-demand", [spot("a", { has: 1 }), od("od", { has: 1 })], based(2, 1), { a: 1, od: 1 }],
    ["keeps no more than itself from moving", [spot("a"), od("od", { has: 2 })], based(2, 1), { a: 1, od: 1 }],
    [
      "keeps no spot node from moving",
      [spot("a", { has: 1 }, 2), spot("b"), od("od", { has: 1 })],
      based(2, 1),
      { a: 0, b: 1, od: 1 },
    ],
    ["is no more than is wanted, and the rest goes", [spot("a"), od("od", { has: 3 })], based(1, 3), { a: 0, od: 1 }],
  ])("%s while nodes may move", (_what, places, demand, split) => {
    expect(hedgedSplit(places, { ...demand, free: true })).toEqual(split);
  });
});
