import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, stepped } from "../../../test/support/fleet.ts";
import type { Override, WorkloadMemory } from "../../model/memory.ts";
import { recordChange } from "../history.ts";
import { effectiveness } from "./effectiveness.ts";
import { contextOf, draftOf } from "./stage.fixture.ts";

type Causes = Readonly<Record<string, number>>;
const made = (...causes: Causes[]): WorkloadMemory => ({
  ...settledAt(3),
  growth: { causes: {}, made: causes.map((each, i) => ({ at: NOON - (60 - i) * MINUTE, causes: each })) },
});
const busy = (queue: number, memory: WorkloadMemory, more: Parameters<typeof decided>[0] = {}) =>
  decided({ signals: { queue: steady(queue, NOON) }, pool: poolOf(3), memory, ...more });

describe("growing", () => {
  it.each([
    ["after two growths that did not move it", 120, [{ queue: 120 }, { queue: 120 }], 3, "Ineffective"],
    ["after two that moved it by no more than 5 %", 105, [{ queue: 100 }, { queue: 100 }], 3, "Ineffective"],
    ["after two that moved it a little down", 95, [{ queue: 100 }, { queue: 100 }], 3, "Ineffective"],
    ["after two that moved it by more than 5 %", 106, [{ queue: 100 }, { queue: 100 }], 5, "RuleMatched"],
    ["after two of which one moved it", 120, [{ queue: 200 }, { queue: 120 }], 5, "RuleMatched"],
    ["after one", 120, [{ queue: 120 }], 5, "RuleMatched"],
    ["after none", 120, [], 5, "RuleMatched"],
    ["after two for another signal", 120, [{ util: 90 }, { util: 90 }], 5, "RuleMatched"],
    ["after two of which one was for another", 120, [{ util: 90 }, { queue: 120 }], 5, "RuleMatched"],
    [
      "after three, of which the last two count",
      120,
      [{ queue: 500 }, { queue: 120 }, { queue: 120 }],
      3,
      "Ineffective",
    ],
  ])("%s: a queue of %i leads from 3 to %4$i [F48] [T27]", (_, queue, growths: Causes[], want, reason) => {
    expect(busy(queue, made(...growths)).decision).toMatchObject({ want, reason });
  });

  it("says what did not move", () => {
    const { decision } = busy(120, made({ queue: 120 }, { queue: 120 }));
    expect(decision.detail).toBe("queue is still 120 after 2 growths; more nodes do not help");
  });

  it("goes on while one of several signals still moves", () => {
    const policy = fleetOf({
      scaleUp: {
        any: [
          { signal: "queue", above: 50 },
          { signal: "util", above: 80 },
        ],
        add: 2,
      },
    });
    const memory = made({ queue: 120, util: 90 }, { queue: 120, util: 90 });
    const with_ = (util: number) =>
      busy(120, memory, { policy, signals: { queue: steady(120, NOON), util: steady(util, NOON) } }).decision;
    expect(with_(90)).toMatchObject({ want: 3, reason: "Ineffective" });
    expect(with_(90).detail).toContain("queue is still 120, util is still 90");
    expect(with_(99)).toMatchObject({ want: 5, reason: "RuleMatched" });
  });

  it("serves a floor all the same, and no more than that [F48]", () => {
    const wake: Override = { kind: "wake", nodes: 4, reason: "r", actor: "a", at: NOON, until: NOON + 60 };
    const memory = { ...made({ queue: 120 }, { queue: 120 }), overrides: [wake] };
    expect(busy(120, memory).decision).toMatchObject({ want: 4, reason: "Ineffective" });
    expect(busy(30, memory).decision).toMatchObject({ want: 4, reason: "Woken" });
  });

  it("starts afresh once demand has asked for nothing", () => {
    const calm = busy(30, made({ queue: 120 }, { queue: 120 }));
    expect(calm.memory.growth).toEqual({ causes: {}, made: [] });
    expect(busy(120, calm.memory).decision).toMatchObject({ want: 5, reason: "RuleMatched" });
  });

  it("does not start afresh while demand is about to ask", () => {
    const signals = { queue: stepped(0, 120, NOON - 60, NOON) };
    const soon = busy(120, made({ queue: 120 }, { queue: 120 }), { signals });
    expect(soon.memory.growth).toMatchObject({ causes: { queue: 120 }, made: [{}, {}] });
  });

  it("is remembered with what asked for it, the last three times", () => {
    const policy = fleetOf();
    const workload = policy.workloads.llm;
    if (workload === undefined) throw new Error("no llm");
    let { memory } = busy(120, settledAt(3), { policy });
    for (let i = 0; i < 5; i += 1) memory = recordChange(memory, workload, 3 + i, 4 + i, NOON + i);
    expect(memory.growth.made.map((g) => g.at)).toEqual([NOON + 2, NOON + 3, NOON + 4]);
    expect(memory.growth.made[0]?.causes).toEqual({ queue: 120 });
  });
});

describe("nodes that come up without a GPU [F82]", () => {
  const policy = fleetOf({
    gpu: { model: "A100-40GB", perNode: 2, sharing: { timeSlicing: 4 }, allocatable: "free" },
  });
  const offering = fleetOf(policyInput(), {
    signals: {
      queue: { source: "prom", query: "queue", maxAge: "90s" },
      free: { source: "prom", query: "free", maxAge: "90s" },
    },
  });
  function policyInput() {
    return { gpu: { model: "A100-40GB", perNode: 2, sharing: { timeSlicing: 4 }, allocatable: "free" } };
  }
  const sized = (free: number | null, more: Partial<WorkloadMemory> = {}, pool = poolOf(3)) =>
    decided({
      policy: offering,
      signals: { queue: steady(120, NOON), ...(free === null ? {} : { free: steady(free, NOON) }) },
      pool,
      memory: { ...settledAt(3), ...more },
    }).decision;

  it.each([
    [24, 5, "RuleMatched"],
    [25, 5, "RuleMatched"],
    [23, 3, "NodesReadyWithoutGpu"],
    [0, 3, "NodesReadyWithoutGpu"],
    [null, 5, "RuleMatched"],
  ])("3 nodes of 2 cards shared by 4 that offer %s logical GPUs lead to %i [F63]", (free, want, reason) => {
    expect(sized(free)).toMatchObject({ want, reason });
  });

  it("say how many, and where to look", () => {
    expect(sized(8).detail).toBe("2 of 3 ready nodes offer no GPU; look at the driver and the device plugin");
  });

  it("count nodes that are ready, not those asked for", () => {
    expect(sized(16, {}, poolOf(3, 2)).reason).not.toBe("NodesReadyWithoutGpu");
  });

  it("are given the provision timeout to load their driver", () => {
    const grown = (ago: number) => ({ lastChange: { at: NOON - ago, from: 2, to: 3, settledAt: NOON - ago + 60 } });
    expect(sized(16, grown(15 * MINUTE - 1))).toMatchObject({ want: 5, reason: "RuleMatched" });
    expect(sized(16, grown(15 * MINUTE))).toMatchObject({ want: 3, reason: "NodesReadyWithoutGpu" });
  });

  it("do not matter while nothing asks for more", () => {
    const signals = { queue: steady(30, NOON), free: steady(0, NOON) };
    const calm = decided({ policy: offering, signals, pool: poolOf(3), memory: settledAt(3) });
    expect(calm.decision).toMatchObject({ want: 3, reason: "NoRuleMatched" });
    expect(policy.workloads.llm?.gpu.allocatable).toBe("free");
  });
});

describe("a size that turned too often [F50]", () => {
  const turned = (...ago: number[]): Partial<WorkloadMemory> => ({ turns: ago.map((each) => NOON - each) });
  const idle = (nodes: number, more: Partial<WorkloadMemory>, policy = fleetOf()) =>
    decided({
      policy,
      signals: { queue: steady(0, NOON) },
      pool: poolOf(nodes),
      memory: { ...settledAt(nodes), ...more },
    }).decision;

  it.each([
    [[600, 1200, 1800], 3, "Flapping"],
    [[600, 1200], 2, "RuleMatched"],
    [[600, 1200, 3599], 3, "Flapping"],
    [[600, 1200, 3600], 2, "RuleMatched"],
    [[7200, 7300, 7400], 2, "RuleMatched"],
  ])("%o seconds ago shrinks to %i: %s", (ago, want, reason) => {
    expect(idle(3, turned(...ago))).toMatchObject({ want, reason });
  });

  it("says how often, and what ends it", () => {
    const text = "the size turned 3 times within 1h; it shrinks again once it is calmer";
    expect(idle(3, turned(1, 2, 3)).detail).toBe(text);
  });

  it("still grows, and still obeys a ceiling", () => {
    expect(busy(120, { ...settledAt(3), ...turned(1, 2, 3) }).decision.want).toBe(5);
    expect(idle(8, turned(1, 2, 3))).toMatchObject({ want: 6, reason: "AtMaximum" });
    const zero = fleetOf({ schedules: [{ name: "n", start: "0 11 * * *", end: "0 13 * * *", nodes: { exactly: 0 } }] });
    expect(idle(3, turned(1, 2, 3), zero).want).toBe(0);
  });

  it("does not even shrink to its minimum", () => {
    expect(idle(2, turned(1, 2, 3))).toMatchObject({ want: 2, reason: "Flapping" });
    expect(idle(1, turned(1, 2, 3))).toMatchObject({ want: 1, reason: "AtMinimum" });
  });

  it("still obeys an operator's hold", () => {
    const hold: Override = { kind: "hold", nodes: 1, reason: "r", actor: "a", at: NOON, until: NOON + 60 };
    expect(idle(3, { ...turned(1, 2, 3), overrides: [hold] })).toMatchObject({ want: 1, reason: "Held" });
  });

  it("counts changes that go against the one before, within the hour", () => {
    const workload = fleetOf().workloads.llm;
    if (workload === undefined) throw new Error("no llm");
    let memory: WorkloadMemory = settledAt(3);
    for (const [from, to, at] of [
      [3, 4, 0],
      [4, 5, 1],
      [5, 4, 2],
      [4, 3, 3],
      [3, 4, 4],
      [4, 4, 5],
    ] as const)
      memory = recordChange(memory, workload, from, to, NOON + at);
    expect(memory.turns).toEqual([NOON + 2, NOON + 4]);
  });
});

it("what was not in vain is left alone", () => {
  const { reason, detail } = stageOf(busy(120, settledAt(3)), "effectiveness");
  expect({ reason, detail }).toEqual({ reason: "Unaffected", detail: "nothing that was done lately was in vain" });
});

describe("what was in vain does not matter", () => {
  const FUTILE = made({ queue: 120 }, { queue: 120 });
  const NOTHING = { reason: "Unaffected", detail: "nothing that was done lately was in vain" };
  const TURNED = { ...settledAt(3), turns: [NOON - 3, NOON - 2, NOON - 1] };
  const wake = (nodes: number): Override => ({
    kind: "wake",
    nodes,
    reason: "r",
    actor: "a",
    at: NOON,
    until: NOON + 60,
  });

  it.each([5, 6])("while it is a floor of %i that asks for the nodes, not demand", (nodes) => {
    const woken = busy(120, { ...FUTILE, overrides: [wake(nodes)] });
    expect(stageOf(woken, "demand").want).toBe(5);
    expect(stageOf(woken, "effectiveness")).toMatchObject({ want: nodes, ...NOTHING });
  });

  it("while demand is about to ask for growth and has not yet", () => {
    const soon = busy(120, FUTILE, { signals: { queue: stepped(0, 120, NOON - 60, NOON) } });
    expect(stageOf(soon, "effectiveness")).toMatchObject({ want: 3, ...NOTHING });
  });

  it("while something else than demand's signals asks for growth", () => {
    const context = contextOf({ pools: { llm: poolOf(3) }, memory: FUTILE });
    expect(effectiveness(draftOf(5, { causes: null }), context)).toMatchObject({ draft: { want: 5 }, ...NOTHING });
    expect(effectiveness(draftOf(5, { causes: {} }), context)).toMatchObject({ draft: { want: 5 }, ...NOTHING });
    expect(effectiveness(draftOf(5, { causes: { queue: 120 } }), context).reason).toBe("Ineffective");
  });

  it("while a size that turned too often stays", () => {
    expect(stageOf(busy(30, TURNED), "effectiveness")).toMatchObject({ want: 3, ...NOTHING });
  });

  it.each([
    [8, 6],
    [7, 6],
  ])("while a size that turned too often is taken from %i to its ceiling", (nodes, want) => {
    const memory = { ...settledAt(nodes), turns: TURNED.turns };
    expect(stageOf(busy(30, memory, { pool: poolOf(nodes) }), "effectiveness")).toMatchObject({ want, ...NOTHING });
  });

  it("while an objective turns the size: as often as it pays", () => {
    const objective = { arrivals: "util", backlog: "queue", maxWait: "60s" };
    const policy = fleetOf({ scaleUp: undefined, scaleDown: undefined, objective });
    const context = contextOf({ policy, pools: { llm: poolOf(3) }, memory: TURNED });
    expect(effectiveness(draftOf(2), context)).toMatchObject({ draft: { want: 2 }, ...NOTHING });
    const rules = contextOf({ pools: { llm: poolOf(3) }, memory: TURNED });
    expect(effectiveness(draftOf(2), rules)).toMatchObject({ draft: { want: 3 }, reason: "Flapping" });
  });
});
