import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, seriesOf, steady, unknown, workloadIn } from "../../../test/support/fleet.ts";
import type { SignalObservation } from "../../model/signal.ts";
import { recordChange } from "../history.ts";

type Target = { signal: string; perNode?: number; average?: number; total?: number };

const PER_NODE = {
  load: { source: "prom", query: "load", maxAge: "90s", per: "node" as const },
};
const byTargets = (...targets: Target[]) => {
  const { signals } = fleetOf();
  const plain = Object.fromEntries(
    Object.keys(signals).map((name) => [name, { source: "prom", query: name, maxAge: "90s" }]),
  );
  const workload = { targets, scaleUp: undefined, scaleDown: undefined, nodes: { min: 0, max: 50 } };
  return fleetOf(workload, { signals: { ...plain, ...PER_NODE } });
};
const say = (value: number) => steady(value, NOON);
const perNode = (...loads: number[]): SignalObservation => ({
  kind: "perNode",
  nodes: Object.fromEntries(loads.map((load, i) => [`i-${i}`, seriesOf(NOON, 300, () => load)])),
});

describe("a target", () => {
  it.each([
    [{ signal: "queue", perNode: 50 }, 120, 3, 3, "WithinTolerance"],
    [{ signal: "queue", perNode: 50 }, 240, 3, 5, "TargetExceeded"],
    [{ signal: "queue", perNode: 50 }, 60, 3, 2, "BelowTarget"],
    [{ signal: "queue", perNode: 50 }, 0, 3, 0, "BelowTarget"],
    [{ signal: "queue", average: 50 }, 100, 3, 6, "TargetExceeded"],
    [{ signal: "queue", total: 50 }, 100, 3, 6, "TargetExceeded"],
    [{ signal: "queue", total: 50 }, 54, 3, 3, "WithinTolerance"],
    [{ signal: "queue", total: 50 }, 20, 3, 2, "BelowTarget"],
  ] as const)("%o with a value of %d and %i nodes asks for %i", (target, value, current, nodes, reason) => {
    const given = { policy: byTargets(target), signals: { queue: say(value) }, pool: poolOf(current) };
    expect(stageOf(decided({ ...given, memory: settledAt(current) }), "demand")).toMatchObject({ want: nodes, reason });
  });

  it("says what it measured and what it wants", () => {
    const given = { policy: byTargets({ signal: "queue", perNode: 50 }), signals: { queue: say(240) } };
    const { decision } = decided({ ...given, pool: poolOf(3), memory: settledAt(3) });
    expect(decision.detail).toBe("queue is 240, 50 wanted for each node: 5 nodes");
  });

  it("wakes a pool from zero", () => {
    const given = { policy: byTargets({ signal: "queue", perNode: 50 }), signals: { queue: say(1) } };
    expect(decided({ ...given, pool: poolOf(0), memory: settledAt(0) }).decision.want).toBe(1);
  });

  it.each([
    ["unknown", unknown, "SignalUnknown"],
    ["stale", steady(0, NOON - 5 * MINUTE), "SignalStale"],
    ["ahead of our clock", steady(0, NOON + 5 * MINUTE), "ClockSkew"],
  ])("on a signal that is %s takes nothing away", (_, queue, reason) => {
    const policy = byTargets({ signal: "queue", perNode: 50 });
    const { decision } = decided({ policy, signals: { queue }, pool: poolOf(3), memory: settledAt(3) });
    expect(decision).toMatchObject({ want: 3, reason });
  });

  it("on a signal that is absent at zero has nothing to say, and says so", () => {
    const policy = fleetOf({
      targets: [{ signal: "util", average: 80 }],
      scaleUp: undefined,
      scaleDown: undefined,
      nodes: { min: 0, max: 6 },
    });
    const given = { policy, signals: { util: { kind: "empty" } as const }, pool: poolOf(0), memory: settledAt(0) };
    const { decision } = decided(given);
    expect(decision).toMatchObject({ want: 0, reason: "SignalUnknown" });
    expect(decision.detail).toBe("util: not asked, the pools are empty");
  });

  it("that multiplies nodes waits while none of them is ready", () => {
    const policy = byTargets({ signal: "queue", total: 50 });
    const { decision } = decided({ policy, signals: { queue: say(0) }, pool: poolOf(3, 0), memory: settledAt(3) });
    expect(decision).toMatchObject({ want: 3, reason: "SignalUnknown" });
    expect(decision.detail).toBe("queue: no node is ready");
  });

  it("counts nodes under way as capacity until the provision timeout", () => {
    const policy = byTargets({ signal: "queue", total: 50 });
    const asked = (ago: number) => {
      const memory = recordChange(settledAt(1), workloadIn(policy), 1, 2, NOON - ago);
      return decided({ policy, signals: { queue: say(100) }, pool: poolOf(2, 1), memory }).decision.want;
    };
    expect(asked(15 * MINUTE - 1)).toBe(2);
    expect(asked(15 * MINUTE)).toBe(4);
  });
});

describe("a node that was lost", () => {
  it("is not under way: the change had settled, so growth counts on it no more", () => {
    const policy = byTargets({ signal: "queue", total: 50 });
    const memory = { ...settledAt(2), lastChange: { at: NOON - 120, from: 1, to: 2, settledAt: NOON - 60 } };
    expect(decided({ policy, signals: { queue: say(100) }, pool: poolOf(2, 1), memory }).decision.want).toBe(4);
  });
});

it("a target that is met asks for nothing, and its trace has no conditions", () => {
  const made = decided({
    policy: byTargets({ signal: "queue", perNode: 50 }),
    signals: { queue: say(150) },
    pool: poolOf(3),
    memory: settledAt(3),
  });
  expect(made.memory.growth).toEqual({ causes: {}, made: [] });
  expect(stageOf(made, "demand").conditions).toBeUndefined();
});

it("a total's target cannot be met by a signal of each node", () => {
  const policy = byTargets({ signal: "load", total: 50 });
  const signals = { load: perNode(10, 10, 10) };
  const { decision } = decided({ policy, signals, pool: poolOf(3), memory: settledAt(3) });
  expect(decision).toMatchObject({ want: 3, reason: "SignalUnknown" });
  expect(decision.detail).toContain("load: the signal is read per node");
});

it("a target on a signal that the policy lacks takes nothing away", () => {
  const policy = byTargets({ signal: "nowhere", perNode: 50 });
  const { decision } = decided({ policy, signals: { nowhere: say(0) }, pool: poolOf(3), memory: settledAt(3) });
  expect(decision).toMatchObject({ want: 3, reason: "SignalUnknown", detail: "nowhere: the signal was not supplied" });
});

describe("a target on a signal of each node", () => {
  const policy = byTargets({ signal: "load", average: 80 });
  const sized = (load: SignalObservation, ready = 3) =>
    decided({ policy, signals: { load }, pool: poolOf(3, ready), memory: settledAt(3) });

  it.each([
    ["all busy", [120, 120, 120], 5, "TargetExceeded"],
    ["all at the target", [80, 80, 80], 3, "WithinTolerance"],
    ["all idle", [20, 20, 20], 1, "BelowTarget"],
    ["one silent among idle ones, taken for full", [20, 20], 2, "BelowTarget"],
    ["one silent among busy ones, taken for idle", [120, 120], 3, "WithinTolerance"],
  ])("asks for what the nodes need: %s [F36]", (_, loads, want, reason) => {
    expect(stageOf(sized(perNode(...loads)), "demand")).toMatchObject({ want, reason });
  });

  it("says what they average", () => {
    const text = "load averages 120 over 3 nodes, 80 wanted: 5 nodes";
    expect(sized(perNode(110, 120, 130)).decision.detail).toBe(text);
  });

  it.each([
    ["no node reports", perNode()],
    ["the source fails", unknown],
    ["it has one series for all", say(10)],
    ["it was not supplied", undefined],
  ])("takes nothing away when %s [F36]", (_, load) => {
    const signals: Record<string, SignalObservation> = load === undefined ? {} : { load };
    const { decision } = decided({ policy, signals, pool: poolOf(3), memory: settledAt(3) });
    expect(decision).toMatchObject({ want: 3, reason: "SignalUnknown" });
    expect(decision.detail).toMatch(/^load: /);
  });

  it("leaves out a node whose value is no measurement [F31]", () => {
    const mixed = perNode(120, 120, Number.NaN);
    expect(sized(mixed, 2).decision.detail).toContain("averages 120 over 2 nodes");
  });
});

describe("several targets", () => {
  const policy = byTargets({ signal: "queue", perNode: 50 }, { signal: "util", perNode: 10 });
  const sized = (queue: SignalObservation, util: SignalObservation) =>
    decided({ policy, signals: { queue, util }, pool: poolOf(3), memory: settledAt(3) });

  it("are served by the one that asks for most", () => {
    expect(sized(say(100), say(50)).decision).toMatchObject({ want: 5, reason: "TargetExceeded" });
    expect(sized(say(250), say(10)).decision.want).toBe(5);
    expect(stageOf(sized(say(100), say(10)), "demand").want).toBe(2);
  });

  it("grow although one is unknown, and never shrink then [T29]", () => {
    expect(sized(say(250), unknown).decision).toMatchObject({ want: 5, reason: "TargetExceeded" });
    expect(sized(say(0), unknown).decision).toMatchObject({ want: 3, reason: "SignalUnknown" });
    expect(sized(unknown, say(0)).decision).toMatchObject({ want: 3, reason: "SignalUnknown" });
  });

  it("all remember what asks for growth", () => {
    expect(sized(say(250), say(50)).memory.growth.causes).toEqual({ queue: 250, util: 50 });
    expect(sized(say(250), say(0)).memory.growth.causes).toEqual({ queue: 250 });
  });

  it("stand beside rules, and the larger wins", () => {
    const both = fleetOf({ targets: [{ signal: "queue", perNode: 20 }] });
    const { decision } = decided({ policy: both, signals: { queue: say(100) }, pool: poolOf(2), memory: settledAt(2) });
    expect(decision).toMatchObject({ want: 5, reason: "TargetExceeded" });
  });
});
