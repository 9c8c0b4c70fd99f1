import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady } from "../../../test/support/fleet.ts";
import type { Override } from "../../model/memory.ts";
import { overrides as overridesStage } from "./overrides.ts";
import { contextOf, draftOf } from "./stage.fixture.ts";

const base = { reason: "release", actor: "on-call", at: NOON - MINUTE, until: NOON + MINUTE };
const hold = (nodes: number, until = base.until): Override => ({ ...base, until, kind: "hold", nodes });
const wake = (nodes: number, until = base.until): Override => ({ ...base, until, kind: "wake", nodes });
const pause = (direction: "in" | "out" | "both", until = base.until): Override => ({
  ...base,
  until,
  kind: "pause",
  direction,
});

const idle = { queue: steady(0, NOON) };
const busy = { queue: steady(120, NOON) };
const at = (nodes: number, signals: typeof idle, ...overrides: Override[]) =>
  decided({ signals, pool: poolOf(nodes), memory: { ...settledAt(nodes), overrides } });

describe("a hold", () => {
  it.each([
    [0, busy, 0],
    [2, busy, 2],
    [5, idle, 5],
    [3, busy, 3],
  ])("at %i fixes the size, whatever demand says", (nodes, signals, want) => {
    expect(at(3, signals, hold(nodes)).decision).toMatchObject({ want, reason: "Held" });
  });

  it("may lie outside nodes.min and nodes.max, for it is an operator's word", () => {
    expect(at(3, busy, hold(8)).decision).toMatchObject({ want: 8, reason: "Held" });
    expect(at(3, busy, hold(0)).decision).toMatchObject({ want: 0, reason: "Held" });
  });

  it("at zero is an operator's zero, which demand does not wake", () => {
    const policy = fleetOf({ nodes: { min: 0, max: 6 } });
    const memory = { ...settledAt(0), overrides: [hold(0)] };
    const { decision } = decided({ policy, signals: busy, pool: poolOf(0), memory });
    expect(decision).toMatchObject({ want: 0, reason: "Held" });
  });

  it("outranks a wake, in whichever order they were said", () => {
    expect(at(3, busy, hold(2), wake(5)).decision.want).toBe(2);
    expect(at(3, busy, wake(5), hold(2)).decision.want).toBe(2);
  });

  it("gives way to a newer hold", () => {
    expect(at(3, busy, hold(2), hold(4)).decision.want).toBe(4);
  });

  it("that is paused waits for the pause to end", () => {
    const { decision } = at(3, busy, hold(5), pause("out"));
    expect(decision).toMatchObject({ want: 3, reason: "Paused" });
    expect(decision.detail).toContain("it would be 5");
    expect(at(3, busy, hold(2), pause("out")).decision.want).toBe(2);
  });

  it("says until when, by whom and why", () => {
    const text = "held at 5 until 2026-11-18T12:01:00.000Z by on-call: release";
    expect(at(3, idle, hold(5)).decision.detail).toBe(text);
  });
});

describe("a wake", () => {
  it.each([
    [4, idle, 4, "Woken"],
    [2, idle, 2, "RuleMatched"],
    [9, idle, 6, "AtMaximum"],
    [4, busy, 5, "RuleMatched"],
  ])("of %i is a floor", (nodes, signals, want, reason) => {
    expect(at(3, signals, wake(nodes)).decision).toMatchObject({ want, reason });
  });

  it("below nodes.min changes nothing", () => {
    expect(at(1, idle, wake(0)).decision).toMatchObject({ want: 1, reason: "AtMinimum" });
    expect(at(1, idle, wake(1)).decision).toMatchObject({ want: 1, reason: "AtMinimum" });
  });

  it("says how many it keeps", () => {
    expect(at(3, idle, wake(4)).decision.detail).toContain("kept at 4 or more until 2026-11-18T12:01");
  });
});

describe("a pause", () => {
  it("of both directions from two words", () => {
    expect(at(3, busy, pause("in"), pause("out")).decision).toMatchObject({ want: 3, reason: "Paused" });
    expect(at(3, idle, pause("in"), pause("out")).decision).toMatchObject({ want: 3, reason: "Paused" });
    expect(at(3, idle, pause("out"), pause("in")).decision.want).toBe(3);
  });

  it.each([
    ["out", 0, 0],
    ["both", 0, 0],
    ["in", 0, 1],
    ["in", 8, 8],
    ["out", 8, 6],
  ] as const)("%s outranks even the bounds: %i nodes stay %i", (direction, nodes, want) => {
    expect(at(nodes, { queue: steady(30, NOON) }, pause(direction)).decision.want).toBe(want);
  });
});

describe("an override [F62]", () => {
  it.each([
    ["a second before its end", NOON + 1, 5],
    ["at its end", NOON, 2],
    ["after its end", NOON - 1, 2],
  ])("%s", (_, until, want) => {
    const made = at(3, idle, hold(5, until));
    expect(made.decision.want).toBe(want);
    expect(made.memory.overrides).toHaveLength(want === 5 ? 1 : 0);
  });

  it("leaves normal rules behind once it is over", () => {
    const held = at(3, busy, hold(3));
    const later = NOON + 2 * MINUTE;
    const { decision } = decided({
      signals: { queue: steady(120, later) },
      pool: poolOf(3),
      memory: held.memory,
      now: later,
    });
    expect(decision).toMatchObject({ want: 5, reason: "RuleMatched" });
  });
});

describe("the trace", () => {
  it("lists every override in force", () => {
    const { detail, reason } = stageOf(at(3, busy, hold(3), wake(1), pause("in")), "overrides");
    expect(reason).toBe("Held");
    expect(detail.split("; ").map((part) => part.split(" ")[0])).toEqual(["wake", "pause", "hold"]);
  });

  it.each([
    [pause("in"), "Paused"],
    [wake(2), "Woken"],
  ])("says what %o comes to", (override, reason) => {
    expect(stageOf(at(3, busy, override), "overrides").reason).toBe(reason);
  });

  it("says when there is none", () => {
    expect(stageOf(at(3, busy), "overrides")).toMatchObject({ reason: "Unaffected", detail: "no override" });
  });
});

describe("a size that somebody else set", () => {
  /** From 3 to 5, so many seconds ago, and `nodes` of them by now. */
  const changed = (ago: number, nodes: number, overrides: Override[] = []) =>
    contextOf({
      policy: fleetOf({ nodes: { min: 2, max: 6 }, respectExternalFor: "10m" }),
      pools: { llm: poolOf(nodes) },
      memory: { ...settledAt(nodes), overrides, external: { at: NOON - ago, from: 3, to: 5, pools: ["llm"] } },
    });

  it.each([
    [0, "10m"],
    [2 * MINUTE, "8m"],
    [90.5, "8m30s"],
    [10 * MINUTE - 1, "1s"],
  ])("%d s ago is left alone for %s", (ago, left) => {
    const { draft, reason, detail } = overridesStage(draftOf(4), changed(ago, 5));
    expect({ reason, detail }).toEqual({
      reason: "ExternalChange",
      detail: `somebody else took it from 3 to 5 (llm); left alone for ${left}`,
    });
    expect(draft).toEqual({
      ...draftOf(4),
      floor: { nodes: 5, reason, detail },
      ceiling: { nodes: 5, reason, detail },
    });
  });

  it.each([
    [1, 2],
    [2, 2],
    [5, 5],
    [6, 6],
    [8, 6],
  ])("of %i nodes is left at %i, within nodes.min and nodes.max", (nodes, kept) => {
    const { floor, ceiling } = overridesStage(draftOf(4), changed(MINUTE, nodes)).draft;
    expect([floor.nodes, ceiling.nodes]).toEqual([kept, kept]);
  });

  it("is demand's again once that is over", () => {
    expect(overridesStage(draftOf(4), changed(10 * MINUTE, 5))).toEqual({
      draft: draftOf(4),
      reason: "Unaffected",
      detail: "no override",
    });
  });

  it("is an operator's first", () => {
    const { draft, reason } = overridesStage(draftOf(4), changed(MINUTE, 5, [hold(3)]));
    expect({ reason, floor: draft.floor.nodes, ceiling: draft.ceiling.nodes }).toEqual({
      reason: "Held",
      floor: 3,
      ceiling: 3,
    });
  });

  it.each([
    ["grow", busy],
    ["shrink", idle],
  ])("stays where demand would have it %s", (_, signals) => {
    const external = { at: NOON - MINUTE, from: 3, to: 4, pools: ["llm"] };
    const made = decided({ signals, pool: poolOf(4), memory: { ...settledAt(4), external } });
    expect(stageOf(made, "demand").want).not.toBe(4);
    expect(made.decision).toMatchObject({ want: 4, reason: "ExternalChange" });
  });
});
