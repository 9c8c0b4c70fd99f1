import { describe, expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import { EMPTY_MEMORY } from "../../model/memory.ts";
import type { PoolObservation } from "../../model/pool.ts";
import { sizeOf } from "../size.ts";
import { nextStep } from "./move.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";
import { sizeWith } from "./sizes.fixture.ts";

const workload = workloadIn(fleetOf({ pools: [spotPool("spot"), onDemandPool("od")] }));
const sizes = (pools: Record<string, PoolObservation>) =>
  sizeOf(workload, { workload: "llm", trigger: "tick", signals: {}, pools, others: null }, EMPTY_MEMORY, NOON).pools;

it("a pool that gives way keeps as many ready nodes as are not replaced yet", () => {
  const order = sizes({ spot: poolOf(0), od: poolOf(3) });
  expect(nextStep(order, { spot: 3, od: 0 }, 3, 6)).toEqual({ spot: 3, od: 3 });
  expect(nextStep(sizes({ spot: poolOf(3, 2), od: poolOf(3) }), { spot: 3, od: 0 }, 3, 6)).toEqual({ spot: 3, od: 1 });
});

it("what it keeps comes in its own steps", () => {
  const order = sizes({ spot: poolOf(3, 2), od: poolOf(4, 4, { step: 2 }) });
  expect(nextStep(order, { spot: 3, od: 0 }, 3, 8)).toEqual({ spot: 3, od: 2 });
});

it("what it keeps is no more than it has, though that is no whole number of steps", () => {
  const order = sizes({ spot: poolOf(0), od: poolOf(10, 10, { step: 3 }) });
  expect(nextStep(order, { spot: 1, od: 9 }, 10, 20)).toEqual({ spot: 1, od: 10 });
});

it.each([
  { desired: 9, max: 10, noticed: 2, target: 6, next: 9, why: "with what it keeps, in steps of both together" },
  { desired: 6, max: 9, noticed: 1, target: 6, next: 9, why: "in its own steps" },
  { desired: 9, max: 10, noticed: 1, target: 9, next: 9, why: "as far as the cloud goes" },
  { desired: 10, max: 9, noticed: 1, target: 9, next: 9, why: "as far as the cloud goes, though there are more" },
])("replacements of nodes under notice are asked for $why", ({ target, next, ...stands }) => {
  const order = [sizeWith(onDemandPool("od"), { ...stands, step: 3, ready: stands.desired })];
  expect(nextStep(order, { od: target }, 9, 20)).toEqual({ od: next });
});

describe("of the pools that give way", () => {
  const [first, second] = [sizeWith(spotPool("first"), { desired: 2 }), sizeWith(spotPool("second"), { desired: 2 })];

  it.each([
    { want: 4, ready: 0, kept: [2, 2], why: "none goes while nothing is ready in its place" },
    { want: 3, ready: 0, kept: [2, 1], why: "what is more than wanted goes, from the least preferred" },
    { want: 4, ready: 1, kept: [2, 1], why: "one goes for one that is ready, from the least preferred" },
    { want: 4, ready: 3, kept: [1, 0], why: "the most preferred goes last" },
    { want: 4, ready: 4, kept: [0, 0], why: "all go once all are ready in their place" },
  ])("$why", ({ want, ready, kept }) => {
    const order = [sizeWith(onDemandPool("od"), { desired: 4, ready }), first, second];
    expect(nextStep(order, { od: want, first: 0, second: 0 }, want, 8)).toEqual({
      od: want,
      first: kept[0],
      second: kept[1],
    });
  });
});

it.each([
  { want: 2, next: 3, why: "asked for on top until they are gone" },
  { want: 0, next: 0, why: "not replaced where no node is wanted" },
])("nodes under notice are $why", ({ want, next }) => {
  const order = [sizeWith(spotPool("spot"), { desired: 2, noticed: 1 })];
  expect(nextStep(order, { spot: want }, want, 8)).toEqual({ spot: next });
});

describe("what the ceiling has no room for", () => {
  const empty = (name: string, step = 1) => sizeWith(spotPool(name), { step });
  const stays = (nodes: number) => sizeWith(onDemandPool("od"), { desired: nodes });

  it.each([
    {
      why: "is taken back from what is about to be asked for, never from what is there",
      order: [empty("a"), stays(3)],
      ideal: { a: 3, od: 0 },
      ceiling: 4,
      next: { a: 1, od: 3 },
    },
    {
      why: "is taken back from the least preferred first, and only so much",
      order: [empty("a"), empty("b"), empty("c")],
      ideal: { a: 2, b: 2, c: 2 },
      ceiling: 4,
      next: { a: 2, b: 2, c: 0 },
    },
    {
      why: "is taken back from one pool after the other",
      order: [empty("a"), empty("b"), empty("c")],
      ideal: { a: 2, b: 2, c: 2 },
      ceiling: 3,
      next: { a: 2, b: 1, c: 0 },
    },
    {
      why: "is taken back in steps",
      order: [empty("a", 2), stays(3)],
      ideal: { a: 6, od: 0 },
      ceiling: 6,
      next: { a: 2, od: 3 },
    },
    {
      why: "is taken back in no more steps than it takes",
      order: [empty("a", 2), stays(2)],
      ideal: { a: 6, od: 0 },
      ceiling: 6,
      next: { a: 4, od: 2 },
    },
    {
      why: "is nothing where all fits exactly",
      order: [empty("a"), stays(3)],
      ideal: { a: 3, od: 0 },
      ceiling: 6,
      next: { a: 3, od: 3 },
    },
  ])("$why", ({ order, ideal, ceiling, next }) => {
    expect(nextStep(order, ideal, 3, ceiling)).toEqual(next);
  });
});
