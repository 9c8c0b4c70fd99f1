import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, unknown } from "../../../test/support/fleet.ts";
import type { Override, WorkloadMemory } from "../../model/memory.ts";
import type { SignalObservation } from "../../model/signal.ts";

/** Open at noon: it began at eleven and ends at one. */
const NOW_OPEN = { name: "now", start: "0 11 * * *", end: "0 13 * * *" };
type Nodes = { min?: number; max?: number; exactly?: number };
const wakeOn = [{ signal: "queue", above: 50, for: "2m" }];

const during = (nodes: Nodes, more: object = {}, workload: object = {}) =>
  fleetOf({ nodes: { min: 1, max: 6 }, schedules: [{ ...NOW_OPEN, nodes, ...more }], ...workload });
const sized = (
  policy: ReturnType<typeof during>,
  queue: number | SignalObservation,
  nodes: number,
  memory: Partial<WorkloadMemory> = {},
  now = NOON,
) =>
  decided({
    policy,
    signals: { queue: typeof queue === "number" ? steady(queue, now) : queue },
    pool: poolOf(nodes),
    memory: { ...settledAt(nodes), ...memory },
    now,
  });

describe("a window", () => {
  it.each([
    [{ min: 4 }, 0, 3, 4, "WindowStarted"],
    [{ min: 2 }, 120, 3, 5, "RuleMatched"],
    [{ min: 2 }, 0, 3, 2, "RuleMatched"],
    [{ min: 9 }, 0, 3, 6, "AtMaximum"],
    [{ max: 2 }, 120, 3, 2, "WindowStarted"],
    [{ max: 4 }, 120, 3, 4, "WindowStarted"],
    [{ max: 9 }, 120, 5, 6, "AtMaximum"],
    [{ exactly: 4 }, 0, 3, 4, "WindowStarted"],
    [{ exactly: 2 }, 120, 3, 2, "WindowStarted"],
    [{ exactly: 0 }, 120, 3, 0, "WindowStarted"],
    [{ max: 0 }, 0, 3, 0, "WindowStarted"],
    [{ min: 0 }, 0, 1, 1, "AtMinimum"],
  ] as const)("of %o with a queue of %i takes %i nodes to %i: %s", (nodes, queue, current, want, reason) => {
    expect(sized(during(nodes), queue, current).decision).toMatchObject({ want, reason });
  });

  it("says its size although the queue is unknown", () => {
    expect(sized(during({ exactly: 2 }), unknown, 4).decision).toMatchObject({ want: 2, reason: "WindowStarted" });
  });

  it("binds past windows and rate policies", () => {
    const behavior = { scaleDown: { selectPolicy: "Disabled" as const } };
    expect(sized(during({ exactly: 1 }, {}, { behavior }), 120, 6).decision.want).toBe(1);
  });

  it("that is over leaves the size to demand", () => {
    const policy = fleetOf({
      schedules: [{ name: "over", start: "0 9 * * *", end: "0 11 * * *", nodes: { exactly: 0 } }],
    });
    const made = sized(policy, 120, 3);
    expect(made.decision).toMatchObject({ want: 5, reason: "RuleMatched" });
    expect(stageOf(made, "calendar")).toMatchObject({ reason: "WindowEnded", want: 3 });
  });

  it("the most restrictive of those that start together governs [F53]", () => {
    const together = (...nodes: Nodes[]) =>
      fleetOf({ schedules: nodes.map((n, i) => ({ ...NOW_OPEN, name: `w${i}`, nodes: n })) });
    expect(sized(together({ min: 5 }, { exactly: 2 }), 0, 3).decision.want).toBe(2);
    expect(sized(together({ min: 5 }, { max: 2 }), 0, 3).decision.want).toBe(2);
    expect(sized(together({ max: 4 }, { exactly: 5 }), 0, 3).decision.want).toBe(5);
  });
});

describe("a guard", () => {
  const guard = (blocks: ("scaleDown" | "scaleToZero" | "scaleUp")[]) => ({
    guards: [{ name: "training", when: { signal: "util", above: 50 }, blocks }],
  });
  const withUtil = (policy: ReturnType<typeof during>, nodes: number, memory: Partial<WorkloadMemory> = {}) =>
    decided({
      policy,
      signals: { queue: steady(30, NOON), util: steady(90, NOON) },
      pool: poolOf(nodes),
      memory: { ...settledAt(nodes), ...memory },
    }).decision;

  it("against shrinking outranks the calendar's zero, which waits", () => {
    const decision = withUtil(during({ exactly: 0 }, {}, guard(["scaleDown"])), 3);
    expect(decision).toMatchObject({ want: 3, reason: "GuardActive" });
    expect(decision.detail).toMatch(/guard training.*; now since .*: 0 waits$/);
  });

  it("against zero keeps the last node through the calendar's zero", () => {
    expect(withUtil(during({ exactly: 0 }, {}, guard(["scaleToZero"])), 3)).toMatchObject({
      want: 1,
      reason: "GuardActive",
    });
    expect(withUtil(during({ max: 2 }, {}, guard(["scaleToZero"])), 3)).toMatchObject({
      want: 2,
      reason: "WindowStarted",
    });
  });

  it("of the other direction leaves the calendar alone", () => {
    expect(withUtil(during({ exactly: 0 }, {}, guard(["scaleUp"])), 3).want).toBe(0);
    expect(withUtil(during({ exactly: 5 }, {}, guard(["scaleDown"])), 3).want).toBe(5);
  });

  it("does not keep more than nodes.max, nor withstand an operator's hold", () => {
    expect(withUtil(during({ exactly: 2 }, {}, guard(["scaleDown"])), 8).want).toBe(6);
    const hold: Override = { kind: "hold", nodes: 1, reason: "r", actor: "a", at: NOON, until: NOON + 60 };
    expect(withUtil(during({ exactly: 2 }, {}, guard(["scaleDown"])), 3, { overrides: [hold] }).want).toBe(1);
  });
});

describe("the calendar's zero [F55]", () => {
  const zero = during({ exactly: 0 }, { wakeOn }, { nodes: { min: 0, max: 6 } });

  it("is ended by demand, with one node and what the rules add", () => {
    const made = sized(zero, 120, 0);
    expect(made.decision).toMatchObject({ want: 2, reason: "RuleMatched" });
    expect(stageOf(made, "calendar").reason).toBe("Woken");
    expect(made.memory.calendarWake).toMatchObject({ schedule: "now", at: NOON });
  });

  it("wakes one node where no rule asks for more", () => {
    const made = sized(during({ exactly: 0 }, { wakeOn: [{ signal: "queue", above: 20 }] }), 30, 0);
    expect(made.decision).toMatchObject({ want: 1 });
  });

  it.each([
    ["below the threshold", steady(40, NOON)],
    ["unknown", unknown],
  ])("stays with a queue that is %s", (_, queue) => {
    const made = sized(zero, queue, 0);
    expect(made.decision.want).toBe(0);
    expect(made.memory.calendarWake).toBeNull();
  });

  it("stays while a wake-up condition is pending", () => {
    const young = (at: number) => (at > NOON - 60 ? 120 : 0);
    const samples = Array.from({ length: 121 }, (_, i) => [NOON - 1800 + i * 15, young(NOON - 1800 + i * 15)] as const);
    expect(sized(zero, { kind: "series", series: { samples, validity: 15 } }, 0).decision.want).toBe(0);
  });

  it("stays ended while there is work, and comes back once demand is idle", () => {
    const woken = sized(zero, 120, 0);
    const working = NOON + 10 * MINUTE;
    const still = sized(zero, steady(30, working), 2, { ...woken.memory, lastChange: null }, working);
    expect(still.decision.want).toBe(2);
    expect(still.memory.calendarWake).not.toBeNull();
    const calm = working + 30 * MINUTE;
    const lately = { ...still.memory, ...settledAt(1), calendarWake: still.memory.calendarWake };
    const one = sized(zero, steady(0, calm), 1, lately, calm);
    expect(one.decision).toMatchObject({ want: 1 });
    expect(one.memory.calendarWake).toBeNull();
    const asleep = sized(zero, steady(30, calm + 60), 1, one.memory, calm + 60);
    expect(asleep.decision).toMatchObject({ want: 0, reason: "WindowStarted" });
  });

  it("comes back once rules ask for less than the last nodes, though they never name zero themselves", () => {
    const policy = during({ exactly: 0 }, { wakeOn }, { nodes: { min: 2, max: 6 } });
    const calendarWake = { schedule: "now", asserted: NOON - 3600, at: NOON - 1800 };
    const calm = (nodes: number) => sized(policy, steady(0, NOON), nodes, { ...settledAt(nodes), calendarWake });
    expect(calm(3).memory.calendarWake).not.toBeNull();
    expect(calm(2).memory.calendarWake).toBeNull();
  });

  it("stays ended while what woke it still holds, though the rules would take the last node", () => {
    const both = during(
      { exactly: 0 },
      { wakeOn: [{ signal: "util", above: 50 }, ...wakeOn] },
      { nodes: { min: 0, max: 6 } },
    );
    const wake = (util: number) =>
      decided({
        policy: both,
        signals: { queue: steady(0, NOON), util: steady(util, NOON) },
        pool: poolOf(1),
        memory: { ...settledAt(1), calendarWake: { schedule: "now", asserted: NOON - 3600, at: NOON - 1800 } },
      });
    expect(wake(90).decision.want).toBe(1);
    expect(wake(90).memory.calendarWake).not.toBeNull();
    expect(wake(10).memory.calendarWake).toBeNull();
  });

  it("is not ended for good by what is unknown afterwards", () => {
    const woken = sized(zero, 120, 0);
    const after = sized(zero, unknown, 1, { ...woken.memory, lastChange: null }, NOON + 10 * MINUTE);
    expect(after.memory.calendarWake).not.toBeNull();
    expect(after.decision.want).toBe(1);
  });

  it("is ended by an operator's wake", () => {
    const wake: Override = { kind: "wake", nodes: 3, reason: "r", actor: "a", at: NOON - 60, until: NOON + 60 };
    expect(sized(zero, 0, 0, { overrides: [wake] }).decision).toMatchObject({ want: 3, reason: "Woken" });
    expect(sized(zero, 0, 0, { overrides: [{ ...wake, until: NOON }] }).decision.want).toBe(0);
  });
});

describe("an operator", () => {
  const by = { reason: "r", actor: "a", at: NOON - 60, until: NOON + 60 };

  it("who holds the size keeps the calendar waiting", () => {
    const made = sized(during({ exactly: 0 }), 0, 3, { overrides: [{ ...by, kind: "hold", nodes: 3 }] });
    expect(made.decision).toMatchObject({ want: 3, reason: "Held" });
    expect(stageOf(made, "calendar").detail).toContain("keeps the size at 3");
  });

  it("who pauses growth keeps nodes through the calendar's zero; who pauses shrinking keeps them, too", () => {
    const kept = (direction: "in" | "out") =>
      sized(during({ exactly: 0 }), 30, 3, { overrides: [{ ...by, kind: "pause", direction }] }).decision;
    expect(kept("out")).toMatchObject({ want: 3, reason: "NoRuleMatched" });
    expect(kept("in")).toMatchObject({ want: 3, reason: "Paused" });
  });

  it("who pauses shrinking wakes nothing from the calendar's zero", () => {
    const zero = during({ exactly: 0 }, { wakeOn });
    expect(sized(zero, 0, 0, { overrides: [{ ...by, kind: "pause", direction: "in" }] }).decision.want).toBe(0);
  });

  it("who wrote one size for always has not held it: the calendar's zero still counts", () => {
    const fixed = during({ exactly: 0 }, {}, { nodes: { min: 3, max: 3 } });
    expect(sized(fixed, 30, 3).decision).toMatchObject({ want: 0, reason: "WindowStarted" });
  });

  it("who pauses growth keeps the size, zero included", () => {
    const pause: Override = { ...by, kind: "pause", direction: "out" };
    expect(sized(during({ min: 4 }), 0, 0, { overrides: [pause] }).decision.want).toBe(0);
    expect(sized(during({ min: 4 }, {}), 30, 3, { overrides: [{ ...pause, direction: "in" }] }).decision.want).toBe(4);
  });
});

describe("the trace", () => {
  it("shows what was asked of the wake-up conditions", () => {
    const zero = during({ exactly: 0 }, { wakeOn });
    expect(stageOf(sized(zero, 40, 0), "calendar").conditions).toMatchObject([{ signal: "queue", verdict: "false" }]);
  });

  it("says when there are no schedules", () => {
    const { detail } = stageOf(decided({ signals: { queue: steady(0, NOON) } }), "calendar");
    expect(detail).toBe("the workload has no schedules");
  });
});
