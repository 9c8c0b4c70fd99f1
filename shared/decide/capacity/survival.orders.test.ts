import { describe, expect, it } from "vitest";
import { NOON } from "../../../test/support/fleet.ts";
import type { Order } from "../../model/learned.ts";
import { order } from "../demand/learn.fixture.ts";
import { BEFORE, known, pastPool } from "./survival.fixture.ts";
import { firstOf, sumOf } from "./survival.ts";

const TWO = [order(-300, 3), order(-100, 2)];

it.each([
  { nodes: 0, first: [] },
  { nodes: 2, first: [order(-300, 2)] },
  { nodes: 3, first: [order(-300, 3)] },
  { nodes: 4, first: [order(-300, 3), order(-100, 1)] },
  { nodes: 9, first: TWO },
])("the first $nodes of five are of the oldest orders", ({ nodes, first }) => {
  expect(firstOf(TWO, nodes)).toEqual(first);
});

it("orders add up to their nodes", () => {
  expect([sumOf([]), sumOf(TWO)]).toEqual([0, 5]);
});

describe("the orders that are open", () => {
  /** Those of a pool that had one ready node and six asked for. */
  const open = (desired: number, ready: number): readonly Order[] =>
    known(pastPool({ desired: 6, ready: 1, given: 1, orders: TWO }), { desired, ready }).orders;

  it.each([
    { desired: 6, ready: 1, orders: TWO, why: "all of them while nothing comes" },
    { desired: 6, ready: 3, orders: [order(-300, 1), order(-100, 2)], why: "without the oldest, which came" },
    { desired: 6, ready: 5, orders: [order(-100, 1)], why: "without what came of the next too" },
    { desired: 6, ready: 6, orders: [], why: "none once all have come" },
    { desired: 4, ready: 1, orders: [order(-300, 3)], why: "without the newest, which was withdrawn" },
    { desired: 5, ready: 3, orders: [order(-300, 1), order(-100, 1)], why: "without what came and what was withdrawn" },
    { desired: 1, ready: 1, orders: [], why: "none once all were withdrawn" },
    { desired: 8, ready: 1, orders: [...TWO, order(-60, 2)], why: "with what was asked for since the last look" },
    { desired: 6, ready: 0, orders: [...TWO, order(-60, 1)], why: "with what is owed anew for a node that went" },
  ])("are $why", ({ desired, ready, orders }) => {
    expect(open(desired, ready)).toEqual(orders);
  });

  it("are, at first sight, what is owed, as if it was asked for at the last look", () => {
    expect(known(undefined, { desired: 3, ready: 1 }).orders).toEqual([{ at: BEFORE, nodes: 2 }]);
    expect(known(undefined, { desired: 3 }).orders).toEqual([]);
  });

  const each = (count: number): readonly Order[] => Array.from({ length: count }, (_, i) => order(i * 60 - 3600, 1));
  /** Those of a pool with so many orders of a node each, from an hour ago on, and a node more that was just asked for. */
  const withOneMore = (count: number): readonly Order[] =>
    known(pastPool({ desired: count, ready: 0, given: 0, orders: each(count) }), { desired: count + 1, ready: 0 })
      .orders;

  it("are remembered one by one up to eight, the oldest of more together", () => {
    const fresh = { at: BEFORE, nodes: 1 };
    expect(withOneMore(7)).toEqual([...each(7), fresh]);
    expect(withOneMore(8)).toEqual([{ at: NOON - 3600, nodes: 2 }, ...each(8).slice(2), fresh]);
    expect(withOneMore(10)).toEqual([{ at: NOON - 3600, nodes: 4 }, ...each(10).slice(4), fresh]);
  });
});
