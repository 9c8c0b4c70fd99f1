import { expect, it } from "vitest";
import { byPrice, byRisk, placeOf } from "./hedged.fixture.ts";
import { type Demand, hedgedSplit, type Place } from "./hedged-split.ts";
import { spotPool } from "./pools.fixture.ts";

const priced = (name: string, pricePerHour: number) => spotPool(name, { pricePerHour });
const inSteps = (step: number) => ({ step });

it.each<[string, readonly Place[], Demand, Record<string, number>]>([
  [
    "to the first of those that cost the same",
    [placeOf(priced("a", 1)), placeOf(priced("b", 1))],
    byPrice(3),
    { a: 3, b: 0 },
  ],
  ["to the cheapest", [placeOf(priced("a", 2)), placeOf(priced("b", 1))], byPrice(3), { a: 0, b: 3 }],
  [
    "to the next once the cheapest is full",
    [placeOf(priced("a", 2)), placeOf(priced("b", 1), { cap: 2 })],
    byPrice(3),
    { a: 1, b: 2 },
  ],
  ["in steps of the pool", [placeOf(priced("a", 1), {}, inSteps(2))], byPrice(2), { a: 2 }],
  ["in whole steps, upwards", [placeOf(priced("a", 1), {}, inSteps(2))], byPrice(3), { a: 4 }],
  ["in whole steps below the cap", [placeOf(priced("a", 1), { cap: 3 }, inSteps(2))], byPrice(4), { a: 2 }],
  [
    "in whole steps below the ceiling",
    [placeOf(priced("a", 1), {}, inSteps(2)), placeOf(priced("b", 2))],
    byPrice(3, { ceiling: 3 }),
    { a: 2, b: 1 },
  ],
  [
    "by the price of a node, not of a step",
    [placeOf(priced("a", 1), {}, inSteps(4)), placeOf(priced("b", 2))],
    byPrice(4),
    { a: 4, b: 0 },
  ],
  [
    "by what they add, not by what there is already",
    [placeOf(priced("c", 1), { has: 10, cap: 10 }), placeOf(priced("a", 1), {}, inSteps(4)), placeOf(priced("b", 0.5))],
    byPrice(14),
    { c: 10, a: 0, b: 4 },
  ],
  // Half of a's nodes would be late without b, so the first goes to b; from then on b alone serves all 32 a second, and a's
  // may go. Three at once would all have gone to b: on a they cost (3 + 32 - 31 / 5) / 3 = 9.6 each, on b 1.5.
  [
    "one by one while few are missing",
    [placeOf(priced("a", 1), { hazard: 1 }), placeOf(priced("b", 1.5), { has: 31 })],
    byRisk(34, 32, 1.5, { ceiling: 34 }),
    { a: 2, b: 32 },
  ],
  // The same with steps of two: on a the first step costs (2 + 6 - 4 / 5) / 2 = 3.6 a node, two of them (4 + 5.2) / 4 = 2.3.
  [
    "step by step while few are missing",
    [placeOf(priced("a", 1), { hazard: 1 }, inSteps(2)), placeOf(priced("b", 1.5), { has: 4 }, inSteps(2))],
    byRisk(8, 6, 1.5, { ceiling: 8 }),
    { a: 2, b: 6 },
  ],
  [
    "as far as there is room",
    [placeOf(priced("a", 1), { cap: 1 }), placeOf(priced("b", 1), { cap: 0 })],
    byPrice(3),
    { a: 1, b: 0 },
  ],
])("what is missing goes %s", (_where, places, demand, split) => {
  expect(hedgedSplit(places, demand)).toEqual(split);
});
