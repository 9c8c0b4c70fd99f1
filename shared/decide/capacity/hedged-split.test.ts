import { describe, expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import { EMPTY_MEMORY } from "../../model/memory.ts";
import { sizeOf } from "../size.ts";
import { type Demand, hedgedSplit, type Place } from "./hedged-split.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";

const NAMES = ["a", "b", "od"] as const;

/** Two spot zones and on-demand, none of them with a node; losses an hour of each zone. */
function placesWith(hazards: readonly [number, number], more: Partial<Place> = {}): readonly Place[] {
  const workload = workloadIn(fleetOf({ pools: [spotPool("a"), spotPool("b"), onDemandPool("od")] }));
  const pools = Object.fromEntries(NAMES.map((name) => [name, poolOf(0)]));
  const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools, others: null };
  const { pools: sizes } = sizeOf(workload, observation, EMPTY_MEMORY, NOON);
  return sizes.map((size, i) => ({ size, has: 0, cap: 100, hazard: hazards[i] ?? 0, ...more }));
}

const DEMAND: Demand = {
  want: 8,
  ceiling: 64,
  onDemandBase: 0,
  load: { arriving: 32, boot: 240, maxWait: 60 },
  rate: 4,
  care: 1,
  free: true,
};

describe("a hedged split", () => {
  it("is all spot while spot is safe", () => {
    const split = hedgedSplit(placesWith([0, 0]), DEMAND);
    expect(split.od).toBe(0);
    expect(Number(split.a) + Number(split.b)).toBe(8);
  });

  it("leans on on-demand while zones go every few minutes", () => {
    expect(hedgedSplit(placesWith([20, 20]), DEMAND).od).toBeGreaterThan(0);
  });

  it("adds spare nodes where that is cheaper than what would be late", () => {
    const places = placesWith([0.5, 0.5]).map((p) => (p.size.pool.name === "od" ? { ...p, cap: 0 } : p));
    expect(Object.values(hedgedSplit(places, { ...DEMAND, care: 24 })).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(
      8,
    );
  });

  it("spares nothing where all may wait for the replacement", () => {
    const split = hedgedSplit(placesWith([5, 5]), { ...DEMAND, load: { ...DEMAND.load, maxWait: 600 } });
    expect(Object.values(split).reduce((sum, n) => sum + n, 0)).toBe(8);
    expect(split.od).toBe(0);
  });

  it("keeps to the on-demand base and to the ceiling", () => {
    const split = hedgedSplit(placesWith([5, 5]), { ...DEMAND, onDemandBase: 3, ceiling: 8 });
    expect(split.od).toBeGreaterThanOrEqual(3);
    expect(Object.values(split).reduce((sum, n) => sum + n, 0)).toBe(8);
  });

  it("gives a pool no more than its cap, and leaves out what nobody may take", () => {
    expect(hedgedSplit(placesWith([0, 0], { cap: 2 }), DEMAND)).toEqual({ a: 2, b: 2, od: 2 });
  });

  it("moves nothing while moving is forbidden", () => {
    const places = placesWith([0, 0]).map((p) => (p.size.pool.name === "od" ? { ...p, has: 8 } : p));
    expect(hedgedSplit(places, { ...DEMAND, free: false })).toEqual({ a: 0, b: 0, od: 8 });
    expect(hedgedSplit(places, DEMAND).od).toBe(0);
  });

  it("places many nodes as exactly as few", () => {
    const split = hedgedSplit(placesWith([0, 0], { cap: 10_000 }), { ...DEMAND, want: 997, ceiling: 997 });
    expect(Object.values(split).reduce((sum, n) => sum + n, 0)).toBe(997);
  });
});
