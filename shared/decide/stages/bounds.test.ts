import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, NOON, poolOf, steady } from "../../../test/support/fleet.ts";
import type { Override, WorkloadMemory } from "../../model/memory.ts";
import type { PoolErrorKind, PoolObservation } from "../../model/pool.ts";
import { pool } from "../budget.fixture.ts";
import { NEVER_FAILED } from "../capacity/health.ts";

const queue = (value: number) => ({ queue: steady(value, NOON) });
const sized = (value: number, nodes: number, more: Parameters<typeof decided>[0] = {}) =>
  decided({ signals: queue(value), pool: poolOf(nodes), memory: settledAt(nodes), ...more });

describe("nodes.min and nodes.max", () => {
  it.each([
    [30, 0, 1, "AtMinimum"],
    [30, 8, 6, "AtMaximum"],
    [0, 8, 6, "AtMaximum"],
    [120, 8, 6, "AtMaximum"],
    [120, 6, 6, "AtMaximum"],
    [30, 6, 6, "NoRuleMatched"],
    [30, 1, 1, "NoRuleMatched"],
  ])("bind at once: a queue of %i and %i nodes lead to %i: %s", (value, nodes, want, reason) => {
    expect(sized(value, nodes).decision).toMatchObject({ want, reason });
  });

  it.each([
    [0, 4],
    [5, 4],
    [9, 4],
  ])("where min lies above max, %i nodes become %i, for a ceiling costs less [F52]", (nodes, want) => {
    expect(sized(30, nodes, { policy: fleetOf({ nodes: { min: 6, max: 4 } }) }).decision.want).toBe(want);
  });

  it("say between which sizes demand was free", () => {
    expect(stageOf(sized(30, 3), "bounds")).toMatchObject({ reason: "Unaffected", detail: "within 1 and 6" });
  });
});

describe("the clouds' own maxima", () => {
  it.each([
    [2, 1, 120, 2, "AtMaximum"],
    [1, 1, 120, 1, "AtMaximum"],
    [2, 4, 120, 4, "AtMaximum"],
    [2, 4, 0, 3, "RuleMatched"],
  ])("of %i stop growth from %i, and never shrink [F86]", (max, nodes, value, want, reason) => {
    expect(sized(value, nodes, { pool: poolOf(nodes, nodes, { max }) }).decision).toMatchObject({ want, reason });
  });

  it.each([
    [5, "the clouds' own maxima for the pools add up to 5"],
    [6, "nodes.max is 6"],
    [7, "nodes.max is 6"],
  ])("of %i are named only where they are below the policy's", (max, detail) => {
    const made = sized(120, 5, { pool: poolOf(5, 5, { max }) });
    expect(stageOf(made, "bounds")).toMatchObject({ want: Math.min(max, 6), reason: "AtMaximum", detail });
  });

  it("outrank a floor and a hold, for the cloud would refuse [F86]", () => {
    const hold: Override = { kind: "hold", nodes: 5, reason: "r", actor: "a", at: NOON, until: NOON + 60 };
    const memory: WorkloadMemory = { ...settledAt(1), overrides: [hold] };
    const { decision } = sized(30, 1, { memory, pool: poolOf(1, 1, { max: 3 }) });
    expect(decision).toMatchObject({ want: 3, reason: "AtMaximum" });
  });
});

describe("pools that do not answer", () => {
  const two = fleetOf({
    pools: ["a", "b"].map((name) => ({
      name,
      capacity: "on-demand" as const,
      eks: { region: "eu-west-1", cluster: "c", nodegroup: name },
    })),
  });
  const unseen = (kind: PoolErrorKind): PoolObservation => ({ kind: "unseen", error: { kind, message: `b: ${kind}` } });
  const memory: WorkloadMemory = {
    ...settledAt(3),
    pools: {
      a: { at: NOON - 60, desired: 1, ready: 1, health: NEVER_FAILED },
      b: { at: NOON - 60, desired: 2, ready: 2, health: NEVER_FAILED },
    },
  };
  const seen = (value: number, pools: Record<string, PoolObservation>, overrides: Override[] = []) =>
    decided({ policy: two, signals: queue(value), pools, memory: { ...memory, overrides } });
  const look = (...args: Parameters<typeof seen>) => seen(...args).decision;

  it("keep what was last seen while the others grow", () => {
    expect(look(120, { a: poolOf(1), b: unseen("Unavailable") })).toMatchObject({
      current: 3,
      want: 5,
      pools: { a: 3, b: 2 },
    });
  });

  it("stop all shrinking, be it demand's or a ceiling's", () => {
    expect(look(0, { a: poolOf(1), b: unseen("Unavailable") })).toMatchObject({
      want: 3,
      reason: "CloudUnavailable",
      pools: { a: 1, b: 2 },
      detail: "b: Unavailable; the next run tries again",
    });
    const hold: Override = { kind: "hold", nodes: 1, reason: "r", actor: "a", at: NOON, until: NOON + 60 };
    expect(look(30, { a: poolOf(1), b: unseen("Throttled") }, [hold]).want).toBe(3);
  });

  it("are not told while the size stays", () => {
    const stays = { want: 3, reason: "Unaffected", detail: "within 1 and 6" };
    expect(stageOf(seen(30, { a: poolOf(1), b: unseen("Unavailable") }), "bounds")).toMatchObject(stays);
    // As many as the clouds were last known to have.
    const all = { ...stays, detail: "within 1 and 3" };
    expect(stageOf(seen(30, {}), "bounds")).toMatchObject(all);
  });

  it("leave nothing to grow when it is all of them", () => {
    expect(look(120, { a: unseen("Unavailable"), b: unseen("Unavailable") })).toMatchObject({ want: 3 });
    expect(look(120, {})).toMatchObject({ want: 3, reason: "CloudUnavailable" });
    expect(look(120, {}).detail).toBe("pool a was not read; the next run tries again");
  });

  it.each([
    ["Forbidden", "Forbidden", "b: Forbidden"],
    ["NotFound", "NotFound", "b: NotFound"],
    ["Invalid", "Invalid", "b: Invalid"],
    ["Busy", "CloudUnavailable", "b: Busy; the next run tries again"],
    ["QuotaExceeded", "CloudUnavailable", "b: QuotaExceeded"],
  ] as const)("by %s give the reason %s", (kind, reason, detail) => {
    expect(look(0, { a: poolOf(1), b: unseen(kind) })).toMatchObject({ reason, detail });
  });

  it("grow no further than the seen ones have room", () => {
    expect(look(120, { a: poolOf(1, 1, { max: 2 }), b: unseen("Unavailable") })).toMatchObject({
      want: 4,
      pools: { a: 2, b: 2 },
    });
  });
});

describe("the reason", () => {
  it("names the pause that keeps the size below its floor", () => {
    const pause: Override = { kind: "pause", direction: "out", reason: "r", actor: "a", at: NOON, until: NOON + 60 };
    const { decision } = sized(30, 0, { memory: { ...settledAt(0), overrides: [pause] } });
    expect(decision).toMatchObject({ want: 0, reason: "Paused" });
    expect(decision.detail).toContain("; it would be 1");
  });

  it("names no pause where nothing would move", () => {
    const pause: Override = { kind: "pause", direction: "both", reason: "r", actor: "a", at: NOON, until: NOON + 60 };
    const made = sized(30, 3, { memory: { ...settledAt(3), overrides: [pause] } });
    expect(stageOf(made, "bounds")).toMatchObject({ want: 3, reason: "Unaffected", detail: "within 1 and 6" });
  });

  it("names the calendar's zero while it keeps a workload with a minimum at zero", () => {
    const schedules = [{ name: "night", start: "0 11 * * *", end: "0 13 * * *", nodes: { exactly: 0 } }];
    expect(sized(30, 0, { policy: fleetOf({ schedules }) }).decision).toMatchObject({
      want: 0,
      reason: "WindowStarted",
    });
  });
});

describe("a budget by the hour, of nodes at 2 USD", () => {
  const bounded = (perHour: number, queued: number, nodes: number, max = 10) => {
    const policy = fleetOf({ pools: [pool("llm", 2)] }, { budget: { perHour } });
    return stageOf(sized(queued, nodes, { policy, pool: poolOf(nodes, nodes, { max }) }), "bounds");
  };

  it.each([
    [10, 3, 5, "Unaffected", "within 1 and 6"],
    [8, 3, 4, "BudgetReached", "5 nodes would take the fleet to 10.00 USD an hour; budget.perHour is 8.00 USD"],
    [6, 3, 3, "BudgetReached", "5 nodes would take the fleet to 10.00 USD an hour; budget.perHour is 6.00 USD"],
    [2, 3, 3, "BudgetReached", "5 nodes would take the fleet to 10.00 USD an hour; budget.perHour is 2.00 USD"],
    [12, 5, 6, "AtMaximum", "nodes.max is 6"],
  ])("of %i USD takes %i nodes, of which two more are wanted, to %i: %s", (perHour, nodes, want, reason, detail) => {
    expect(bounded(perHour, 120, nodes)).toMatchObject({ want, reason, detail });
  });

  it("shrinks nothing, though it is far exceeded", () => {
    expect(bounded(2, 30, 3)).toMatchObject({ want: 3, reason: "Unaffected", detail: "within 1 and 6" });
  });

  it("is asked for no more than the clouds would give", () => {
    expect(bounded(8, 120, 3, 4)).toMatchObject({
      want: 4,
      reason: "AtMaximum",
      detail: "the clouds' own maxima for the pools add up to 4",
    });
  });
});
