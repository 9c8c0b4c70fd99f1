import { expect, it } from "vitest";
import { decided } from "../../../test/support/decided.ts";
import { fleetOf, NOON, poolOf, steady } from "../../../test/support/fleet.ts";
import { EMPTY_MEMORY, type Override } from "../../model/memory.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";

const policy = fleetOf({ pools: [spotPool("spot"), onDemandPool("od")] });
const pause = (direction: "in" | "out"): Override => ({
  kind: "pause",
  direction,
  reason: "r",
  actor: "a",
  at: NOON,
  until: NOON + 60,
});
/** Nodes that are on their way on-demand are to come on spot instead. */
const moving = (overrides: readonly Override[]) =>
  decided({
    policy,
    signals: { queue: steady(30, NOON) },
    pools: { spot: poolOf(1), od: poolOf(2, 0) },
    memory: { ...EMPTY_MEMORY, overrides },
  }).decision.pools;

it("a move goes ahead where nobody paused it", () => {
  expect(moving([])).toEqual({ spot: 3, od: 0 });
});

it("a pause of scaling out stops both halves of a move", () => {
  expect(moving([pause("out")])).toEqual({ spot: 1, od: 2 });
});

it("a pause of scaling in keeps what would be replaced", () => {
  expect(moving([pause("in")])).toEqual({ spot: 3, od: 2 });
});
