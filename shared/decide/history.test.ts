import { describe, expect, it } from "vitest";
import { decided, settledAt } from "../../test/support/decided.ts";
import { fleetOf, NOON, poolOf, steady, workloadIn } from "../../test/support/fleet.ts";
import { EMPTY_MEMORY, type LastChange, type WorkloadMemory } from "../model/memory.ts";
import type { PoolObservation } from "../model/pool.ts";
import { recordChange } from "./history.ts";

/** What is remembered of the last change after a calm look at this pool. */
function changeSeen(pool: PoolObservation, memory: WorkloadMemory): LastChange | null {
  return decided({ signals: { queue: steady(30, NOON) }, pool, memory }).memory.lastChange;
}
const changed = (from: number, to: number, settledAtTime: number | null = null): WorkloadMemory => ({
  ...settledAt(to),
  lastChange: { at: NOON - 300, from, to, settledAt: settledAtTime },
});

describe("a change has settled", () => {
  it.each([
    ["when all nodes are ready", changed(1, 3), poolOf(3, 3), NOON],
    ["not while one is missing", changed(1, 3), poolOf(3, 2), null],
    ["when there are even more", changed(1, 3), poolOf(3, 4), NOON],
    ["when what was given up is gone", changed(3, 1), poolOf(1, 1), NOON],
    ["not while it still leaves", changed(3, 1), poolOf(1, 2), null],
    ["once, and keeps its time", changed(1, 3, NOON - 60), poolOf(3, 2), NOON - 60],
  ])("%s", (_, memory, pool, at) => {
    expect(changeSeen(pool, memory)?.settledAt).toBe(at);
  });

  it("is not asked while a pool cannot be seen", () => {
    const unseen: PoolObservation = { kind: "unseen", error: { kind: "Unavailable", message: "no answer" } };
    expect(changeSeen(unseen, changed(1, 3))).toEqual({ at: NOON - 300, from: 1, to: 3, settledAt: null });
  });
});

describe("somebody else's change", () => {
  it.each([
    ["after one of ours", changed(1, 3, NOON - 60), poolOf(5, 3), { at: NOON, from: 3, to: 5, settledAt: null }],
    ["that is done already", changed(1, 3, NOON - 60), poolOf(2), { at: NOON, from: 3, to: 2, settledAt: NOON }],
    ["before any of ours", settledAt(3), poolOf(4), { at: NOON, from: 3, to: 4, settledAt: NOON }],
  ])("%s is noted as one", (_, memory, pool, change) => {
    expect(changeSeen(pool, memory)).toEqual(change);
  });

  it("is not seen where there is none", () => {
    expect(changeSeen(poolOf(3), settledAt(3))).toBeNull();
  });
});

describe("the first look", () => {
  it("takes nodes that are not ready for a change under way", () => {
    expect(changeSeen(poolOf(3, 1), EMPTY_MEMORY)).toEqual({ at: NOON, from: 1, to: 3, settledAt: null });
  });

  it("takes a settled size for what it is", () => {
    expect(changeSeen(poolOf(3), EMPTY_MEMORY)).toBeNull();
    expect(changeSeen(poolOf(3, 4), EMPTY_MEMORY)).toBeNull();
  });
});

describe("what the cloud accepted", () => {
  const workload = workloadIn(fleetOf());

  it("goes to the log of its direction, as the last change", () => {
    const up = recordChange(EMPTY_MEMORY, workload, 2, 5, NOON);
    expect(up).toMatchObject({ scaleUps: [{ at: NOON, change: 3 }], scaleDowns: [] });
    expect(up.lastChange).toEqual({ at: NOON, from: 2, to: 5, settledAt: null });
    const down = recordChange(EMPTY_MEMORY, workload, 5, 2, NOON);
    expect(down).toMatchObject({ scaleUps: [], scaleDowns: [{ at: NOON, change: 3 }] });
  });

  it("is kept for as long as a rate policy looks back, and no longer", () => {
    const memory = recordChange(settledAt(3), workload, 2, 3, NOON - 16);
    expect(decided({ signals: {}, pool: poolOf(3), memory }).memory.scaleUps).toEqual([]);
    const young = recordChange(settledAt(3), workload, 2, 3, NOON - 15);
    expect(decided({ signals: {}, pool: poolOf(3), memory: young }).memory.scaleUps).toHaveLength(1);
  });

  it("counts as a growth for a cause only if something asked for it", () => {
    const asked = { ...EMPTY_MEMORY, growth: { causes: { queue: 120 }, made: [] } };
    expect(recordChange(asked, workload, 2, 3, NOON).growth.made).toEqual([{ at: NOON, causes: { queue: 120 } }]);
    expect(recordChange(asked, workload, 3, 2, NOON).growth.made).toEqual([]);
    expect(recordChange(asked, workload, 3, 3, NOON).growth.made).toEqual([]);
    expect(recordChange(EMPTY_MEMORY, workload, 2, 3, NOON).growth.made).toEqual([]);
  });
});

it("a pool that was seen before and is not now does not begin the looking anew", () => {
  const unseen: PoolObservation = { kind: "unseen", error: { kind: "Unavailable", message: "no answer" } };
  const memory = { ...settledAt(3), recommendations: [] };
  expect(decided({ pool: unseen, memory }).memory.recommendations).toEqual([{ at: NOON, nodes: 3 }]);
});

it("pools are remembered as seen, or as last seen", () => {
  const unseen: PoolObservation = { kind: "unseen", error: { kind: "Unavailable", message: "no answer" } };
  const seen = decided({ signals: {}, pool: poolOf(4, 2), memory: settledAt(3) });
  expect(seen.memory.pools).toMatchObject({ llm: { at: NOON, desired: 4, ready: 2 } });
  const blind = decided({ signals: {}, pool: unseen, memory: settledAt(3) });
  expect(blind.memory.pools).toMatchObject({ llm: { at: NOON - 60, desired: 3, ready: 3 } });
  expect(decided({ signals: {}, pool: unseen }).memory.pools).toEqual({});
});

it("the last decision is kept in short", () => {
  const { decision, memory } = decided({ signals: { queue: steady(120, NOON) }, pool: poolOf(1) });
  const { at, current, want, reason, detail } = decision;
  expect(memory.lastDecision).toEqual({ at, current, want, reason, detail });
  expect(decision).toMatchObject({ at: NOON, workload: "llm", current: 1, ready: 1 });
});

it("a pool that was never seen keeps the first 300 s of looking from beginning", () => {
  const eks = { region: "eu-central-1", cluster: "prod", nodegroup: "n" };
  const policy = fleetOf({
    pools: ["a", "b"].map((name) => ({ name, capacity: "on-demand" as const, eks })),
    scaleUp: undefined,
    scaleDown: undefined,
    targets: [{ signal: "queue", perNode: 50 }],
  });
  const blind = decided({ policy, signals: { queue: steady(30, NOON) }, pools: { a: poolOf(1) } });
  const now = NOON + 60;
  const pools = { a: poolOf(1), b: poolOf(5) };
  const sighted = decided({ policy, signals: { queue: steady(30, now) }, pools, memory: blind.memory, now });
  expect(sighted.decision).toMatchObject({ current: 6, want: 6, reason: "Stabilizing" });
});
