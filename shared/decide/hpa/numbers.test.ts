import { expect, test } from "vitest";
import { MAX_NODES, MAX_TOTAL } from "./constants.ts";
import { nodesFrom, sumMilli, toMilli } from "./numbers.ts";

test.each([
  [2.007, 2007], // 2.007 * 1000 is 2007.0000000000002
  [0.29, 290],
  [8, 8000],
  [0, 0],
  [0.0004, 1],
  [2.00049, 2001],
  [-0.5, -500],
])("%d is %d thousandths", (value, milli) => {
  expect(toMilli(value)).toBe(milli);
});

test.each([
  [1.2, 2],
  [3, 3],
  [-0.5, 0],
  [-7, 0],
  [Number.NaN, 0],
  [Number.POSITIVE_INFINITY, MAX_NODES],
  [1e300, MAX_NODES],
])("%d nodes' worth are %d nodes", (quantity, nodes) => {
  expect(nodesFrom(quantity)).toBe(nodes);
});

test("a sum too large for an int64 saturates", () => {
  expect(sumMilli([MAX_TOTAL, MAX_TOTAL])).toBe(MAX_TOTAL);
  expect(sumMilli([-MAX_TOTAL, -1])).toBe(-MAX_TOTAL);
  expect(sumMilli([1, 2, 3])).toBe(6);
  expect(sumMilli([])).toBe(0);
});
