import { describe, expect, it } from "vitest";
import { fleetOf, poolOf, workloadIn } from "../../test/support/fleet.ts";
import type { Decision } from "../model/decision.ts";
import { EMPTY_MEMORY } from "../model/memory.ts";
import type { PoolObservation } from "../model/pool.ts";
import { changesOf } from "./act.ts";

const eks = { region: "eu-central-1", cluster: "prod", nodegroup: "n" };
const workload = workloadIn(
  fleetOf({
    nodes: { min: 0, max: 4 },
    pools: [
      { name: "spot", capacity: "spot", eks },
      { name: "od", capacity: "on-demand", eks },
    ],
  }),
);

/** What a decision makes of pools seen so: `[pool, from, to, why it waits]`. */
function asked(pools: Decision["pools"], seen: Record<string, PoolObservation>, memory = EMPTY_MEMORY) {
  const want = Object.values(pools).reduce((sum, n) => sum + n, 0);
  const decision: Decision = {
    workload: "llm",
    ready: want,
    at: 0,
    current: want,
    want,
    pools,
    remove: {},
    reason: "ReturnedToSpot",
    detail: "",
    stages: [],
  };
  const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools: seen, others: null };
  return changesOf(decision, workload, observation, memory, false).map((c) => [c.pool.name, c.from, c.to, c.waits]);
}
const updating = (desired: number) => poolOf(desired, desired, { status: "updating" });

describe("a move between pools", () => {
  it("is asked for at once where nothing is in its way", () => {
    expect(asked({ spot: 3, od: 1 }, { spot: poolOf(1), od: poolOf(3) })).toEqual([
      ["spot", 1, 3, null],
      ["od", 3, 1, null],
    ]);
  });

  it("waits with its growth for the shrinking that makes room for it", () => {
    expect(asked({ spot: 3, od: 1 }, { spot: poolOf(1), od: updating(3) })).toEqual([
      ["spot", 1, 3, "OperationInProgress"],
      ["od", 3, 1, "OperationInProgress"],
    ]);
  });

  it("waits with its shrinking for the growth that replaces it", () => {
    expect(asked({ spot: 3, od: 1 }, { spot: updating(1), od: poolOf(3) })).toEqual([
      ["spot", 1, 3, "OperationInProgress"],
      ["od", 3, 1, "OperationInProgress"],
    ]);
  });

  it("may grow as far as was decided, while what shrinks waits", () => {
    expect(asked({ spot: 3, od: 1 }, { spot: poolOf(1), od: updating(2) })).toEqual([
      ["spot", 1, 3, "OperationInProgress"],
      ["od", 2, 1, "OperationInProgress"],
    ]);
    expect(asked({ spot: 2, od: 1 }, { spot: poolOf(1), od: updating(1) })).toEqual([["spot", 1, 2, null]]);
  });

  it("shrinks as far as was decided, while what grows waits", () => {
    expect(asked({ spot: 1, od: 0 }, { spot: poolOf(2), od: updating(1) })).toEqual([
      ["spot", 2, 1, null],
      ["od", 1, 0, "OperationInProgress"],
    ]);
  });
});
