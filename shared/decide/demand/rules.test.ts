import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, stepped, unknown, workloadIn } from "../../../test/support/fleet.ts";
import type { SignalObservation } from "../../model/signal.ts";
import { recordChange } from "../history.ts";

const SAID: Readonly<Record<string, SignalObservation>> = {
  yes: steady(90, NOON),
  soon: stepped(0, 90, NOON - MINUTE, NOON),
  no: steady(0, NOON),
  unknown,
};

describe("scaleUp joined by", () => {
  const up = (match: "any" | "all") =>
    fleetOf({
      scaleUp: {
        [match]: [
          { signal: "queue", above: 50, for: "2m" },
          { signal: "util", above: 50, for: "2m" },
        ],
        add: 2,
      },
      scaleDown: undefined,
    });

  it.each([
    ["any", "yes", "no", 5, "RuleMatched"],
    ["any", "no", "yes", 5, "RuleMatched"],
    ["any", "yes", "unknown", 5, "RuleMatched"],
    ["any", "soon", "no", 3, "NoRuleMatched"],
    ["any", "no", "no", 3, "NoRuleMatched"],
    ["any", "no", "unknown", 3, "SignalUnknown"],
    ["all", "yes", "yes", 5, "RuleMatched"],
    ["all", "yes", "no", 3, "NoRuleMatched"],
    ["all", "yes", "soon", 3, "NoRuleMatched"],
    ["all", "yes", "unknown", 3, "SignalUnknown"],
    ["all", "no", "unknown", 3, "SignalUnknown"],
  ] as const)("%s of %s and %s leads to %i: %s", (match, queue, util, want, reason) => {
    const signals = { queue: SAID[queue] ?? unknown, util: SAID[util] ?? unknown };
    const { decision } = decided({ policy: up(match), signals, pool: poolOf(3), memory: settledAt(3) });
    expect(decision).toMatchObject({ want, reason });
  });

  it.each([
    ["any", "no", 0],
    ["any", "yes", 2],
    ["all", "yes", 2],
    ["all", "no", 0],
  ] as const)("%s leaves out an absent signal: a queue that says %s wakes %i [F41]", (match, queue, want) => {
    const policy = fleetOf({ ...workloadInput(match), nodes: { min: 0, max: 6 } });
    const signals: Record<string, SignalObservation> = { queue: SAID[queue] ?? unknown, util: { kind: "empty" } };
    expect(decided({ policy, signals, pool: poolOf(0), memory: settledAt(0) }).decision.want).toBe(want);
  });

  it("does nothing when no signal can be asked", () => {
    const policy = fleetOf({
      scaleUp: { any: [{ signal: "util", above: 50 }], add: 1 },
      scaleDown: undefined,
      nodes: { min: 0, max: 6 },
    });
    const given = { policy, signals: { util: { kind: "empty" } as const }, pool: poolOf(0), memory: settledAt(0) };
    expect(decided(given).decision).toMatchObject({ want: 0, reason: "NoRuleMatched" });
    expect(decided(given).decision.detail).toBe("util above 50: not asked, the pools are empty");
  });
});

const workloadInput = (match: "any" | "all") => ({
  scaleUp: {
    [match]: [
      { signal: "queue", above: 50, for: "2m" },
      { signal: "util", above: 50, for: "2m" },
    ],
    add: 2,
  },
});

describe("scaleDown", () => {
  const down = (match: "any" | "all") =>
    fleetOf({
      scaleUp: undefined,
      scaleDown: {
        [match]: [
          { signal: "queue", below: 10, for: "15m" },
          { signal: "util", below: 40, for: "15m" },
        ],
        remove: 1,
      },
    });

  it.each([
    ["any", "no", "yes", 2],
    ["all", "no", "no", 2],
    ["all", "no", "yes", 3],
    ["any", "yes", "yes", 3],
  ] as const)("joined by %s: a queue that says %s and a load that says %s lead to %i", (match, queue, util, want) => {
    const signals = { queue: SAID[queue] ?? unknown, util: SAID[util] ?? unknown };
    const { decision } = decided({ policy: down(match), signals, pool: poolOf(3), memory: settledAt(3) });
    expect(decision.want).toBe(want);
  });

  it("tells how long it has been low while its window lasts", () => {
    const signals = { queue: stepped(30, 0, NOON - 5 * MINUTE, NOON) };
    const { decision } = decided({ signals, pool: poolOf(3), memory: settledAt(3) });
    expect(decision).toMatchObject({ want: 3, reason: "NoRuleMatched" });
    expect(decision.detail).toBe("queue below 10 for 15m: not yet, queue is 0 and has been for 5m");
  });

  it("takes no more than there is", () => {
    const policy = fleetOf({
      scaleDown: { any: [{ signal: "queue", below: 10 }], remove: 5 },
      nodes: { min: 0, max: 6 },
    });
    const { decision } = decided({
      policy,
      signals: { queue: steady(0, NOON) },
      pool: poolOf(2),
      memory: settledAt(2),
    });
    expect(decision.want).toBe(0);
  });

  it("gives way when up and down are both true [F49]", () => {
    const policy = fleetOf({
      scaleUp: { any: [{ signal: "util", above: 85 }], add: 1 },
      scaleDown: { any: [{ signal: "queue", below: 10 }], remove: 1 },
    });
    const signals = { queue: steady(0, NOON), util: steady(95, NOON) };
    const { decision } = decided({ policy, signals, pool: poolOf(3), memory: settledAt(3) });
    expect(decision).toMatchObject({ want: 4, reason: "RuleMatched" });
  });
});

describe("evidence", () => {
  const grown = (ago: number) => recordChange(settledAt(1), workloadIn(fleetOf()), 1, 3, NOON - ago);
  const busy = { queue: steady(120, NOON) };
  const settled = (ago: number) => {
    const memory = grown(ago + 60);
    return { ...memory, lastChange: { at: NOON - ago - 60, from: 1, to: 3, settledAt: NOON - ago } };
  };

  it.each([
    ["a second before the window is over", 119, 3, "OperationInProgress"],
    ["once the window is over", 120, 5, "RuleMatched"],
  ])("of a new size is looked at for a whole window: %s", (_, ago, want, reason) => {
    const { decision } = decided({ signals: busy, pool: poolOf(3), memory: settled(ago) });
    expect(decision).toMatchObject({ want, reason });
  });

  it("tells how long the new size will still be looked at", () => {
    const { decision } = decided({ signals: busy, pool: poolOf(3), memory: settled(30) });
    expect(decision.detail).toContain("the size became 3 30s ago; the rule looks at it for another 1m30s");
  });

  it("of a size that came down is needed anew before it comes down again", () => {
    const idle = { queue: steady(0, NOON) };
    const came = (ago: number) => ({
      ...settledAt(2),
      lastChange: { at: NOON - ago, from: 3, to: 2, settledAt: NOON - ago },
    });
    const soon = decided({ signals: idle, pool: poolOf(2), memory: came(14 * MINUTE) });
    expect(soon.decision).toMatchObject({ want: 2, reason: "NoRuleMatched" });
    expect(soon.decision.detail).toContain("looks at it for another 1m");
    expect(decided({ signals: idle, pool: poolOf(2), memory: came(15 * MINUTE) }).decision.want).toBe(1);
  });

  it("is not asked while nodes are under way, and then only until the provision timeout", () => {
    const late = (ago: number) => decided({ signals: busy, pool: poolOf(3, 1), memory: grown(ago) }).decision;
    expect(late(15 * MINUTE - 1)).toMatchObject({ want: 3, reason: "OperationInProgress" });
    expect(late(17 * MINUTE - 1)).toMatchObject({ want: 3, reason: "OperationInProgress" });
    expect(late(17 * MINUTE)).toMatchObject({ want: 5, reason: "RuleMatched" });
  });

  it("does not count while nodes that were given up still leave", () => {
    const memory = recordChange(settledAt(3), workloadIn(fleetOf()), 3, 2, NOON - MINUTE);
    const still = decided({ signals: { queue: steady(0, NOON) }, pool: poolOf(2, 3), memory });
    expect(still.decision).toMatchObject({ want: 2, reason: "NoRuleMatched" });
    expect(still.decision.detail).toContain("the last change is still under way");
    const more = decided({ signals: busy, pool: poolOf(2, 3), memory });
    expect(more.decision).toMatchObject({ want: 2, reason: "OperationInProgress" });
    expect(more.decision.detail).toContain("; the last change is still under way");
  });
});

describe("a change that is under way", () => {
  const policy = fleetOf({ scaleUp: { any: [{ signal: "queue", above: 50 }], add: 2 } });
  const late = (ago: number) => {
    const memory = recordChange(settledAt(1), workloadIn(policy), 1, 3, NOON - ago);
    return decided({ policy, signals: { queue: steady(120, NOON) }, pool: poolOf(3, 1), memory }).decision;
  };

  it("is given up at the provision timeout, to the second", () => {
    expect(late(15 * MINUTE - 1)).toMatchObject({ want: 3, reason: "OperationInProgress" });
    expect(late(15 * MINUTE)).toMatchObject({ want: 5, reason: "RuleMatched" });
  });

  it("says how many nodes are missing", () => {
    expect(late(60).detail).toBe(
      "queue above 50: yes, queue is 120 and has been for 30m; 2 of the nodes asked for are under way",
    );
  });
});

it("nothing shrinks while another signal is about to ask for more [F49]", () => {
  const policy = fleetOf({ scaleUp: { any: [{ signal: "util", above: 85, for: "5m" }], add: 1 } });
  const signals = { queue: steady(0, NOON), util: stepped(50, 95, NOON - MINUTE, NOON) };
  const { decision } = decided({ policy, signals, pool: poolOf(3), memory: settledAt(3) });
  expect(decision).toMatchObject({ want: 3, reason: "ConflictingSignals" });
  expect(decision.detail).toMatch(/^queue below 10 for 15m: yes.*; but util above 85 for 5m: not yet/);
});

it("only what asks for growth is remembered as its cause, pending or not", () => {
  const policy = fleetOf({ ...workloadInput("any") });
  const causes = (queue: SignalObservation, util: SignalObservation) =>
    decided({ policy, signals: { queue, util } }).memory.growth.causes;
  expect(causes(steady(90, NOON), steady(0, NOON))).toEqual({ queue: 90 });
  expect(causes(steady(90, NOON), unknown)).toEqual({ queue: 90 });
  expect(causes(stepped(0, 90, NOON - 60, NOON), steady(0, NOON))).toEqual({ queue: 90 });
});

it("one rule stands alone, in either direction", () => {
  const upOnly = fleetOf({ scaleDown: undefined });
  const calm = decided({ policy: upOnly, signals: { queue: steady(0, NOON) }, pool: poolOf(3), memory: settledAt(3) });
  expect(calm.decision).toMatchObject({ want: 3, detail: "queue above 50 for 2m: no, queue is 0" });
  expect(stageOf(calm, "demand").conditions).toHaveLength(1);
  const downOnly = fleetOf({ scaleUp: undefined });
  const busy = decided({
    policy: downOnly,
    signals: { queue: steady(90, NOON) },
    pool: poolOf(3),
    memory: settledAt(3),
  });
  expect(busy.decision).toMatchObject({ want: 3, detail: "queue below 10 for 15m: no, queue is 90" });
  expect(stageOf(busy, "demand").conditions).toHaveLength(1);
});

it("what asks for growth is remembered, be it acted on or not", () => {
  const policy = fleetOf({ ...workloadInput("any") });
  const signals = { queue: steady(90, NOON), util: stepped(0, 60, NOON - 60, NOON) };
  expect(decided({ policy, signals }).memory.growth.causes).toEqual({ queue: 90, util: 60 });
  expect(decided({ policy, signals: { queue: steady(0, NOON), util: steady(0, NOON) } }).memory.growth.causes).toEqual(
    {},
  );
});

it("every condition that was judged stands in the trace", () => {
  const given = { signals: { queue: steady(30, NOON) }, pool: poolOf(3), memory: settledAt(3) };
  const conditions = stageOf(decided(given), "demand").conditions ?? [];
  expect(conditions.map((c) => [c.comparison, c.verdict])).toEqual([
    ["above", "false"],
    ["below", "false"],
  ]);
});

it("a workload without demand keeps its size", () => {
  const policy = fleetOf({ scaleUp: undefined, scaleDown: undefined });
  const kept = decided({ policy, pool: poolOf(4), memory: settledAt(4) });
  expect(kept.decision).toMatchObject({ want: 4, reason: "Unaffected" });
  expect(kept.decision.detail).toBe("the policy states no demand for this workload");
});
