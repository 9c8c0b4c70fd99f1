import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady } from "../../../test/support/fleet.ts";
import type { WorkloadMemory } from "../../model/memory.ts";
import { behavior } from "./behavior.ts";
import { contextOf, draftOf } from "./stage.fixture.ts";

const targets = [{ signal: "queue", perNode: 10 }];
const fleet = (behavior: object = {}) =>
  fleetOf({ targets, scaleUp: undefined, scaleDown: undefined, nodes: { min: 0, max: 100 }, behavior });
const sized = (queue: number, nodes: number, behavior: object = {}, more: Partial<WorkloadMemory> = {}) =>
  decided({
    policy: fleet(behavior),
    signals: { queue: steady(queue, NOON) },
    pool: poolOf(nodes, nodes, { max: 100 }),
    memory: { ...settledAt(nodes), ...more },
  });
const percent = (value: number) => ({ policies: [{ type: "Percent", value, periodSeconds: 60 }] });
const nodesOf = (value: number) => ({ policies: [{ type: "Nodes", value, periodSeconds: 60 }] });

describe("with HPA's defaults", () => {
  it.each([
    [500, 2, 6, "RateLimited"],
    [500, 10, 20, "RateLimited"],
    [50, 2, 5, "TargetExceeded"],
    [10, 40, 1, "BelowTarget"],
  ])("a demand of %i from %i nodes is met as far as %i now: %s", (queue, nodes, want, reason) => {
    expect(sized(queue, nodes).decision).toMatchObject({ want, reason });
  });

  it("says what the rates allow", () => {
    expect(sized(500, 2).decision.detail).toBe("the rate policies allow 6 now, 50 is wanted");
  });

  it("counts what was added lately", () => {
    const lately = (ago: number) => ({ scaleUps: [{ at: NOON - ago, change: 3 }] });
    expect(sized(500, 5, {}, lately(14)).decision.want).toBe(6);
    expect(sized(500, 5, {}, lately(15)).decision.want).toBe(10);
  });

  it("waits with shrinking for as long as more was recommended", () => {
    const log = (ago: number, nodes: number) => ({ recommendations: [{ at: NOON - ago, nodes }] });
    expect(sized(10, 8, {}, log(299, 6)).decision).toMatchObject({ want: 6 });
    expect(sized(10, 8, {}, log(299, 9)).decision).toMatchObject({ want: 8, reason: "Stabilizing" });
    expect(sized(10, 8, {}, log(300, 9)).decision).toMatchObject({ want: 1, reason: "BelowTarget" });
    expect(sized(10, 8, {}, log(299, 9)).decision.detail).toBe(
      "1 is wanted; in the last 5m as many as 9 were recommended",
    );
  });
});

describe("a step that overflows or underflows [F51]", () => {
  it("from zero a percent policy alone leaves zero, as HPA has it: any percentage of zero is zero", () => {
    expect(sized(50, 0, { scaleUp: percent(200) }).decision).toMatchObject({ want: 0, reason: "RateLimited" });
  });

  it("from zero a policy of nodes beside it, or HPA's defaults, wakes", () => {
    const both = { scaleUp: { policies: [...percent(100).policies, ...nodesOf(2).policies] } };
    expect(sized(50, 0, both).decision.want).toBe(2);
    expect(sized(50, 0).decision.want).toBe(4);
  });

  it.each([
    [50, 10, { scaleUp: percent(300) }, 5],
    [500, 3, { scaleUp: percent(200) }, 9],
    [200, 10, { scaleUp: percent(10) }, 11],
    [500, 1, { scaleUp: percent(1) }, 2],
    [10, 10, { scaleDown: percent(100) }, 1],
    [10, 10, { scaleDown: percent(90) }, 1],
    [0, 3, { scaleDown: percent(10) }, 2],
    [0, 1, { scaleDown: percent(10) }, 0],
    [0, 3, { scaleDown: percent(300) }, 0],
    [0, 10, { scaleDown: nodesOf(4) }, 6],
  ])("a demand of %i with %i nodes and %o leads to %i", (queue, nodes, behavior, want) => {
    expect(sized(queue, nodes, behavior).decision.want).toBe(want);
  });
});

describe("a policy's own behavior", () => {
  it("may disable a direction", () => {
    expect(sized(500, 3, { scaleUp: { selectPolicy: "Disabled" } }).decision).toMatchObject({ want: 3 });
    expect(sized(0, 3, { scaleDown: { selectPolicy: "Disabled" } }).decision).toMatchObject({ want: 3 });
  });

  it("may wait with growing", () => {
    const behavior = { scaleUp: { stabilizationWindowSeconds: 120 } };
    const log = (ago: number) => ({ recommendations: [{ at: NOON - ago, nodes: 2 }] });
    expect(sized(50, 2, behavior, log(119)).decision).toMatchObject({ want: 2, reason: "Stabilizing" });
    expect(sized(50, 2, behavior, log(119)).decision.detail).toContain("in the last 2m as few as 2 were recommended");
    expect(sized(50, 2, behavior, log(120)).decision).toMatchObject({ want: 5, reason: "TargetExceeded" });
  });

  it("starts cold with the size it finds, in both directions", () => {
    const behavior = { scaleUp: { stabilizationWindowSeconds: 120 } };
    expect(sized(50, 2, behavior, { recommendations: [] }).decision.want).toBe(2);
    expect(sized(0, 2, {}, { recommendations: [] }).decision.want).toBe(2);
  });
});

describe("what is recommended", () => {
  it("is remembered before windows, rates and bounds", () => {
    expect(sized(500, 2).memory.recommendations.at(-1)).toEqual({ at: NOON, nodes: 50 });
  });

  it("is forgotten once no window reaches it", () => {
    const recommendations = [
      { at: NOON - 20 * MINUTE, nodes: 9 },
      { at: NOON - MINUTE, nodes: 7 },
    ];
    const log = sized(30, 3, {}, { recommendations }).memory.recommendations;
    expect(log).toEqual([
      { at: NOON - MINUTE, nodes: 7 },
      { at: NOON, nodes: 3 },
    ]);
  });
});

it("says when nothing binds", () => {
  expect(stageOf(sized(30, 3), "behavior")).toMatchObject({
    reason: "Unaffected",
    detail: "no window or rate policy binds",
  });
});

describe("whether windows and rate policies bind at all", () => {
  const objective = { arrivals: "util", backlog: "queue", maxWait: "60s" };
  const stageOn = (workload: Parameters<typeof fleetOf>[0]) => {
    const policy = fleetOf({ scaleUp: undefined, scaleDown: undefined, nodes: { min: 0, max: 100 }, ...workload });
    const context = contextOf({ policy, pools: { llm: poolOf(2, 2, { max: 100 }) }, memory: settledAt(2) });
    const { draft, reason, detail } = behavior(draftOf(50), context);
    return { want: draft.want, reason, detail };
  };
  const limited = { want: 6, reason: "RateLimited", detail: "the rate policies allow 6 now, 50 is wanted" };

  it.each([
    ["a policy that is silent has HPA's", { targets }],
    ["a policy that names its own has those", { targets, behavior: {} }],
    ["an objective with a behavior beside it has that", { objective, behavior: {} }],
  ])("%s", (_, workload) => {
    expect(stageOn(workload)).toEqual(limited);
  });

  it("an objective without one has none", () => {
    expect(stageOn({ objective })).toEqual({
      want: 50,
      reason: "Unaffected",
      detail: "the objective itself weighs how long a size is kept",
    });
  });
});
