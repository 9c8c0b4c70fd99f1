import { describe, expect, it } from "vitest";
import { decided, settledAt } from "../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, stepped, unknown, workloadIn } from "../../test/support/fleet.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import type { SignalObservation } from "../model/signal.ts";
import { type Outlook, outlook } from "./outlook.ts";

function outlookOf(queue: SignalObservation, memory: WorkloadMemory = settledAt(3), policy = fleetOf()): Outlook {
  const { decision, memory: next } = decided({ policy, signals: { queue }, pool: poolOf(3), memory });
  return outlook(decision, workloadIn(policy), next);
}

describe("what would have to change", () => {
  it.each([
    ["holds", steady(120, NOON), "- queue above 50 for 2m: holds"],
    ["is not there yet", steady(30, NOON), "- queue above 50 for 2m: is 30"],
    ["needs more time", stepped(0, 120, NOON - 45, NOON), "- queue above 50 for 2m: for another 1m15s"],
    ["cannot be read", unknown, "- queue above 50 for 2m: must be known again"],
  ])("a condition that %s", (_, queue, line) => {
    expect(outlookOf(queue).grow).toEqual(["adds 2 when this holds", line]);
  });

  it("names every condition, and whether one or all are needed", () => {
    const both = [
      { signal: "queue", below: 10, for: "15m" },
      { signal: "util", below: 40, for: "20m" },
    ];
    const any = outlookOf(steady(30, NOON), settledAt(3), fleetOf({ scaleDown: { any: both, remove: 1 } }));
    expect(any.shrink).toEqual([
      "removes 1 when any of these hold",
      "- queue below 10 for 15m: is 30",
      "- util below 40 for 20m: must be known again",
    ]);
    const all = outlookOf(steady(30, NOON), settledAt(3), fleetOf({ scaleDown: { all: both, remove: 1 } }));
    expect(all.shrink[0]).toBe("removes 1 when all of these hold");
  });

  it("says of a condition that nobody can meet without nodes that it is not asked", () => {
    const policy = fleetOf({ nodes: { min: 0, max: 6 }, scaleUp: { any: [{ signal: "util", above: 85 }], add: 1 } });
    const signals = { queue: steady(30, NOON), util: { kind: "empty" } as const };
    const { decision, memory } = decided({ policy, signals, pool: poolOf(0), memory: settledAt(0) });
    expect(outlook(decision, workloadIn(policy), memory).grow).toEqual([
      "adds 1 when this holds",
      "- util above 85: not asked while there are no nodes",
    ]);
  });

  it("is nothing that could be said where the workload has no rules", () => {
    const targets = [{ signal: "queue", perNode: 50 }];
    const policy = fleetOf({ scaleUp: undefined, scaleDown: undefined, targets });
    expect(outlookOf(steady(30, NOON), settledAt(1), policy)).toEqual({ grow: [], shrink: [], waiting: [] });
  });

  it("a stabilization window, and when it lets go", () => {
    const memory = { ...settledAt(3), recommendations: [{ at: NOON - 4 * MINUTE, nodes: 3 }] };
    expect(outlookOf(steady(0, NOON), memory).waiting).toEqual([
      "the stabilization window lets go in 1m, unless more is asked for",
    ]);
  });

  it("an override, and when it ends", () => {
    const by = { reason: "release", actor: "on-call", at: NOON - MINUTE, until: NOON + 5 * MINUTE };
    const memory: WorkloadMemory = { ...settledAt(3), overrides: [{ ...by, kind: "pause", direction: "both" }] };
    expect(outlookOf(steady(30, NOON), memory).waiting).toEqual(["the pause of on-call ends in 5m"]);
  });

  it("says nothing of a rule that the policy does not have", () => {
    const { scaleDown: _, ...rest } = workloadIn(fleetOf());
    const { decision, memory } = decided({
      signals: { queue: steady(30, NOON) },
      pool: poolOf(3),
      memory: settledAt(3),
    });
    expect(outlook(decision, rest, memory).shrink).toEqual([]);
  });
});
