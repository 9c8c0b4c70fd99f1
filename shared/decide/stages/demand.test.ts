import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, NOON, poolOf, steady, unknown } from "../../../test/support/fleet.ts";
import type { SignalObservation } from "../../model/signal.ts";
import { demand } from "./demand.ts";
import { contextOf, draftOf } from "./stage.fixture.ts";

/** Ten in the queue for each node, or a hundred of `util`. */
const BY_QUEUE = { signal: "queue", perNode: 10 };
const BY_UTIL = { signal: "util", perNode: 100 };
const plain = { source: "prom", query: "x", maxAge: "90s" };
const noRules = { scaleUp: undefined, scaleDown: undefined, nodes: { min: 0, max: 100 } };
const targeted = (...targets: (typeof BY_QUEUE)[]) =>
  fleetOf({ ...noRules, targets }, { signals: { queue: plain, util: plain } });

const is = (value: number | null): SignalObservation => (value === null ? unknown : steady(value, NOON));

/** What the stage proposes for four nodes, given these signals; null is unknown. */
function proposed(policy: ReturnType<typeof fleetOf>, queue: number | null, util: number | null = 0, nodes = 4) {
  const context = contextOf({
    policy,
    pools: { llm: poolOf(nodes) },
    signals: { queue: is(queue), util: is(util) },
    memory: settledAt(nodes),
  });
  const { draft, reason, detail, conditions } = demand(draftOf(nodes), context);
  return { want: draft.want, demanded: draft.demanded, causes: draft.causes, reason, detail, conditions };
}

describe("of several proposals", () => {
  it.each([
    [50, 200, 5, "TargetExceeded", "queue is 50, 10 wanted for each node: 5 nodes"],
    [20, 900, 9, "TargetExceeded", "util is 900, 100 wanted for each node: 9 nodes"],
    [20, 100, 2, "BelowTarget", "queue is 20, 10 wanted for each node: 2 nodes"],
    [10, 300, 3, "BelowTarget", "util is 300, 100 wanted for each node: 3 nodes"],
    [10, 400, 4, "WithinTolerance", "util is 400, 100 wanted for each node: 4 nodes"],
  ])("the largest wins: a queue of %i and a util of %i ask for %i", (queue, util, want, reason, detail) => {
    for (const targets of [
      [BY_QUEUE, BY_UTIL],
      [BY_UTIL, BY_QUEUE],
    ])
      expect(proposed(targeted(...targets), queue, util)).toMatchObject({ want, demanded: want, reason, detail });
  });

  it("the first of equals speaks", () => {
    expect(proposed(targeted(BY_QUEUE, BY_UTIL), 60, 600)).toMatchObject({
      want: 6,
      detail: expect.stringMatching(/^queue is 60,/),
    });
    expect(proposed(targeted(BY_UTIL, BY_QUEUE), 60, 600)).toMatchObject({
      want: 6,
      detail: expect.stringMatching(/^util is 600,/),
    });
  });

  it.each([
    [60, 6, "queue above 50 for 2m: yes, queue is 60 and has been for 30m"],
    [70, 7, "queue is 70, 10 wanted for each node: 7 nodes"],
  ])("a rule that adds two and a target are compared as well: a queue of %i asks for %i", (queue, want, detail) => {
    expect(proposed(fleetOf({ targets: [BY_QUEUE], nodes: { min: 0, max: 100 } }), queue)).toMatchObject({
      want,
      detail,
    });
  });

  it("every one that asks for growth is remembered as a cause", () => {
    expect(proposed(targeted(BY_QUEUE, BY_UTIL), 60, 900).causes).toEqual({ queue: 60, util: 900 });
    expect(proposed(targeted(BY_QUEUE, BY_UTIL), 60, 100).causes).toEqual({ queue: 60 });
    expect(proposed(targeted(BY_QUEUE, BY_UTIL), 10, 100).causes).toBeNull();
  });
});

describe("an unknown input", () => {
  it.each([
    ["forbids the others to shrink", 10, 4, "SignalUnknown", "util: no answer within 8 s"],
    ["is what is told while the others want what there is", 40, 4, "SignalUnknown", "util: no answer within 8 s"],
    ["lets the others grow", 60, 6, "TargetExceeded", "queue is 60, 10 wanted for each node: 6 nodes"],
  ])("%s: a queue of %i asks for %i", (_, queue, want, reason, detail) => {
    for (const targets of [
      [BY_QUEUE, BY_UTIL],
      [BY_UTIL, BY_QUEUE],
    ])
      expect(proposed(targeted(...targets), queue, null)).toMatchObject({ want, reason, detail });
  });

  it("leaves open what demand asks for, whatever the others say", () => {
    for (const queue of [0, 40, 60]) expect(proposed(targeted(BY_QUEUE, BY_UTIL), queue, null).demanded).toBeNull();
    expect(proposed(targeted(BY_QUEUE, BY_UTIL), 0, 0).demanded).toBe(0);
  });

  it("is told by the first of several", () => {
    const stale = steady(10, NOON - 600);
    const context = contextOf({
      policy: targeted(BY_UTIL, BY_QUEUE),
      pools: { llm: poolOf(4) },
      signals: { queue: unknown, util: stale },
    });
    expect(demand(draftOf(4), context)).toMatchObject({ draft: { want: 4 }, reason: "SignalStale" });
  });
});

describe("the trace", () => {
  it("shows every condition of the rules, and none for targets", () => {
    const policy = fleetOf({ targets: [BY_QUEUE] });
    const judged = proposed(policy, 30).conditions ?? [];
    expect(judged.map((c) => c?.detail)).toEqual([
      "queue above 50 for 2m: no, queue is 30",
      "queue below 10 for 15m: no, queue is 30",
    ]);
    expect(proposed(targeted(BY_QUEUE), 30).conditions).toEqual([]);
  });

  it("says when the policy states no demand, and keeps the size", () => {
    const made = decided({ policy: fleetOf(noRules), pool: poolOf(4), memory: settledAt(4) });
    expect(made.decision).toMatchObject({ want: 4, reason: "Unaffected" });
    expect(stageOf(made, "demand")).toEqual({
      stage: "demand",
      want: 4,
      reason: "Unaffected",
      detail: "the policy states no demand for this workload",
    });
  });
});
