import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady } from "../../test/support/fleet.ts";
import { busyFleet, node, readingsAt } from "../../test/support/shrinking.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import type { PoolObservation } from "../model/pool.ts";
import { NEVER_FAILED } from "./capacity/health.ts";

const LONG = steady(120, NOON);
const CALM = steady(30, NOON);
const SHORT = steady(0, NOON);

/** Two pools whose nodes say whether they work; the second gives way to the first. */
const policy = busyFleet({
  scaleUp: { any: [{ signal: "queue", above: 50, for: "2m" }], add: 1 },
  pools: ["better", "other"].map((name) => ({
    name,
    capacity: "on-demand" as const,
    eks: { region: "eu-central-1", cluster: "prod", nodegroup: name },
  })),
});
const poolWith = (...ids: readonly string[]): PoolObservation =>
  poolOf(ids.length, ids.length, { nodes: ids.map((id) => node(id)) });
const at = (nodes: number) => ({ at: NOON - MINUTE, desired: nodes, ready: nodes, health: NEVER_FAILED });

/** A memory of a size whose replacements stand in `better`, while `other` still has what they replace. */
function replaced(size: number, better: number, other: number): WorkloadMemory {
  const total = better + other;
  return {
    ...settledAt(size),
    pools: { better: at(better), other: at(other) },
    assigned: { before: { size, total }, after: { size, total }, pools: { better, other } },
    lastDecision: { at: NOON - MINUTE, current: size, want: size, reason: "NoRuleMatched", detail: "" },
  };
}

describe("busy nodes that keep a pool from shrinking are the reason", () => {
  const busy = readingsAt({ "x/a": 1, "x/b": 1, "x/c": 1, "y/a": 1, "y/b": 1 });

  it("when the size shrinks", () => {
    const pool = poolWith("x/a", "x/b", "x/c");
    const signals = { queue: SHORT, busy };
    const { decision } = decided({ policy: busyFleet(), signals, pool, memory: settledAt(3) });
    expect(decision).toMatchObject({ current: 3, want: 2, pools: { llm: 3 }, reason: "BusyNodes" });
    expect(decision.detail).toContain("1 of 1 nodes that should go is busy");
  });

  it("when the size stays, though a window holds it", () => {
    const made = decided({
      policy,
      signals: { queue: SHORT, busy },
      pools: { better: poolWith("x/a", "x/b", "x/c"), other: poolWith("y/a") },
      memory: { ...replaced(3, 3, 1), recommendations: [{ at: NOON - 4 * MINUTE, nodes: 3 }] },
    });
    expect(made.decision).toMatchObject({ current: 3, want: 3, pools: { better: 3, other: 1 }, reason: "BusyNodes" });
    expect(stageOf(made, "behavior").reason).toBe("Stabilizing");
  });

  it("but not when the size grows", () => {
    const made = decided({
      policy,
      signals: { queue: LONG, busy },
      pools: { better: poolWith("x/a", "x/b"), other: poolWith("y/a", "y/b") },
      memory: replaced(2, 2, 2),
    });
    // Three of the four that are ready are wanted, so one of `other` might go.
    expect(made.decision).toMatchObject({ current: 2, want: 3, pools: { better: 3, other: 2 }, reason: "RuleMatched" });
    expect(stageOf(made, "scale-in").reason).toBe("BusyNodes");
  });
});

describe("pools that cannot take what is wanted are the reason", () => {
  const backingOff = (trouble: "NoCapacity" | "QuotaExceeded"): WorkloadMemory => {
    const health = { ...NEVER_FAILED, failures: 1, failedAt: NOON - MINUTE, trouble, backoffUntil: NOON + MINUTE };
    return { ...settledAt(3), pools: { llm: { ...at(3), health } } };
  };

  it.each(["NoCapacity", "QuotaExceeded"] as const)("though the size is to grow: %s", (trouble) => {
    const { decision } = decided({ signals: { queue: LONG }, pool: poolOf(3), memory: backingOff(trouble) });
    expect(decision).toMatchObject({ current: 3, want: 5, pools: { llm: 3 }, reason: trouble });
    expect(decision.detail).toContain("no pool may be asked for 2 more");
  });

  it("but not when nothing more is wanted", () => {
    const { decision } = decided({ signals: { queue: SHORT }, pool: poolOf(3), memory: backingOff("NoCapacity") });
    expect(decision).toMatchObject({ want: 2, pools: { llm: 2 }, reason: "RuleMatched" });
  });
});

describe("while the size stays, the reason is", () => {
  const unseen: PoolObservation = { kind: "unseen", error: { kind: "Forbidden", message: "pool llm: access denied" } };
  const by = { reason: "release", actor: "on-call", at: NOON - MINUTE, until: NOON + MINUTE };
  const hold = { ...by, kind: "hold", nodes: 3 } as const;
  const pause = { ...by, kind: "pause", direction: "out" } as const;
  const floor = fleetOf({ nodes: { min: 4, max: 6 } });

  it.each([
    [
      "demand, where nothing else speaks",
      fleetOf(),
      poolOf(3),
      [],
      "NoRuleMatched",
      "queue above 50 for 2m: no, queue is 30",
    ],
    [
      "a hold at that size",
      fleetOf(),
      poolOf(3),
      [hold],
      "Held",
      "hold until 2026-11-18T12:01:00.000Z by on-call: release",
    ],
    [
      "the pool that cannot be seen and ought to grow to nodes.min",
      floor,
      unseen,
      [],
      "Forbidden",
      "pool llm: access denied",
    ],
    [
      "the pause that keeps it below nodes.min",
      floor,
      poolOf(3),
      [pause],
      "Paused",
      "scaling out paused until 2026-11-18T12:01:00.000Z by on-call: release; it would be 4",
    ],
  ])("%s", (_, fleet, pool, overrides, reason, detail) => {
    const memory = { ...settledAt(3), overrides };
    const { decision } = decided({ policy: fleet, signals: { queue: CALM }, pool, memory });
    expect(decision).toMatchObject({ current: 3, want: 3, reason, detail });
  });
});
