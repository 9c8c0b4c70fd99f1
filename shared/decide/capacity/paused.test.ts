import { describe, expect, it } from "vitest";
import { decided } from "../../../test/support/decided.ts";
import { fleetOf, NOON, poolOf, steady } from "../../../test/support/fleet.ts";
import { EMPTY_MEMORY, type Override } from "../../model/memory.ts";
import type { Draft } from "../draft.ts";
import { pausedSplit } from "./paused.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";
import { sizeWith } from "./sizes.fixture.ts";

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

describe("a plan for two spot pools of two nodes and an empty on-demand pool", () => {
  const BLOCK = { reason: "Paused" as const, detail: "a paused it" };
  const NONE = { nodes: 0, reason: "AtMinimum" as const, detail: "" };
  const order = [
    sizeWith(spotPool("a"), { desired: 2 }),
    sizeWith(spotPool("b"), { desired: 2 }),
    sizeWith(onDemandPool("od")),
  ].map((size) => ({ size, standing: "free" as const }));

  type Paused = "out" | "in" | "both" | "nothing";
  const draftOf = (want: number, paused: Paused): Draft => ({
    want,
    floor: NONE,
    ceiling: { ...NONE, nodes: 99 },
    pausedUp: paused === "out" || paused === "both" ? BLOCK : null,
    pausedDown: paused === "in" || paused === "both" ? BLOCK : null,
    blocks: {},
    demanded: null,
    causes: null,
    pools: {},
    remove: {},
    calendarWake: null,
  });

  it.each<[string, Paused, number, readonly number[], readonly number[]]>([
    ["goes ahead", "nothing", 4, [0, 0, 4], [0, 0, 4]],
    ["may still shrink while growing is paused", "out", 1, [1, 0, 0], [1, 0, 0]],
    ["leaves everything where it may not go elsewhere", "out", 4, [0, 0, 4], [2, 2, 0]],
    ["keeps as much as is wanted, of the most preferred first", "out", 3, [0, 0, 3], [2, 1, 0]],
    ["keeps what it would replace beside what it leaves", "out", 3, [1, 0, 2], [2, 1, 0]],
    ["keeps no more than there is", "out", 9, [1, 2, 6], [2, 2, 0]],
    ["may still grow while shrinking is paused", "in", 6, [0, 2, 4], [2, 2, 4]],
    ["changes nothing while both are paused", "both", 6, [0, 3, 3], [2, 2, 0]],
  ])("%s (paused: %s, wanted: %i)", (_what, paused, want, [a = 0, b = 0, od = 0], after) => {
    const spread = { order, ideal: {}, next: {}, unplaced: 0 };
    expect(Object.values(pausedSplit(draftOf(want, paused), spread, { a, b, od }))).toEqual(after);
  });
});
