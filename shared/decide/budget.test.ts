import { describe, expect, it } from "vitest";
import { decided, type Given, settledAt } from "../../test/support/decided.ts";
import { fleetOf, NOON, poolOf, steady } from "../../test/support/fleet.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import { type Budget, contextOf, pool } from "./budget.fixture.ts";
import { budgetCeiling } from "./budget.ts";

const priced = (budget: Budget, add = 4, ...pools: ReturnType<typeof pool>[]) =>
  fleetOf(
    {
      nodes: { min: 0, max: 20 },
      pools: pools.length === 0 ? [pool("llm", 10)] : pools,
      scaleUp: { any: [{ signal: "queue", above: 50 }], add },
      behavior: { scaleUp: { policies: [{ type: "Nodes", value: 100, periodSeconds: 15 }] } },
    },
    { budget },
  );
const grown = (policy: ReturnType<typeof priced>, nodes: number, more: Given = {}) =>
  decided({
    policy,
    signals: { queue: steady(120, NOON) },
    pool: poolOf(nodes, nodes, { max: 30 }),
    memory: settledAt(nodes),
    ...more,
  }).decision;
const spent = (dollars: number, more: Partial<NonNullable<WorkloadMemory["spending"]>> = {}): WorkloadMemory => ({
  ...settledAt(2),
  spending: { day: "2026-11-18", at: NOON, perHour: 20, spent: dollars, ...more },
});

describe("a budget for the hour", () => {
  it.each([
    [100, 2, 6, "RuleMatched"],
    [60, 2, 6, "RuleMatched"],
    [59.99, 2, 5, "BudgetReached"],
    [40, 2, 4, "BudgetReached"],
    [20, 2, 2, "BudgetReached"],
    [0, 2, 2, "BudgetReached"],
    [0, 0, 0, "BudgetReached"],
  ])("of %d lets %i nodes at 10 an hour grow to %i [F59]", (perHour, nodes, want, reason) => {
    expect(grown(priced({ perHour }), nodes)).toMatchObject({ want, reason });
  });

  it.each([
    [12.3, 36.9, 3],
    [0.1, 0.3, 3],
    [0.53, 1.59, 3],
    [12.3, 36.89, 2],
  ])("may be reached to the cent: nodes at %d within %d [F59]", (price, perHour, want) => {
    expect(grown(priced({ perHour }, 6, pool("llm", price)), 0).want).toBe(want);
  });

  it("never shrinks, be it long exceeded [F59]", () => {
    expect(grown(priced({ perHour: 10 }), 8)).toMatchObject({ want: 8, reason: "BudgetReached" });
    const idle = decided({
      policy: priced({ perHour: 10 }),
      signals: { queue: steady(0, NOON) },
      pool: poolOf(8),
      memory: settledAt(8),
    });
    expect(idle.decision).toMatchObject({ want: 7, reason: "RuleMatched" });
  });

  it("is the whole fleet's [T27]", () => {
    const others = { perHour: 30, today: 0 };
    expect(grown(priced({ perHour: 60 }), 2, { others })).toMatchObject({ want: 3, reason: "BudgetReached" });
  });

  it("says what growing would cost", () => {
    const text = "6 nodes would take the fleet to 60.00 USD an hour; budget.perHour is 45.00 USD";
    expect(grown(priced({ perHour: 45 }), 2).detail).toBe(text);
  });

  it("stops the calendar and nodes.min as well, as an operator's ceiling would", () => {
    const policy = fleetOf({ pools: [pool("llm", 10)], nodes: { min: 3, max: 6 } }, { budget: { perHour: 20 } });
    const { decision } = decided({
      policy,
      signals: { queue: steady(30, NOON) },
      pool: poolOf(1),
      memory: settledAt(1),
    });
    expect(decision).toMatchObject({ want: 2, reason: "BudgetReached" });
  });

  it("counts each pool at its own price", () => {
    const policy = priced({ perHour: 40 }, 4, pool("spot", 5), pool("llm", 20));
    const pools = { spot: poolOf(1, 1, { max: 3 }), llm: poolOf(0) };
    expect(grown(policy, 1, { pools, memory: settledAt(0) })).toMatchObject({ want: 4, pools: { spot: 3, llm: 1 } });
  });
});

describe("a budget for the day [T27]", () => {
  it.each([
    [1000, 940, 6, "RuleMatched"],
    [1000, 940.01, 5, "BudgetReached"],
    [1000, 960, 4, "BudgetReached"],
    [1000, 1200, 2, "BudgetReached"],
  ])("of %d with %d spent lets it grow to %i, for the next hour is counted in", (perDay, dollars, want, reason) => {
    expect(grown(priced({ perDay }), 2, { memory: spent(dollars) })).toMatchObject({ want, reason });
  });

  it("starts afresh with the day of the policy's time zone", () => {
    const yesterday = spent(1200, { day: "2026-11-17" });
    expect(grown(priced({ perDay: 1000 }), 2, { memory: yesterday }).want).toBe(6);
  });

  it("counts what others spent, and what ran since the last look", () => {
    expect(grown(priced({ perDay: 1000 }), 2, { others: { perHour: 0, today: 960 }, memory: spent(0) }).want).toBe(4);
    const before = spent(930, { at: NOON - 1800 });
    expect(grown(priced({ perDay: 1000 }), 2, { memory: before })).toMatchObject({ want: 6 });
    expect(grown(priced({ perDay: 1000 }), 2, { memory: spent(930.01, { at: NOON - 1800 }) })).toMatchObject({
      want: 5,
    });
  });

  it("says what is spent and what an hour would add", () => {
    const text = "960.00 USD are spent today and 6 nodes would add 60.00 USD in an hour; budget.perDay is 1000.00 USD";
    expect(grown(priced({ perDay: 1000 }), 2, { memory: spent(960) }).detail).toBe(text);
  });
});

describe("a missing price [F60]", () => {
  it("stops growth where a budget is set", () => {
    expect(grown(priced({ perHour: 1000 }, 4, pool("llm")), 2)).toMatchObject({ want: 2, reason: "PriceUnknown" });
  });

  it("matters to nobody without a budget", () => {
    const policy = fleetOf({ pools: [pool("llm")] });
    expect(grown(policy, 2)).toMatchObject({ want: 4, reason: "RuleMatched" });
  });

  it("of a later pool lets the priced one before it fill up", () => {
    const policy = priced({ perHour: 1000 }, 4, pool("spot", 5), pool("llm"));
    const pools = { spot: poolOf(1, 1, { max: 3 }), llm: poolOf(0) };
    expect(grown(policy, 1, { pools, memory: settledAt(0) })).toMatchObject({ want: 3, reason: "PriceUnknown" });
  });
});

it("what the other workloads cost and cannot be read is not paid for", () => {
  const { want, reason, detail } = grown(priced({ perHour: 1000 }), 2, { others: { unknown: "timeout" } });
  expect({ want, reason }).toEqual({ want: 2, reason: "SpendingUnknown" });
  expect(detail).toContain("timeout");
});

describe("the most that a budget allows", () => {
  it.each([
    [8, 10, 5],
    [4, 10, null],
    [5, 10, null],
    [6, 10, 5],
    [8, 80, null],
    [8, 70, 7],
    [8, 69.99, 6],
  ])("for %i nodes where 5 run at 10 an hour, within %d: %s", (want, perHour, nodes) => {
    const limit = budgetCeiling(contextOf({ perHour }, { llm: { price: 10, nodes: 5 } }), want);
    expect(limit?.nodes ?? null).toBe(nodes);
  });

  it("is judged where the nodes will stand once all have moved to the better pool: 4 at 5, not 2 at 5 and 2 at 20", () => {
    const context = contextOf({ perHour: 20 }, { better: { price: 5, nodes: 0 }, other: { price: 20, nodes: 2 } });
    expect(budgetCeiling(context, 4)).toBeNull();
    expect(budgetCeiling(context, 5)?.nodes).toBe(4);
  });

  it("for a day can be told while a node that nobody priced is leaving, and nothing was counted yet", () => {
    const standing = { llm: { price: 10, nodes: 2 }, old: { nodes: 0, ready: 1 } };
    expect(budgetCeiling(contextOf({ perDay: 40 }, standing), 4)).toBeNull();
    expect(budgetCeiling(contextOf({ perDay: 30 }, standing), 4)?.nodes).toBe(3);
  });
});
