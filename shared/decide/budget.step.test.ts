import { describe, expect, it } from "vitest";
import { contextOf } from "./budget.fixture.ts";
import { affordable } from "./budget.ts";

const cheap = (nodes: number) => ({ price: 5, nodes });
const middling = (nodes: number) => ({ price: 10, nodes });
const dear = (nodes: number) => ({ price: 20, nodes });
const unpriced = (nodes: number) => ({ nodes });

describe("a step that can be paid for is taken as it is", () => {
  it.each([
    ["within the hour's budget", 100, { cheap: cheap(1), dear: dear(1) }, { cheap: 3, dear: 2 }],
    ["to the cent", 55, { cheap: cheap(1), dear: dear(1) }, { cheap: 3, dear: 2 }],
    [
      "that costs less than what runs, be the budget long exceeded",
      5,
      { dear: dear(2), cheap: cheap(0) },
      { cheap: 2 },
    ],
    ["that costs as much as what runs", 5, { dear: dear(1), cheap: cheap(0) }, { dear: 0, cheap: 4 }],
    ["that only gives up nodes", 5, { dear: dear(3) }, { dear: 2 }],
    ["that only gives up nodes which nobody priced", 5, { llm: unpriced(3) }, { llm: 2 }],
    ["that leaves nodes which nobody priced", 5, { llm: unpriced(3) }, { llm: 3 }],
  ])("%s", (_, perHour, standing, wanted) => {
    expect(affordable(contextOf({ perHour }, standing), wanted)).toEqual({ pools: wanted, limit: null });
  });

  it("where there is no budget, at whatever price", () => {
    const wanted = { dear: 20, llm: 2 };
    const context = contextOf(null, { dear: dear(0), llm: unpriced(0) });
    expect(affordable(context, wanted)).toEqual({ pools: wanted, limit: null });
  });
});

describe("of a step that cannot be paid for", () => {
  const both = { cheap: cheap(1), dear: dear(1) };
  const dearFirst = { dear: dear(1), cheap: cheap(1) };
  // 3 nodes at 5 and 4 at 20 come to 95.
  const wanted = { cheap: 3, dear: 4 };

  it.each([
    ["the dearest goes, until the rest fits: 15 and 40", 60, both, wanted, { cheap: 3, dear: 2 }],
    ["the dearest goes, wherever the policy lists it", 60, dearFirst, wanted, { cheap: 3, dear: 2 }],
    ["a node less is enough: 15 and 60", 75, both, wanted, { cheap: 3, dear: 3 }],
    ["the next goes once the dearest has nothing to give up: 10 and 20", 30, both, wanted, { cheap: 2, dear: 1 }],
    ["all of it goes, and nothing that runs", 24, both, wanted, { cheap: 1, dear: 1 }],
    [
      "what shrinks still shrinks: 10, 5 and 40",
      55,
      { middling: middling(2), ...both },
      { middling: 1, cheap: 1, dear: 3 },
      { middling: 1, cheap: 1, dear: 2 },
    ],
    [
      "what costs no more than what runs stays: 20 and 20",
      10,
      { cheap: cheap(0), middling: middling(0), dear: dear(2) },
      { cheap: 4, middling: 3, dear: 0 },
      { cheap: 4, middling: 2, dear: 0 },
    ],
    [
      "a replacement waits: 5 and 40",
      45,
      { cheap: cheap(0), dear: dear(2) },
      { cheap: 2, dear: 2 },
      { cheap: 1, dear: 2 },
    ],
  ])("%s", (_, perHour, standing, step, pools) => {
    const { pools: paid, limit } = affordable(contextOf({ perHour }, standing), step);
    expect(paid).toEqual(pools);
    expect(limit?.reason).toBe("BudgetReached");
  });

  it.each([
    ["one step: 15 and 80", 100, 1, 7, 4],
    ["as many steps as it takes: 15 and 20", 60, 1, 7, 1],
    ["what is left of a step", 30, 1, 3, 1],
  ])("a pool in steps of three gives up %s", (_, perHour, has, asked, left) => {
    const standing = { cheap: cheap(3), dear: { ...dear(has), step: 3 } };
    const { pools } = affordable(contextOf({ perHour }, standing), { cheap: 3, dear: asked });
    expect(pools).toEqual({ cheap: 3, dear: left });
  });

  it("is said what stood in the way", () => {
    expect(affordable(contextOf({ perHour: 60 }, both), wanted).limit).toEqual({
      reason: "BudgetReached",
      detail: "this step would take the fleet to 95.00 USD an hour; budget.perHour is 60.00 USD",
    });
  });

  it("the caller's own split stays what it was", () => {
    const step = { cheap: 3, dear: 4 };
    affordable(contextOf({ perHour: 60 }, both), step);
    expect(step).toEqual({ cheap: 3, dear: 4 });
  });
});

describe("a pool without a price does not grow [F60]", () => {
  it.each([
    ["beside one that stays", { cheap: cheap(2), llm: unpriced(0) }, { cheap: 2, llm: 1 }, { cheap: 2, llm: 0 }],
    ["while it has nodes", { llm: unpriced(2) }, { llm: 3 }, { llm: 2 }],
  ])("%s", (_, standing, wanted, pools) => {
    const { pools: paid, limit } = affordable(contextOf({ perHour: 1000 }, standing), wanted);
    expect(paid).toEqual(pools);
    expect(limit?.reason).toBe("PriceUnknown");
  });
});

it("what nobody priced goes before all that has a price, wherever the policy lists it", () => {
  const standing = { llm: unpriced(0), cheap: cheap(1), more: unpriced(0) };
  const { pools, limit } = affordable(contextOf({ perHour: 1000 }, standing), { llm: 1, cheap: 2, more: 1 });
  expect(pools).toEqual({ llm: 0, cheap: 2, more: 0 });
  expect(limit?.reason).toBe("PriceUnknown");
});
