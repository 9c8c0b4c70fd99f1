import { describe, expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../test/support/fleet.ts";
import { type Assignment, EMPTY_MEMORY, type Footing, type WorkloadMemory } from "../model/memory.ts";
import { NEVER_FAILED } from "./capacity/health.ts";
import { isAsAsked, ownSize, sizeBehind, sizeOf } from "./size.ts";

/** From one size to another, each with the sum that its pools were asked for. */
const assigned = (before: Footing, after: Footing, pools: Readonly<Record<string, number>> = {}): Assignment => ({
  before,
  after,
  pools,
});
const on = (size: number, total: number): Footing => ({ size, total });
const plain = (size: number): Footing => on(size, size);

describe("behind a total that our own calls alone have made stands", () => {
  it.each([
    ["the size before, while nothing was accepted", plain(3), plain(5), 3, 3],
    ["the size after, once all of it was", plain(3), plain(5), 5, 5],
    ["the total, on the way up", plain(3), plain(5), 4, 4],
    ["the total, on the way down", plain(5), plain(3), 4, 4],
    ["the larger size, for nodes on top of both", plain(3), plain(5), 7, 5],
    ["the smaller size, for fewer than either", plain(3), plain(5), 2, 3],
    ["the larger size, on the way down as well", plain(5), plain(3), 7, 5],
    ["the smaller size, on the way down as well", plain(5), plain(3), 2, 3],
    ["the size before, with nodes on top", on(3, 6), plain(5), 6, 3],
    ["the size after, with nodes on top", plain(5), on(3, 4), 4, 3],
    ["the one size, while nodes are replaced", plain(3), on(3, 6), 5, 3],
    // Nothing tells the two apart, so nothing has happened yet.
    ["the size before, where both have one total", on(2, 4), on(3, 4), 4, 2],
  ])("%s", (_, before, after, total, size) => {
    expect(ownSize(total, assigned(before, after))).toBe(size);
  });

  it("the total itself where nothing was ever assigned", () => {
    expect(ownSize(4, null)).toBe(4);
  });
});

describe("behind a total to which somebody else may have added stands", () => {
  it.each([
    ["the size before, while the total is as before", on(2, 5), plain(4), 5, 2],
    ["the size after, once the total is as asked", plain(4), on(2, 5), 5, 2],
    ["what somebody else left of it", plain(4), plain(2), 3, 3],
    ["what they left of it, while nodes were on top", plain(4), on(2, 5), 3, 3],
    ["what they left of it, below either size", plain(4), on(2, 5), 1, 1],
    ["the larger size, for as many nodes", on(4, 6), on(3, 5), 4, 4],
    ["what they added, without the nodes on top", plain(4), on(4, 6), 9, 7],
    ["what they added, without the nodes that were on top before", on(4, 6), plain(4), 9, 7],
    ["the larger size, for what may be on top", plain(4), on(4, 7), 5, 4],
    ["all of it, where nothing was on top", plain(3), plain(4), 9, 9],
  ])("%s", (_, before, after, total, size) => {
    expect(sizeBehind(total, assigned(before, after))).toBe(size);
  });

  it("the total itself where nothing was ever assigned", () => {
    expect(sizeBehind(4, null)).toBe(4);
  });
});

const eks = { region: "eu-central-1", cluster: "prod", nodegroup: "n" };
const named = (...names: readonly string[]) =>
  workloadIn(fleetOf({ pools: names.map((name) => ({ name, capacity: "on-demand" as const, eks })) }));
const seen = (pools: Readonly<Record<string, number>>): WorkloadMemory["pools"] =>
  Object.fromEntries(
    Object.entries(pools).map(([name, nodes]) => [
      name,
      { at: NOON - 60, desired: nodes, ready: nodes, health: NEVER_FAILED },
    ]),
  );
const sizeNow = (pools: Readonly<Record<string, number>>, memory: WorkloadMemory) => {
  const observed = Object.fromEntries(Object.entries(pools).map(([name, nodes]) => [name, poolOf(nodes)]));
  const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools: observed, others: null };
  return sizeOf(named(...Object.keys(pools)), observation, memory, NOON);
};

describe("a pool is as it was asked to be", () => {
  const isAt = (now: number, step: number, memory: Partial<WorkloadMemory>): boolean | null => {
    const observation = {
      workload: "llm",
      trigger: "tick" as const,
      signals: {},
      pools: { a: poolOf(now, now, { step }) },
      others: null,
    };
    const [pool] = sizeOf(named("a"), observation, EMPTY_MEMORY, NOON).pools;
    if (pool === undefined) throw new Error("the workload has no pool");
    return isAsAsked(pool, { ...EMPTY_MEMORY, ...memory });
  };
  const footing = plain(0);
  const asked = (nodes: number) => ({ assigned: assigned(footing, footing, { a: nodes }) });

  it.each([
    ["where it was seen", 2, 5, 1, 2, true],
    ["where it was asked for since", 2, 5, 1, 5, true],
    ["on the way up", 2, 5, 1, 4, true],
    ["on the way down", 5, 2, 1, 3, true],
    ["below both", 2, 5, 1, 1, false],
    ["above both", 2, 5, 1, 6, false],
    ["below both, going down", 5, 2, 1, 1, false],
    ["above both, going down", 5, 2, 1, 6, false],
    // In steps of three a cloud may round by two.
    ["as far below as a step rounds", 6, 6, 3, 4, true],
    ["further below", 6, 6, 3, 3, false],
    ["as far above as a step rounds", 6, 6, 3, 8, true],
    ["further above", 6, 6, 3, 9, false],
  ])("%s", (_, last, wanted, step, now, expected) => {
    expect(isAt(now, step, { pools: seen({ a: last }), ...asked(wanted) })).toBe(expected);
  });

  it.each([
    ["it was never seen", asked(3)],
    ["it was never asked for anything", { pools: seen({ a: 3 }) }],
    ["others were", { pools: seen({ a: 3, b: 3 }), assigned: assigned(footing, footing, { b: 3 }) }],
  ])("or nobody knows, where %s", (_, memory) => {
    expect(isAt(3, 1, memory)).toBeNull();
  });
});

describe("of two sizes with one total, the later stands once every pool is where it was wanted", () => {
  const decidedAt = (at: number) => ({ at, current: 2, want: 1, reason: "RuleMatched" as const, detail: "" });
  const shrunk: WorkloadMemory = {
    ...EMPTY_MEMORY,
    pools: seen({ a: 2, b: 1, c: 0 }),
    assigned: assigned(on(2, 3), on(1, 3), { a: 2, b: 1, c: 0 }),
    lastDecision: decidedAt(NOON - 60),
  };

  it.each([
    ["as it is with all of them", { a: 2, b: 1, c: 0 }, 1],
    // Somebody else moved a node, to the same total.
    ["but not with some", { a: 2, b: 0, c: 1 }, 2],
    ["nor with none", { a: 0, b: 2, c: 1 }, 2],
  ])("%s", (_, pools, desired) => {
    expect(sizeNow(pools, shrunk)).toMatchObject({ desired, total: 3 });
  });

  it("nor before that was decided", () => {
    expect(sizeNow({ a: 2, b: 1, c: 0 }, { ...shrunk, lastDecision: null }).desired).toBe(2);
    expect(sizeNow({ a: 2, b: 1, c: 0 }, { ...shrunk, lastDecision: decidedAt(NOON) }).desired).toBe(2);
  });
});

it("nodes that were to go and stayed, for they were busy, are part of the size", () => {
  const memory: WorkloadMemory = {
    ...EMPTY_MEMORY,
    pools: seen({ a: 3 }),
    assigned: assigned(plain(3), plain(2), { a: 3 }),
    lastDecision: { at: NOON - 60, current: 3, want: 2, reason: "BusyNodes", detail: "" },
  };
  expect(sizeNow({ a: 3 }, memory)).toMatchObject({ desired: 3, total: 3 });
});
