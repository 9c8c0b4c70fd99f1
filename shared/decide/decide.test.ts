import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, stepped, unknown, workloadIn } from "../../test/support/fleet.ts";
import { EMPTY_MEMORY, type Override, type WorkloadMemory } from "../model/memory.ts";
import type { PoolObservation } from "../model/pool.ts";
import type { SignalObservation } from "../model/signal.ts";
import { decide } from "./decide.ts";
import { recordChange } from "./history.ts";

describe("scaleUp", () => {
  it("adds nodes when the condition held for its whole window", () => {
    const { decision } = decided({ signals: { queue: steady(120, NOON) } });
    expect(decision).toMatchObject({ current: 1, want: 3, pools: { llm: 3 }, reason: "RuleMatched" });
    expect(decision.detail).toBe("queue above 50 for 2m: yes, queue is 120 and has been for 30m");
  });

  it("waits while the condition is younger than its window", () => {
    const { decision } = decided({ signals: { queue: stepped(0, 120, NOON - 90, NOON) } });
    expect(decision).toMatchObject({ want: 1, reason: "NoRuleMatched" });
    expect(decision.detail).toContain("not yet, queue is 120 and has been for 1m30s");
  });

  it("does not take one sample for a window [F34]", () => {
    const one: SignalObservation = { kind: "series", series: { samples: [[NOON, 120]], validity: 15 } };
    const { decision } = decided({ signals: { queue: one } });
    expect(decision).toMatchObject({ want: 1, reason: "LowCoverage" });
  });

  it("does not add again while nodes it asked for are under way", () => {
    const memory = recordChange(settledAt(1), workloadIn(fleetOf()), 1, 3, NOON - 3 * MINUTE);
    const { decision } = decided({ signals: { queue: steady(120, NOON) }, pool: poolOf(3, 1), memory });
    expect(decision).toMatchObject({ current: 3, ready: 1, want: 3, reason: "OperationInProgress" });
    expect(decision.detail).toContain("2 of the nodes asked for are under way");
  });

  it("adds again once the provision timeout has passed without them", () => {
    const memory = recordChange(settledAt(1), workloadIn(fleetOf()), 1, 3, NOON - 18 * MINUTE);
    const { decision } = decided({ signals: { queue: steady(120, NOON) }, pool: poolOf(3, 1), memory });
    expect(decision).toMatchObject({ want: 5, reason: "RuleMatched" });
  });

  it("looks at a new size for the whole window before it adds again", () => {
    const memory = recordChange(settledAt(1), workloadIn(fleetOf()), 1, 3, NOON - 5 * MINUTE);
    const justReady = decided({ signals: { queue: steady(120, NOON) }, pool: poolOf(3), memory });
    expect(justReady.decision).toMatchObject({ want: 3, reason: "OperationInProgress" });
    const later = NOON + 2 * MINUTE;
    const next = decided({
      signals: { queue: steady(120, later) },
      pool: poolOf(3),
      memory: justReady.memory,
      now: later,
    });
    expect(next.decision).toMatchObject({ want: 5, reason: "RuleMatched" });
  });

  it("stops at nodes.max", () => {
    const { decision } = decided({ signals: { queue: steady(120, NOON) }, pool: poolOf(5), memory: settledAt(5) });
    expect(decision).toMatchObject({ want: 6, reason: "AtMaximum" });
  });

  it("stops at the cloud's own maximum [F86]", () => {
    const { decision } = decided({ signals: { queue: steady(120, NOON) }, pool: poolOf(1, 1, { max: 2 }) });
    expect(decision).toMatchObject({ want: 2, reason: "AtMaximum" });
    expect(decision.detail).toContain("clouds' own maxima");
  });
});

describe("scaleDown", () => {
  it("removes a node when the condition held and nothing higher was recommended lately", () => {
    const policy = fleetOf();
    const first = decided({ policy, signals: { queue: steady(0, NOON) }, pool: poolOf(3), memory: settledAt(3) });
    expect(first.decision).toMatchObject({ want: 2, reason: "RuleMatched" });
  });

  it("waits for the stabilization window after a higher recommendation", () => {
    const memory = { ...settledAt(3), recommendations: [{ at: NOON - 4 * MINUTE, nodes: 3 }] };
    const { decision } = decided({ signals: { queue: steady(0, NOON) }, pool: poolOf(3), memory });
    expect(decision).toMatchObject({ want: 3, reason: "Stabilizing" });
  });

  it("starts cold by keeping the size", () => {
    const { decision } = decided({ signals: { queue: steady(0, NOON) }, pool: poolOf(3) });
    expect(decision).toMatchObject({ want: 3, reason: "Stabilizing" });
  });

  it("never goes below nodes.min", () => {
    const { decision } = decided({ signals: { queue: steady(0, NOON) }, pool: poolOf(1), memory: settledAt(1) });
    expect(decision).toMatchObject({ want: 1, reason: "AtMinimum" });
  });

  it.each([
    ["unknown", unknown, "SignalUnknown"],
    ["stale", steady(0, NOON - 5 * MINUTE), "SignalStale"],
    ["not supplied", undefined, "SignalUnknown"],
    ["empty", { kind: "empty" } as const, "SignalUnknown"],
  ])("holds when the signal is %s [F29]", (_, queue, reason) => {
    const signals: Record<string, SignalObservation> = queue === undefined ? {} : { queue };
    const { decision } = decided({ signals, pool: poolOf(3), memory: settledAt(3) });
    expect(decision).toMatchObject({ want: 3, reason });
  });

  it("holds when one of several inputs is unknown, though another asks for fewer [T29]", () => {
    const scaleDown = {
      any: [
        { signal: "queue", below: 10, for: "15m" },
        { signal: "util", below: 40, for: "20m" },
      ],
      remove: 1,
    };
    const policy = fleetOf({ scaleDown });
    const signals = { queue: steady(0, NOON), util: unknown };
    const { decision } = decided({ policy, signals, pool: poolOf(3), memory: settledAt(3) });
    expect(decision).toMatchObject({ want: 3, reason: "SignalUnknown" });
  });

  it("holds when another signal is about to ask for more", () => {
    const scaleUp = { any: [{ signal: "util", above: 85, for: "5m" }], add: 1 };
    const signals = { queue: steady(0, NOON), util: stepped(50, 95, NOON - MINUTE, NOON) };
    const { decision } = decided({ policy: fleetOf({ scaleUp }), signals, pool: poolOf(3), memory: settledAt(3) });
    expect(decision).toMatchObject({ want: 3, reason: "ConflictingSignals" });
  });

  it("gives way to a signal that asks for more [F49]", () => {
    const scaleUp = { any: [{ signal: "util", above: 85, for: "5m" }], add: 1 };
    const signals = { queue: steady(0, NOON), util: steady(95, NOON) };
    const { decision } = decided({ policy: fleetOf({ scaleUp }), signals, pool: poolOf(3), memory: settledAt(3) });
    expect(decision).toMatchObject({ want: 4, reason: "RuleMatched" });
  });
});

describe("at zero nodes", () => {
  it("wakes on the queue although the GPU signal is absent [F41]", () => {
    const scaleUp = {
      any: [
        { signal: "queue", above: 50, for: "2m" },
        { signal: "util", above: 85, for: "5m" },
      ],
      add: 1,
    };
    const policy = fleetOf({ scaleUp, nodes: { min: 0, max: 6 } });
    const signals: Record<string, SignalObservation> = { queue: steady(120, NOON), util: { kind: "empty" } };
    const { decision } = decided({ policy, signals, pool: poolOf(0), memory: settledAt(0) });
    expect(decision).toMatchObject({ current: 0, want: 1, reason: "RuleMatched" });
  });
});

it.each([
  [0, 0, "not asked, the pools are empty"],
  [0, 1, "unknown"],
  [1, 0, "unknown"],
])("a signal may be absent only with no node at all: %i asked for and %i ready is %s [F41]", (desired, ready, said) => {
  const policy = fleetOf({ scaleUp: { any: [{ signal: "util", above: 85 }], add: 1 }, scaleDown: undefined });
  const made = decided({ policy, signals: { util: { kind: "empty" } }, pool: poolOf(desired, ready) });
  expect(stageOf(made, "demand").detail).toContain(said);
});

describe("the VRAM headroom guard", () => {
  const guarded = (blocks: ("packing" | "scaleUp" | "scaleDown")[]) =>
    fleetOf({ guards: [{ name: "vram-headroom", when: { signal: "vramFree", below: 0.2, for: "5m" }, blocks }] });

  it("forbids shrinking but lets a node be added", () => {
    const policy = guarded(["packing", "scaleDown"]);
    const low = steady(0.1, NOON);
    const down = decided({
      policy,
      signals: { queue: steady(0, NOON), vramFree: low },
      pool: poolOf(3),
      memory: settledAt(3),
    });
    expect(down.decision).toMatchObject({ want: 3, reason: "HeadroomLow" });
    const up = decided({
      policy,
      signals: { queue: steady(120, NOON), vramFree: low },
      pool: poolOf(3),
      memory: settledAt(3),
    });
    expect(up.decision).toMatchObject({ want: 5, reason: "RuleMatched" });
    expect(stageOf(up, "guards").detail).toContain("forbids packing and scaleDown");
  });

  it("forbids adding a node in its literal reading", () => {
    const policy = guarded(["scaleUp"]);
    const { decision } = decided({ policy, signals: { queue: steady(120, NOON), vramFree: steady(0.1, NOON) } });
    expect(decision).toMatchObject({ want: 1, reason: "HeadroomLow" });
  });

  it("forbids shrinking while the headroom is unknown, and lets nodes be added", () => {
    const policy = guarded(["scaleUp", "scaleDown"]);
    const down = decided({
      policy,
      signals: { queue: steady(0, NOON), vramFree: unknown },
      pool: poolOf(3),
      memory: settledAt(3),
    });
    expect(down.decision).toMatchObject({ want: 3, reason: "SignalUnknown" });
    const up = decided({ policy, signals: { queue: steady(120, NOON), vramFree: unknown } });
    expect(up.decision).toMatchObject({ want: 3, reason: "RuleMatched" });
  });

  it("is of no effect with headroom to spare", () => {
    const signals = { queue: steady(0, NOON), vramFree: steady(0.5, NOON) };
    const { decision } = decided({ policy: guarded(["scaleDown"]), signals, pool: poolOf(3), memory: settledAt(3) });
    expect(decision).toMatchObject({ want: 2, reason: "RuleMatched" });
  });
});

describe("operators' overrides", () => {
  const by = { reason: "release", actor: "on-call", at: NOON - MINUTE, until: NOON + MINUTE };
  const withOverride = (o: Override): WorkloadMemory => ({ ...settledAt(3), overrides: [o] });

  it("hold fixes the size at once", () => {
    const memory = withOverride({ ...by, kind: "hold", nodes: 5 });
    const { decision } = decided({ signals: { queue: steady(0, NOON) }, pool: poolOf(3), memory });
    expect(decision).toMatchObject({ want: 5, reason: "Held" });
  });

  it.each([
    ["in", 0, 3, "Paused"],
    ["in", 120, 5, "RuleMatched"],
    ["out", 120, 3, "Paused"],
    ["out", 0, 2, "RuleMatched"],
    ["both", 120, 3, "Paused"],
  ] as const)("pause %s with a queue of %i leaves %i", (direction, queue, want, reason) => {
    const memory = withOverride({ ...by, kind: "pause", direction });
    const { decision } = decided({ signals: { queue: steady(queue, NOON) }, pool: poolOf(3), memory });
    expect(decision).toMatchObject({ want, reason });
  });

  it("ends exactly at its expiry [F62]", () => {
    const memory = withOverride({ ...by, kind: "pause", direction: "both", until: NOON });
    const { decision, memory: next } = decided({ signals: { queue: steady(120, NOON) }, pool: poolOf(3), memory });
    expect(decision.want).toBe(5);
    expect(next.overrides).toEqual([]);
  });
});

describe("a cloud that does not answer", () => {
  const unseen: PoolObservation = { kind: "unseen", error: { kind: "Forbidden", message: "pool llm: access denied" } };

  it("leaves the size as it was last seen", () => {
    const { decision, memory } = decided({ signals: { queue: steady(0, NOON) }, pool: unseen, memory: settledAt(3) });
    expect(decision).toMatchObject({ current: 3, want: 3, reason: "Forbidden" });
    expect(memory.pools.llm?.desired).toBe(3);
  });
});

describe("several pools", () => {
  const policy = fleetOf({
    pools: ["a", "b"].map((name) => ({
      name,
      capacity: "on-demand" as const,
      eks: { region: "eu-west-1", cluster: "c", nodegroup: name },
    })),
  });
  const split = (queue: number, a: number, b: number) => {
    const memory = { ...settledAt(a + b), pools: {} };
    const observation = {
      workload: "llm",
      trigger: "tick" as const,
      signals: { queue: steady(queue, NOON) },
      pools: { a: poolOf(a, a, { max: 2 }), b: poolOf(b) },
      others: null,
    };
    return decide(policy, workloadIn(policy), observation, memory, NOON).decision.pools;
  };

  it("grow in order of preference and shrink from the last", () => {
    expect(split(120, 1, 0)).toEqual({ a: 2, b: 1 });
    expect(split(0, 2, 2)).toEqual({ a: 2, b: 1 });
  });
});

describe("what is remembered", () => {
  it("is plain JSON that stays small under a steady load", () => {
    let memory: WorkloadMemory = EMPTY_MEMORY;
    for (let i = 0; i < 500; i += 1) {
      const now = NOON + i * MINUTE;
      ({ memory } = decided({ signals: { queue: steady(30, now) }, pool: poolOf(2), memory, now }));
    }
    expect(JSON.parse(JSON.stringify(memory))).toEqual(memory);
    expect(memory.recommendations.length).toBeLessThanOrEqual(2);
  });

  it("deciding again at once changes nothing", () => {
    const given = { signals: { queue: steady(120, NOON) }, pool: poolOf(1) };
    const first = decided(given);
    const again = decided({ ...given, memory: first.memory });
    expect(again.decision).toEqual(first.decision);
    expect(again.memory).toEqual(first.memory);
  });
});

describe("a signal that says zero while there are no nodes", () => {
  it("has been zero for as long as any window looks back", () => {
    const signals = { queue: { source: "prom", query: "q", maxAge: "90s", whenEmpty: "zero" as const } };
    const policy = fleetOf({ nodes: { min: 0, max: 6 } }, { signals });
    const given = { policy, signals: { queue: { kind: "empty" } as const }, pool: poolOf(0), memory: settledAt(0) };
    const { conditions } = stageOf(decided(given), "demand");
    expect(conditions?.map((c) => c.verdict)).toEqual(["false", "true"]);
  });
});
