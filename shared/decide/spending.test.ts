import { describe, expect, it } from "vitest";
import { decided, settledAt } from "../../test/support/decided.ts";
import { fleetOf, NOON, poolOf, steady } from "../../test/support/fleet.ts";
import type { Spending } from "../model/memory.ts";
import { costPerHour, localDay } from "./spending.ts";

const eks = { region: "eu-central-1", cluster: "prod", nodegroup: "llm" };
const at10 = (timeZone = "UTC") =>
  fleetOf({ pools: [{ name: "llm", capacity: "on-demand", pricePerHour: 10, eks }] }, { timeZone });

/** What is remembered as spent after a look at `nodes` nodes. */
function spentAfter(spending: Spending | null, nodes = 3, ready = nodes, now = NOON, policy = at10()): Spending | null {
  const memory = { ...settledAt(nodes), spending };
  return decided({ policy, signals: { queue: steady(30, now) }, pool: poolOf(nodes, ready), memory, now }).memory
    .spending;
}
const running = (more: Partial<Spending> = {}): Spending => ({
  day: "2026-11-18",
  at: NOON - 1800,
  perHour: 20,
  spent: 100,
  ...more,
});

describe("what is spent", () => {
  it("begins with the first look", () => {
    expect(spentAfter(null)).toEqual({ day: "2026-11-18", at: NOON, perHour: 30, spent: 0 });
  });

  it("is what ran since the last look, at what it cost then [T27]", () => {
    expect(spentAfter(running())).toEqual({ day: "2026-11-18", at: NOON, perHour: 30, spent: 110 });
  });

  it("counts an hour at most for a silence, and nothing for a clock that steps back [F75]", () => {
    expect(spentAfter(running({ at: NOON - 3 * 3600 }))?.spent).toBe(120);
    expect(spentAfter(running({ at: NOON + 60 }))?.spent).toBe(100);
  });

  it("begins anew on another day", () => {
    expect(spentAfter(running({ day: "2026-11-17" }))).toMatchObject({ day: "2026-11-18", spent: 0 });
  });

  it("is of the day in the policy's time zone", () => {
    const late = Date.UTC(2026, 10, 18, 23, 30) / 1000;
    expect(spentAfter(null, 1, 1, late, at10("Europe/Berlin"))?.day).toBe("2026-11-19");
    expect(spentAfter(null, 1, 1, late)?.day).toBe("2026-11-18");
  });

  it("counts nodes that are ready though given up, and nodes asked for though not ready", () => {
    expect(spentAfter(null, 2, 5)?.perHour).toBe(50);
    expect(spentAfter(null, 5, 2)?.perHour).toBe(50);
  });

  it("stays as it was while a price is missing [F60]", () => {
    expect(spentAfter(running(), 3, 3, NOON, fleetOf())).toEqual(running());
  });
});

it.each([
  [
    [
      { price: 10, nodes: 2 },
      { price: 5, nodes: 1 },
    ],
    25,
  ],
  [[{ price: undefined, nodes: 1 }], null],
  [
    [
      { price: undefined, nodes: 0 },
      { price: 5, nodes: 2 },
    ],
    10,
  ],
  [[{ price: 0, nodes: 9 }], 0],
  [[], 0],
])("%o cost %s an hour", (pools, cost) => {
  expect(costPerHour(pools)).toBe(cost);
});

describe("a local day", () => {
  it.each([
    ["Europe/Berlin", "2026-11-18T22:59:59Z", "2026-11-18"],
    ["Europe/Berlin", "2026-11-18T23:00:00Z", "2026-11-19"],
    ["Asia/Kathmandu", "2026-11-18T18:14:59Z", "2026-11-18"],
    ["Asia/Kathmandu", "2026-11-18T18:15:00Z", "2026-11-19"],
    ["America/New_York", "2026-11-19T04:59:59Z", "2026-11-18"],
    ["Mars/Olympus", "2026-11-18T23:59:59Z", "2026-11-18"],
  ])("in %s at %s is %s", (zone, text, day) => {
    expect(localDay(Date.parse(text) / 1000, zone)).toBe(day);
  });
});
