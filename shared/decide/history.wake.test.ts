import { describe, expect, it } from "vitest";
import { decided, settledAt } from "../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, stepped, unknown } from "../../test/support/fleet.ts";
import type { CalendarWake, Override } from "../model/memory.ts";
import type { SignalObservation } from "../model/signal.ts";
import type { PolicyInput } from "../policy/schema/policy.ts";

type WorkloadInput = PolicyInput["workloads"][string];

/** A zero that is in force at noon, and that demand ended half an hour ago. */
const NIGHT = { name: "night", start: "0 11 * * *", end: "0 13 * * *", nodes: { exactly: 0 } };
const ENDED: CalendarWake = { schedule: "night", asserted: NOON - 60 * MINUTE, at: NOON - 30 * MINUTE };
const busy = { signal: "util", above: 50, for: "2m" };
const crowded = { signal: "vramFree", below: 0.2, for: "2m" };

const IDLE = steady(0, NOON);
const BUSY = steady(90, NOON);
/** Above the threshold for half of the window. */
const GETTING_BUSY = stepped(0, 90, NOON - MINUTE, NOON);
const EMPTY: SignalObservation = { kind: "empty" };

interface Look {
  readonly workload?: Partial<WorkloadInput>;
  readonly nodes?: number;
  readonly queue?: SignalObservation;
  readonly util?: SignalObservation;
  readonly vramFree?: SignalObservation;
  readonly overrides?: readonly Override[];
}

/** The wake that is remembered after a look at noon: at one node, with demand that asks for none and nothing that wakes. */
function wakeAfter({ workload, nodes = 1, queue = IDLE, util = IDLE, vramFree = BUSY, overrides = [] }: Look) {
  const policy = fleetOf({ nodes: { min: 0, max: 6 }, schedules: [{ ...NIGHT, wakeOn: [busy] }], ...workload });
  const memory = { ...settledAt(nodes), calendarWake: ENDED, overrides };
  return decided({ policy, signals: { queue, util, vramFree }, pool: poolOf(nodes), memory }).memory.calendarWake;
}

it("there is no wake to remember where no calendar said zero", () => {
  expect(decided({ signals: { queue: IDLE } }).memory.calendarWake).toBeNull();
});

describe("once demand asks for no node, a wake", () => {
  it.each([
    ["ends when what woke the workload no longer holds", IDLE, null],
    ["lasts while that holds", BUSY, ENDED],
    ["lasts while that is about to hold again", GETTING_BUSY, ENDED],
    ["lasts while that is unknown", unknown, ENDED],
    ["lasts while nodes say nothing", EMPTY, ENDED],
  ])("%s", (_, util, remembered) => {
    expect(wakeAfter({ util })).toEqual(remembered);
  });

  it("ends when there is no node left to ask", () => {
    expect(wakeAfter({ nodes: 0, util: EMPTY })).toBeNull();
  });

  const lowVram = steady(0.1, NOON);
  const freeVram = steady(0.5, NOON);
  it.each([
    ["the first of its conditions", BUSY, freeVram, ENDED],
    ["the last", IDLE, lowVram, ENDED],
    ["all", BUSY, lowVram, ENDED],
    ["none", IDLE, freeVram, null],
  ])("with %s holding is %s", (_, util, vramFree, remembered) => {
    expect(wakeAfter({ workload: { schedules: [{ ...NIGHT, wakeOn: [busy, crowded] }] }, util, vramFree })).toEqual(
      remembered,
    );
  });

  it("is held by the conditions of its own schedule alone", () => {
    const others = { start: "0 20 * * *", end: "0 21 * * *", nodes: { exactly: 0 } };
    const before = { ...others, name: "before" };
    const after = { ...others, name: "after", wakeOn: [crowded] };
    const workload = { schedules: [before, { ...NIGHT, wakeOn: [busy] }, after] };
    expect(wakeAfter({ workload, util: BUSY })).toEqual(ENDED);
    expect(wakeAfter({ workload, util: IDLE, vramFree: lowVram })).toBeNull();
  });

  it("that an operator began, on a schedule which nothing wakes, ends as well", () => {
    expect(wakeAfter({ workload: { schedules: [NIGHT] } })).toBeNull();
  });
});

describe("while nothing wakes any more, a wake", () => {
  const target = { scaleUp: undefined, scaleDown: undefined, targets: [{ signal: "queue", perNode: 50 }] };
  it.each([
    // Rules never ask for zero from above it, but take one node at a time.
    ["lasts above the floor, though rules ask for one less", { nodes: { min: 2, max: 6 } }, 3, 0, ENDED],
    ["ends at the floor, where they ask for less", { nodes: { min: 2, max: 6 } }, 2, 0, null],
    ["ends below the floor, where they do", { nodes: { min: 3, max: 6 } }, 2, 0, null],
    ["lasts at the floor, where they ask for what there is", { nodes: { min: 2, max: 6 } }, 2, 30, ENDED],
    ["lasts at the floor, where they ask for more", { nodes: { min: 2, max: 6 } }, 2, 120, ENDED],
    ["ends at one node, where they ask for none", {}, 1, 0, null],
    ["lasts at one node, where they ask for it", {}, 1, 30, ENDED],
    ["lasts at two nodes without a floor", {}, 2, 0, ENDED],
    [
      "lasts while a target asks for some node, be it fewer than the floor",
      { nodes: { min: 2, max: 6 }, ...target },
      2,
      30,
      ENDED,
    ],
    ["ends when a target asks for none", { nodes: { min: 2, max: 6 }, ...target }, 2, 0, null],
  ])("%s", (_, workload, nodes, queue, remembered) => {
    expect(wakeAfter({ workload, nodes, queue: steady(queue, NOON) })).toEqual(remembered);
  });

  it.each([
    ["at the floor", { nodes: { min: 2, max: 6 } }, 2],
    ["above it", { nodes: { min: 0, max: 6 } }, 1],
  ])("lasts %s while nobody knows what demand asks for", (_, workload, nodes) => {
    expect(wakeAfter({ workload, nodes, queue: unknown })).toEqual(ENDED);
  });
});
