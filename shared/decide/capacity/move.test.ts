import { expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import { EMPTY_MEMORY } from "../../model/memory.ts";
import type { PoolObservation } from "../../model/pool.ts";
import { sizeOf } from "../size.ts";
import { nextStep } from "./move.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";

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
