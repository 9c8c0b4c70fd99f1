import { describe, expect, it } from "vitest";
import { AT_FIRST, addCalls } from "./thrift.ts";

const HOUR = 3600;
/** So many calls an hour of a node are aimed at; a quarter of those of a day of one node moves thrift by a factor of e. */
const AIM = 4.3;
const QUARTER = (AIM * 24) / 4;
const quiet = { calls: 0, nodes: 1, elapsed: 0 };

describe("thrift", () => {
  it("begins at one, with one node taken to be usual", () => {
    expect(AT_FIRST).toEqual({ thrift: 1, held: 1 });
  });

  it.each([
    ["rises with every call", 2, { calls: 10 }, 2 * Math.exp(10 / QUARTER)],
    ["stays while there are as many as are aimed at", 2, { calls: 2 * AIM, elapsed: 2 * HOUR }, 2],
    ["falls without any, by what might have been made", 8, { elapsed: 8 * HOUR }, 8 * Math.exp(-4 / 3)],
    ["rises by calls while nothing is held", 2, { calls: 10, nodes: 0 }, 2 * Math.exp(10 / QUARTER)],
    ["falls below one, where more calls would be no harm", 1, { elapsed: 3 * HOUR }, Math.exp(-1 / 2)],
    ["never falls below a quarter", 0.26, { elapsed: 24 * HOUR }, 0.25],
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
