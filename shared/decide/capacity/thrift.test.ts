import { describe, expect, it } from "vitest";
import { AT_FIRST, addCalls } from "./thrift.ts";

const HOUR = 3600;
/** Four and a half calls an hour of a node are aimed at, 108 a day of one node; a quarter of them moves thrift by a factor of e. */
const QUARTER = 27;
const quiet = { calls: 0, nodes: 1, elapsed: 0 };

describe("thrift", () => {
  it("begins at one, with one node taken to be usual", () => {
    expect(AT_FIRST).toEqual({ thrift: 1, held: 1 });
  });

  it.each([
    ["rises with every call", 2, { calls: 10 }, 2 * Math.exp(10 / QUARTER)],
    ["stays while there are as many as are aimed at", 2, { calls: 9, elapsed: 2 * HOUR }, 2],
    ["falls without any, by what might have been made", 8, { elapsed: 8 * HOUR }, 8 * Math.exp(-4 / 3)],
    ["rises by calls while nothing is held", 2, { calls: 10, nodes: 0 }, 2 * Math.exp(10 / QUARTER)],
    ["never falls below one", 1.01, { elapsed: 24 * HOUR }, 1],
    ["never rises above twenty", 19, { calls: 1000 }, 20],
  ])("%s", (_, thrift, seen, expected) => {
    expect(addCalls({ thrift, held: 1 }, { ...quiet, ...seen }).thrift).toBeCloseTo(expected, 5);
  });

  it.each([
    ["weighs a call by the nodes that are usual", { thrift: 1, held: 10 }, {}, 10],
    ["weighs it by a quarter of those there are, where that is more", { thrift: 1, held: 1 }, { nodes: 40 }, 10],
    ["weighs it by an hour a day of one node at the least", { thrift: 1, held: 0 }, { nodes: 0 }, 1 / 24],
  ])("%s", (_, past, seen, nodes) => {
    expect(addCalls(past, { ...quiet, calls: 1, ...seen }).thrift).toBeCloseTo(Math.exp(1 / (QUARTER * nodes)), 5);
  });
});

it("the nodes that are usual are those of two days, the older counting less", () => {
  expect(addCalls({ thrift: 1, held: 3 }, { calls: 0, nodes: 7, elapsed: 48 * HOUR }).held).toBeCloseTo(
    3 / Math.E + 7 * (1 - 1 / Math.E),
    5,
  );
});
