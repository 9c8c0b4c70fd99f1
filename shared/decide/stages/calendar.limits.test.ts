import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady } from "../../../test/support/fleet.ts";
import type { WorkloadMemory } from "../../model/memory.ts";
import { calendar } from "./calendar.ts";
import { contextOf, draftOf } from "./stage.fixture.ts";

type Nodes = { min?: number; max?: number; exactly?: number };
/** A window that is open at noon. */
const during = (nodes: Nodes, more: Parameters<typeof fleetOf>[0] = {}) =>
  fleetOf({ schedules: [{ name: "now", start: "0 11 * * *", end: "0 13 * * *", nodes }], ...more });
const SINCE = "now since Wed 11:00 UTC";

/** What the stage makes of a workload of three nodes that is free from 1 to 6. */
const limits = (nodes: Nodes, memory: Partial<WorkloadMemory> = {}, current = 3) => {
  const context = contextOf({ policy: during(nodes), pools: { llm: poolOf(current) }, memory });
  const { draft, reason, detail } = calendar(draftOf(current), context);
  return { floor: draft.floor, ceiling: draft.ceiling, reason, detail };
};

describe("a window's limits", () => {
  const { floor, ceiling } = draftOf(3);

  it.each([
    [{ min: 0 }, null, null],
    [{ min: 1 }, null, null],
    [{ min: 2 }, 2, null],
    [{ max: 5 }, null, 5],
    [{ max: 6 }, null, null],
    [{ max: 7 }, null, null],
    [{ exactly: 4 }, 4, 4],
    [{ exactly: 1 }, null, 1],
    [{ exactly: 6 }, 6, null],
    [{ min: 2, max: 5 }, 2, 5],
  ])("of %o are told where they are tighter than the policy's 1 to 6", (nodes: Nodes, low, high) => {
    const made = limits(nodes);
    const { reason, detail } = made;
    expect(reason).toBe("WindowStarted");
    expect(made.floor).toEqual(low === null ? floor : { nodes: low, reason, detail });
    expect(made.ceiling).toEqual(high === null ? ceiling : { nodes: high, reason, detail });
  });
});

describe("a size that somebody else raised against a window", () => {
  const external = (from: number, to: number, ago = MINUTE) => ({
    external: { at: NOON - ago, from, to, pools: ["llm"] },
  });

  it.each([
    [0, 3, { exactly: 0 }, `somebody else took it from 0 to 3 (llm), and ${SINCE}: 0; it goes back to 0`],
    [1, 3, { max: 2 }, `somebody else took it from 1 to 3 (llm), and ${SINCE}: <= 2; it goes back to 2`],
    [2, 3, { min: 1, max: 2 }, `somebody else took it from 2 to 3 (llm), and ${SINCE}: 1 to 2; it goes back to 2`],
  ])("from %i to %i goes back, and says so", (from, to, nodes: Nodes, detail) => {
    const made = limits(nodes, external(from, to), to);
    expect(made).toMatchObject({ reason: "BouncedBack", detail });
    expect(made.ceiling).toEqual({ nodes: nodes.exactly ?? nodes.max, reason: "BouncedBack", detail });
  });

  it.each([
    ["lowered it, though not far enough", { max: 2 }, external(5, 3), 3],
    ["moved nodes between its pools", { max: 2 }, external(3, 3), 3],
    ["raised it to what the window allows", { max: 3 }, external(1, 3), 3],
    ["raised it, and it is back already", { max: 2 }, external(1, 3), 2],
    ["raised it, and it is below by now", { max: 2 }, external(1, 3), 1],
    ["raised it, and the window has no ceiling", { min: 2 }, external(1, 3), 3],
    ["raised it so long ago that it is no longer theirs", { max: 2 }, external(1, 3, 30 * MINUTE), 3],
  ])("is the window's alone where somebody %s", (_, nodes: Nodes, memory, current) => {
    expect(limits(nodes, memory, current)).toMatchObject({
      reason: "WindowStarted",
      detail: expect.stringMatching(/^now since Wed 11:00 UTC: /),
    });
  });

  it("is the reason of the decision", () => {
    const memory = { ...settledAt(3), ...external(0, 3) };
    const { decision } = decided({ policy: during({ exactly: 0 }), pool: poolOf(3), memory });
    expect(decision).toMatchObject({ want: 0, reason: "BouncedBack" });
  });

  it("waits for a guard against shrinking", () => {
    const guards = [{ name: "training", when: { signal: "util", above: 50 }, blocks: ["scaleDown" as const] }];
    const made = decided({
      policy: during({ exactly: 0 }, { guards }),
      signals: { queue: steady(30, NOON), util: steady(90, NOON) },
      pool: poolOf(3),
      memory: { ...settledAt(3), ...external(0, 3) },
    });
    expect(made.decision).toMatchObject({ want: 3, pools: { llm: 3 } });
    expect(stageOf(made, "bounds")).toMatchObject({
      reason: "GuardActive",
      detail: expect.stringMatching(/^guard training: .*; somebody else took it from 0 to 3 .* goes back to 0 waits$/),
    });
  });
});

it("a guard against growing does not keep a window from its floor", () => {
  const guards = [{ name: "training", when: { signal: "util", above: 50 }, blocks: ["scaleUp" as const] }];
  const signals = { queue: steady(120, NOON), util: steady(90, NOON) };
  const opened = (nodes: Nodes) =>
    decided({ policy: during(nodes, { guards }), signals, pool: poolOf(3), memory: settledAt(3) }).decision;
  expect(opened({ min: 5 })).toMatchObject({ want: 5, reason: "WindowStarted" });
  expect(opened({ exactly: 5 })).toMatchObject({ want: 5, reason: "WindowStarted" });
  expect(opened({ max: 5 })).toMatchObject({ want: 3, reason: "GuardActive" });
});
