import { expect, test } from "vitest";
import { remember } from "./recommendations.ts";
import { stabilize } from "./stabilize.ts";

const NOW = 1000;
const WINDOWS = { up: 60, down: 300 };
const entry = (age: number, nodes: number) => ({ at: NOW - age, nodes });

test.each([
  ["the up window holds back growth", 3, 7, [entry(30, 4)], { nodes: 4, bound: "up", low: 4, high: 7 }],
  ["the up window holds back a single node", 3, 4, [entry(30, 1)], { nodes: 3, bound: "up", low: 1, high: 4 }],
  ["the down window holds back shrinking", 8, 2, [entry(200, 6)], { nodes: 6, bound: "down", low: 2, high: 6 }],
  ["the down window holds back a single node", 8, 7, [entry(200, 9)], { nodes: 8, bound: "down", low: 7, high: 9 }],
  ["nothing binds when every window agrees", 3, 7, [entry(30, 9)], { nodes: 7, bound: null, low: 7, high: 9 }],
  [
    "nothing binds when nothing is to change",
    5,
    5,
    [entry(30, 2), entry(40, 9)],
    { nodes: 5, bound: null, low: 2, high: 9 },
  ],
])("%s", (_, current, proposed, log, expected) => {
  expect(stabilize(current, proposed, log, NOW, WINDOWS)).toEqual(expected);
});

test("an entry of the future, from a clock ahead of ours, still counts [F75]", () => {
  expect(stabilize(8, 2, [entry(-5, 6)], NOW, { up: 0, down: 0 }).nodes).toBe(6);
});

test("an entry exactly as old as the longest window keeps its place; an older one gives it up", () => {
  const log = [entry(301, 9), entry(300, 8)];
  expect(remember(log, entry(0, 2), WINDOWS)).toEqual([entry(0, 2), entry(300, 8)]);
  expect(remember([entry(300, 8)], entry(0, 2), WINDOWS)).toEqual([entry(300, 8), entry(0, 2)]);
});
