import { expect, it } from "vitest";
import type { Autoscaling } from "./replies.ts";
import { autoscalingFor, boundsOf, sizePerZone } from "./sizes.ts";

it.each([
  // [wanted, sizes of the zones, size asked for in each]
  [4, [1, 1, 1], 2],
  [6, [1, 1, 1], 2],
  [1, [0, 0, 0], 1],
  [0, [2, 2, 2], 0],
  [3, [2, 2, 2], 1],
  [5, [3], 5],
  [2, [3], 2],
  // Already as near as it can be: rounding is no reason to ask again.
  [4, [2, 2, 2], null],
  [5, [2, 2, 2], null],
  [6, [2, 2, 2], null],
  // Zones left uneven by removals: growing takes no node away, shrinking adds none.
  [5, [2, 2, 1], null],
  [6, [2, 2, 1], 2],
  [5, [4, 0, 0], 4],
  [4, [2, 2, 1], null],
  [3, [2, 2, 1], 1],
])("asks for %i nodes over zones of %j as %j in each", (nodes, targets, asked) => {
  expect(sizePerZone(nodes, targets, targets.length)).toBe(asked);
});

const off: Autoscaling = {
  enabled: false,
  minNodeCount: 0,
  maxNodeCount: 0,
  totalMinNodeCount: 0,
  totalMaxNodeCount: 0,
  locationPolicy: "ANY",
};
const perZone = (min: number, max: number) => ({ ...off, enabled: true, minNodeCount: min, maxNodeCount: max });
const total = (min: number, max: number) => ({ ...off, enabled: true, totalMinNodeCount: min, totalMaxNodeCount: max });

it("tells bounds of the whole pool, whichever way GKE holds them", () => {
  expect(boundsOf(off, 3)).toBeNull();
  expect(boundsOf(null, 3)).toBeNull();
  expect(boundsOf(perZone(1, 2), 3)).toEqual({ min: 3, max: 6 });
  expect(boundsOf(total(1, 2), 3)).toEqual({ min: 1, max: 2 });
});

it.each([
  [4, total(0, 9), total(4, 4)],
  [4, perZone(0, 3), perZone(2, 2)],
  // GKE refuses a maximum of zero.
  [0, total(4, 4), total(0, 1)],
  [0, perZone(2, 2), perZone(0, 1)],
  [4, total(4, 4), null],
  [4, perZone(2, 2), null],
  [0, total(0, 1), null],
])("holds %i nodes by autoscaling, in the form that it has", (nodes, current, next) => {
  expect(autoscalingFor(nodes, current, 3)).toEqual(next);
});
