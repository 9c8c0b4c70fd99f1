import { expect, test } from "vitest";
import { clampWithoutBehavior, DEFAULT_GROWTH_CAP, stabilizeWithoutBehavior } from "./without-behavior.ts";

const NOW = 1000;

test("an entry exactly one window old still counts, which with behavior it does not", () => {
  expect(stabilizeWithoutBehavior(2, [{ at: NOW - 300, nodes: 9 }], NOW, 300)).toBe(9);
  expect(stabilizeWithoutBehavior(2, [{ at: NOW - 301, nodes: 9 }], NOW, 300)).toBe(2);
});

test.each([
  [1, 9, 99, 4, "ScaleUpLimit"],
  [3, 9, 99, 6, "ScaleUpLimit"],
  [3, 9, 6, 6, "TooManyReplicas"],
])("from %d, %d wanted and %d allowed: %d, %s", (current, wanted, max, nodes, reason) => {
  expect(clampWithoutBehavior(current, wanted, { min: 1, max }, DEFAULT_GROWTH_CAP)).toEqual({ nodes, reason });
});
