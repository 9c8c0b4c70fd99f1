import { expect, it } from "vitest";
import { onDemandPool, spotPool } from "./pools.fixture.ts";
import { priceOfLate, pricesOf } from "./prices.ts";
import { sizeWith } from "./sizes.fixture.ts";

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
