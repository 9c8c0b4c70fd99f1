import { expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../test/support/fleet.ts";
import { node } from "../../test/support/shrinking.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../model/memory.ts";
import type { PoolObservation } from "../model/pool.ts";
import { NEVER_FAILED } from "./capacity/health.ts";
import { sizeOf } from "./size.ts";

const eks = { region: "eu-central-1", cluster: "prod", nodegroup: "n" };
const workload = workloadIn(
  fleetOf({ pools: ["a", "b"].map((name) => ({ name, capacity: "on-demand" as const, eks })) }),
);
const unseen: PoolObservation = { kind: "unseen", error: { kind: "Forbidden", message: "access denied" } };
const memory = { ...EMPTY_MEMORY, pools: { b: { at: NOON, desired: 4, ready: 3, health: NEVER_FAILED } } };
const look = (seen: Record<string, PoolObservation>, remembered: WorkloadMemory = memory) =>
  sizeOf(workload, { workload: "llm", trigger: "tick", signals: {}, pools: seen, others: null }, remembered, NOON);

it("a workload's size is the sum of its pools, in order of preference", () => {
  const size = look({ b: poolOf(3, 2), a: poolOf(1, 1, { max: 7 }) });
  expect(size).toMatchObject({ desired: 4, ready: 3, unseen: [] });
  expect(size.pools.map((p) => [p.pool.name, p.desired, p.ready, p.max])).toEqual([
    ["a", 1, 1, 7],
    ["b", 3, 2, 10],
  ]);
});

it("a move of which only a part was accepted changes no size", () => {
  const footing = { size: 3, total: 3 };
  const health = NEVER_FAILED;
  const moving: WorkloadMemory = {
    ...EMPTY_MEMORY,
    pools: { a: { at: NOON, desired: 3, ready: 0, health }, b: { at: NOON, desired: 0, ready: 0, health } },
    assigned: { before: footing, after: footing, pools: { a: 1, b: 2 } },
  };
  expect(look({ a: poolOf(3, 1), b: poolOf(2, 0) }, moving)).toMatchObject({ desired: 3, total: 5 });
  expect(look({ a: poolOf(1, 1), b: poolOf(0, 0) }, moving)).toMatchObject({ desired: 3, total: 1 });
  // Two nodes more than anybody of ours asked for.
  expect(look({ a: poolOf(3, 1), b: poolOf(4, 0) }, moving)).toMatchObject({ desired: 7 });
});

it("what the last decision wanted is the size once all of it is done, though the total is the one before", () => {
  const health = NEVER_FAILED;
  const rounded: WorkloadMemory = {
    ...EMPTY_MEMORY,
    pools: { a: { at: NOON, desired: 2, ready: 2, health }, b: { at: NOON, desired: 0, ready: 0, health } },
    // Nodes of `a` come in twos: one node less is the same total.
    assigned: { before: { size: 2, total: 2 }, after: { size: 1, total: 2 }, pools: { a: 2, b: 0 } },
    lastDecision: { at: NOON - 60, current: 2, want: 1, reason: "RuleMatched", detail: "" },
  };
  const pools = { a: poolOf(2, 2, { step: 2 }), b: poolOf(0) };
  expect(look(pools, rounded)).toMatchObject({ desired: 1, total: 2 });
  // Deciding again at once starts from the same size.
  const atOnce = {
    ...rounded,
    lastDecision: { at: NOON, current: 2, want: 1, reason: "RuleMatched" as const, detail: "" },
  };
  expect(look(pools, atOnce)).toMatchObject({ desired: 2, total: 2 });
  // What somebody else added is more.
  expect(look({ ...pools, b: poolOf(2) }, rounded)).toMatchObject({ desired: 3, total: 4 });
});

it.each([
  ["ready or not", 3, 1, ["x/a", "x/b"], 2],
  ["of which the cloud lists fewer than are ready", 3, 3, ["x/a", "x/b"], 3],
  ["that are ready, where the cloud lists none by name", 3, 2, null, 2],
])("a pool was given the nodes %s", (_, desired, ready, ids, given) => {
  const nodes = ids === null ? null : ids.map((id) => node(id));
  expect(look({ a: poolOf(desired, ready, { nodes }), b: poolOf(0) }).pools[0]?.given).toBe(given);
});

it.each([
  ["a notice to a node that is not ready", 3, 1, 2, 1],
  ["a notice to a node that is to go anyway", 1, 3, 2, 1],
  ["every other notice", 3, 3, 2, 2],
])("of the notices, %s counts as many: %i asked for, %i ready, %i noticed", (_, desired, ready, noticed, counted) => {
  expect(look({ a: poolOf(desired, ready, { noticed }), b: poolOf(0) }).pools[0]?.noticed).toBe(counted);
});

it("a pool that cannot be seen counts as it was last seen, and has no room", () => {
  const size = look({ a: poolOf(1), b: unseen });
  expect(size).toMatchObject({ desired: 5, ready: 4 });
  expect(size.unseen).toMatchObject([{ desired: 4, ready: 3, max: 4, unseen: { kind: "Forbidden" } }]);
  expect(size.unseen[0]?.given).toBe(3);
});

it("a pool that cannot be seen is as healthy as it was, and one that never was has given no trouble", () => {
  const health = { ...NEVER_FAILED, failures: 2, failedAt: NOON - 60, backoffUntil: NOON + 60 };
  const troubled = { ...EMPTY_MEMORY, pools: { b: { at: NOON - 60, desired: 4, ready: 3, health } } };
  expect(look({ a: unseen, b: unseen }, troubled).pools.map((p) => p.health)).toEqual([NEVER_FAILED, health]);
});

it("a pool that was never seen counts as nothing, and says so", () => {
  const size = look({ a: poolOf(1) }, EMPTY_MEMORY);
  expect(size).toMatchObject({ desired: 1, ready: 1 });
  expect(size.unseen).toMatchObject([{ max: 0, unseen: { kind: "Unavailable", message: "pool b was not read" } }]);
});
