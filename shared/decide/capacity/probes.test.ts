import { describe, expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import type { LearnedPool } from "../../model/learned.ts";
import { EMPTY_MEMORY } from "../../model/memory.ts";
import { sizeOf } from "../size.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";
import { budgetNow, probe } from "./probes.ts";
import { lookAt } from "./survival.ts";

function fleetWith(onDemand: number, shut: Partial<LearnedPool>) {
  const workload = workloadIn(fleetOf({ pools: [spotPool("a"), onDemandPool("od")] }));
  const seen = { a: poolOf(0), od: poolOf(onDemand) };
  const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools: seen, others: null };
  const { pools: sizes } = sizeOf(workload, observation, EMPTY_MEMORY, NOON);
  const pools = Object.fromEntries(
    sizes.map((p) => {
      const pool = lookAt(undefined, p, null, NOON, NOON);
      return [p.pool.name, p.pool.name === "a" ? { ...pool, shut: true, ...shut } : pool];
    }),
  );
  return { sizes, pools };
}

const probingAfter = (seconds: number, shut: Partial<LearnedPool>, probes = 2): boolean | undefined => {
  const { sizes, pools } = fleetWith(2, { triedAt: NOON, refusals: 1, ...shut });
  return probe(sizes, { probes, pools }, NOON + seconds).pools.a?.probing;
};

it("a shut pool is tried once its time has come, and later the more often it refused", () => {
  expect(probingAfter(60, {})).toBe(false);
  expect(probingAfter(600, {})).toBe(true);
  expect(probingAfter(600, { refusals: 4 })).toBe(false);
  expect(probingAfter(3600, { refusals: 4 })).toBe(true);
});

it("nothing is tried beyond the budget", () => {
  expect(probingAfter(3600, {}, 0.9)).toBe(false);
});

it("a probe that is left open is taken back", () => {
  expect(probingAfter(30, { probing: true })).toBe(true);
  expect(probingAfter(100, { probing: true })).toBe(false);
});

describe("the budget", () => {
  const quiet = { refusals: 0, nodes: 1, elapsed: 3600, thrift: 1 };
  it.each([
    ["grows by one and a half an hour with a node", 0, {}, 1.5],
    ["grows with each node", 0, { nodes: 3 }, 4.5],
    ["grows without any node as with one", 0, { nodes: 0 }, 1.5],
    ["grows the less the more thrift there is", 0, { nodes: 3, thrift: 3 }, 1.5],
    ["grows to six", 2, { nodes: 100, elapsed: 36_000 }, 6],
    ["is spent on refusals, also from the most there is", 6, { refusals: 2 }, 4],
    ["may be overspent", 0, { refusals: 2, elapsed: 0 }, -2],
  ])("%s", (_, left, more, expected) => {
    expect(budgetNow(left, { ...quiet, ...more })).toBeCloseTo(expected, 9);
  });
});

/** A shut pool that refused at noon, two open ones with so many nodes each, and no on-demand node. */
function triedBeside(nodes: readonly [b: number, c: number], seconds: number): boolean | undefined {
  const workload = workloadIn(fleetOf({ pools: [spotPool("a"), spotPool("b"), spotPool("c"), onDemandPool("od")] }));
  const seen = { a: poolOf(0), b: poolOf(nodes[0]), c: poolOf(nodes[1]), od: poolOf(0) };
  const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools: seen, others: null };
  const { pools: sizes } = sizeOf(workload, observation, EMPTY_MEMORY, NOON);
  const pools = Object.fromEntries(
    sizes.map((p) => {
      const pool = lookAt(undefined, p, null, NOON, NOON);
      return [p.pool.name, p.pool.name === "a" ? { ...pool, shut: true, refusals: 1, triedAt: NOON } : pool];
    }),
  );
  return probe(sizes, { probes: 2, pools }, NOON + seconds).pools.a?.probing;
}

it("a pool is tried less often while several others are open", () => {
  expect(triedBeside([2, 1], 600)).toBe(false);
  expect(triedBeside([2, 1], 1300)).toBe(true);
});

it("a pool is not tried while as many are open as there are nodes", () => {
  expect(triedBeside([1, 1], 1300)).toBe(false);
});
