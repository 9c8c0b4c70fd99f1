import { describe, expect, it } from "vitest";
import type { PoolSize } from "../size.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";
import { dearOf, priceOfLate, pricesOf, weightOf } from "./prices.ts";
import { sizeWith, UNSEEN } from "./sizes.fixture.ts";
import { shutPool } from "./survival.fixture.ts";

/** Prices of a spot and of an on-demand pool whose policy gives these, in US dollars an hour. */
const pricesWith = (spot: number | undefined, onDemand: number | undefined): readonly number[] =>
  pricesOf(
    [
      { ...spotPool("a"), pricePerHour: spot },
      { ...onDemandPool("od"), pricePerHour: onDemand },
    ].map((input) => sizeWith(input).pool),
  );

it.each([
  { spot: 1.5, onDemand: 4, prices: [1.5, 4], why: "as the policy gives them" },
  { spot: undefined, onDemand: 6, prices: [2, 6], why: "a third of the dearest for spot without a price" },
  { spot: 2, onDemand: undefined, prices: [2, 2], why: "the dearest for on-demand without a price" },
  { spot: undefined, onDemand: undefined, prices: [1 / 3, 1], why: "a dollar and a third of it where none is given" },
  { spot: 0, onDemand: undefined, prices: [0, 1], why: "a dollar where those that are given are nothing" },
])("a node costs $why", ({ spot, onDemand, prices }) => {
  expect(pricesWith(spot, onDemand)).toEqual(prices);
});

it.each([
  // At 2 requests a second, one on the dearest node costs 5 / 7200 dollars to serve.
  { prices: [1, 5], rate: 2, care: 1, price: 5 / 7200 },
  { prices: [1, 5], rate: 2, care: 4, price: 20 / 7200 },
  { prices: [1, 5], rate: 0.5, care: 1, price: 5 / 1800 },
  { prices: [1, 5], rate: 2, care: 25, price: 125 / 7200 },
  { prices: [1, 5], rate: 2, care: 50, price: 500 / 7200 },
  { prices: [1, 5], rate: 2, care: 0, price: 0 },
  { prices: [], rate: 2, care: 1, price: 0 },
])("a late request is worth $price dollars with nodes at $prices, $rate a second each and a care of $care", (row) => {
  expect(priceOfLate(row.prices, row.rate, row.care)).toBeCloseTo(row.price, 12);
});

it.each([
  [0, 0],
  [1, 1],
  [25, 25],
  [26, 27.04],
  [75, 225],
])("a late request weighs at a care of %d as %d", (care, weight) => {
  expect(weightOf(care)).toBeCloseTo(weight, 9);
});

describe("one node more", () => {
  interface Case {
    readonly prices?: readonly [dear: number, cheap: number];
    readonly shut?: readonly string[];
    readonly cheap?: Partial<PoolSize>;
  }
  const share = ({ prices: [dear, cheap] = [4, 1], shut = [], cheap: stands = {} }: Case): number =>
    dearOf(Object.fromEntries(shut.map((name) => [name, shutPool()])), [
      sizeWith(onDemandPool("dear", { pricePerHour: dear })),
      sizeWith(spotPool("cheap", { pricePerHour: cheap }), stands),
    ]);

  it.each<[string, Case, number]>([
    ["as much as in the cheapest pool", {}, 0.25],
    ["as much as in the dearest, where the cheaper is shut", { shut: ["cheap"] }, 1],
    ["as much as in the cheapest, where another is shut", { shut: ["dear"] }, 0.25],
    ["the most, where all are shut", { shut: ["dear", "cheap"] }, 1],
    ["as much as in the cheapest, where that has room for one", { cheap: { desired: 9, max: 10 } }, 0.25],
    ["as much as in the dearest, where the cheaper is full", { cheap: { desired: 10, max: 10 } }, 1],
    ["as much as in the dearest, where the cheaper was not seen", { cheap: { unseen: UNSEEN } }, 1],
    ["a twentieth at the least", { prices: [4, 0.01] }, 0.05],
    ["the same in every pool, where none costs anything", { prices: [0, 0] }, 1],
  ])("costs %s", (_, given, expected) => {
    expect(share(given)).toBeCloseTo(expected, 9);
  });
});
