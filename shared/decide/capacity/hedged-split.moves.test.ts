import { describe, expect, it } from "vitest";
import type { PoolSize } from "../size.ts";
import { byPrice, byRisk, placeOf } from "./hedged.fixture.ts";
import { hedgedSplit, type Place } from "./hedged-split.ts";
import { spotPool } from "./pools.fixture.ts";
import { UNSEEN } from "./sizes.fixture.ts";

const priced = (name: string, pricePerHour: number) => spotPool(name, { pricePerHour });
/** Pools at these prices, in steps of as many nodes; the first has one step. */
const pools = (prices: readonly number[], step = 1): readonly Place[] =>
  prices.map((price, i) => placeOf(priced("abc".charAt(i), price), { has: i === 0 ? step : 0 }, { step }));

describe("a node moves to a cheaper pool where that saves 3 % of the cheapest price", () => {
  it.each([
    { prices: [1, 0.98], step: 1, moves: false, why: "0.02 is below 0.03 × 0.98" },
    { prices: [1, 0.96], step: 1, moves: true, why: "0.04 is above 0.03 × 0.96" },
    { prices: [1, 0.96, 3], step: 1, moves: true, why: "a dear pool beside them makes no difference" },
    { prices: [0.5, 0.48], step: 1, moves: true, why: "0.02 is above 0.03 × 0.48" },
    { prices: [103, 100], step: 1, moves: false, why: "3 is no more than 0.03 × 100" },
    { prices: [1, 0.98], step: 2, moves: false, why: "0.04 is below 0.03 × 0.98 × 2" },
    { prices: [1, 0.96], step: 2, moves: true, why: "0.08 is above 0.03 × 0.96 × 2" },
  ])("at $prices in steps of $step: $moves, for $why", ({ prices, step, moves }) => {
    const [a, b] = Object.values(hedgedSplit(pools(prices, step), byPrice(step, { free: true })));
    expect([a, b]).toEqual(moves ? [0, step] : [step, 0]);
  });

  it("even one that still boots", () => {
    const booting = placeOf(priced("a", 1), { has: 1 }, { ready: 0 });
    expect(hedgedSplit([booting, placeOf(priced("b", 0.5))], byPrice(1, { free: true }))).toEqual({ a: 0, b: 1 });
  });
});

describe("a node moves between pools of one price", () => {
  /** One node that serves all there is is on a, where its loss is to cost so much an hour; on b it is safe. */
  const saving = (dollars: number, size: Partial<PoolSize> = {}) =>
    hedgedSplit(
      [placeOf(priced("a", 1), { has: 1, hazard: dollars }, size), placeOf(priced("b", 1))],
      byRisk(1, 1, 1, { ceiling: 1, free: true }),
    );
  const [STAYS, MOVES] = [
    { a: 1, b: 0 },
    { a: 0, b: 1 },
  ];

  it("where that saves four times as much: 12 %", () => {
    expect(saving(0.11)).toEqual(STAYS);
    expect(saving(0.13)).toEqual(MOVES);
  });

  it("and never while it boots, whatever it saves", () => {
    expect(saving(50, { ready: 0 })).toEqual(STAYS);
  });

  it("and counts as booting where only nodes under notice are ready", () => {
    expect(saving(50, { desired: 2, ready: 1, noticed: 1 })).toEqual(STAYS);
    expect(saving(50, { desired: 2, ready: 2, noticed: 1 })).toEqual(MOVES);
  });
});

describe("where nothing may be replaced", () => {
  const risky = (has: number) => placeOf(priced("a", 1), { has, hazard: 50 });
  const safe = (has: number) => placeOf(priced("b", 1), { has });

  it("none is added elsewhere that would take the place of one that runs", () => {
    expect(hedgedSplit([risky(2), safe(0)], byRisk(2, 1, 1, { free: false }))).toEqual({ a: 2, b: 0 });
    expect(hedgedSplit([risky(2), safe(0)], byRisk(2, 1, 1, { free: true })).b).toBeGreaterThan(0);
  });

  it("what is missing is added, and what is too many is given up", () => {
    expect(hedgedSplit([risky(2), safe(0)], byRisk(3, 1, 1, { free: false }))).toEqual({ a: 2, b: 1 });
    expect(hedgedSplit([risky(2), safe(1)], byRisk(2, 1, 1, { free: false }))).toEqual({ a: 1, b: 1 });
  });
});

it("a node that boots stays in a pool of one price though another costs nothing", () => {
  const own = placeOf(priced("c", 0), { cap: 0 });
  const booting = placeOf(priced("a", 1), { has: 3, cap: 3 }, { ready: 0 });
  const split = hedgedSplit([own, booting, placeOf(priced("b", 1))], byPrice(3, { free: true, ceiling: 3 }));
  expect(split).toEqual({ c: 0, a: 3, b: 0 });
});

it("an empty pool has nothing to lose, however often others lose theirs", () => {
  // On a: 1. On b: 0.8, and 0.4 an hour that all of what comes in, 2 a second, is late: 1.6.
  const places = [placeOf(priced("a", 1), { has: 1 }), placeOf(priced("b", 0.8), { hazard: 0.4 })];
  expect(hedgedSplit(places, byRisk(1, 2, 1, { ceiling: 1, free: true }))).toEqual({ a: 1, b: 0 });
});

describe("a move", () => {
  it.each<[string, readonly Place[], number, Record<string, number>]>([
    [
      "may fill a pool to its cap",
      [placeOf(priced("a", 3), { has: 1 }), placeOf(priced("b", 1), { cap: 1 })],
      1,
      { a: 0, b: 1 },
    ],
    [
      "never goes beyond the cap",
      [placeOf(priced("a", 3), { has: 2 }), placeOf(priced("b", 1), { cap: 1 })],
      2,
      { a: 1, b: 1 },
    ],
    [
      "takes nothing from an empty pool, however dear",
      [placeOf(priced("a", 2)), placeOf(priced("b", 1), { has: 1 })],
      1,
      { a: 0, b: 1 },
    ],
    [
      "takes nothing from a pool that cannot be seen",
      [placeOf(priced("a", 3), { has: 1, cap: 1 }, { unseen: UNSEEN }), placeOf(priced("b", 1))],
      1,
      { a: 1, b: 0 },
    ],
    [
      "needs pools of one step",
      [placeOf(priced("a", 3), { has: 1 }), placeOf(priced("b", 1), {}, { step: 2 })],
      1,
      { a: 1, b: 0 },
    ],
    [
      "takes whole steps",
      [placeOf(priced("a", 3), { has: 1 }, { step: 2 }), placeOf(priced("b", 1), {}, { step: 2 })],
      1,
      { a: 1, b: 0 },
    ],
  ])("%s", (_what, places, want, split) => {
    expect(hedgedSplit(places, byPrice(want, { free: true }))).toEqual(split);
  });
});

describe("a spare node", () => {
  /**
   * One node at a dollar serves all there is, and is lost five times an hour: 5 dollars. One at 1.5 dollars in another pool,
   * no safer than it, saves that: whichever is lost, the other serves on. A third would save nothing.
   */
  const spared = (cap: number, ceiling: number) =>
    hedgedSplit(
      [placeOf(priced("a", 1), { has: 1, hazard: 5 }), placeOf(priced("b", 1.5), { cap, hazard: 5 })],
      byRisk(1, 1, 1.5, { ceiling, free: true }),
    );

  it.each([
    { cap: 100, ceiling: 9, split: { a: 1, b: 1 }, why: "once, where it costs less than what would be late" },
    { cap: 1, ceiling: 2, split: { a: 1, b: 1 }, why: "up to the cap and to the ceiling" },
    { cap: 100, ceiling: 1, split: { a: 1, b: 0 }, why: "not beyond the ceiling" },
    { cap: 0, ceiling: 9, split: { a: 1, b: 0 }, why: "not beyond the cap" },
  ])("is asked for $why", ({ cap, ceiling, split }) => {
    expect(spared(cap, ceiling)).toEqual(split);
  });
});

describe("with much care", () => {
  /** As above, but lost more seldom: with a care of 25 a loss makes late for 25 / 2.4 dollars. A spare node costs 1.5, and 0.03 to ask for. */
  const spared = (care: number, hazard: number) =>
    hedgedSplit(
      [placeOf(priced("a", 1), { has: 1, hazard }), placeOf(priced("b", 1.5), { hazard: 100 })],
      byRisk(1, 1, 1.5, { care, free: true }),
    ).b;

  it.each([
    { care: 25, hazard: 0.146, spare: 0, why: "as care does, up to 25: 1.52 dollars an hour" },
    { care: 25, hazard: 0.148, spare: 1, why: "as care does, up to 25: 1.54 dollars an hour" },
    { care: 50, hazard: 0.036, spare: 0, why: "as its square does, beyond: 1.50 dollars an hour" },
    { care: 50, hazard: 0.037, spare: 1, why: "as its square does, beyond: 1.54 dollars an hour" },
  ])("a loss weighs $why", ({ care, hazard, spare }) => {
    expect(spared(care, hazard)).toBe(spare);
  });
});

describe("nodes beyond what is wanted", () => {
  it.each([
    { has: 3, want: 1, step: 1, left: 1, why: "go" },
    { has: 4, want: 3, step: 2, left: 4, why: "stay where a step is more than they are" },
    { has: 4, want: 2, step: 2, left: 2, why: "go in steps" },
    { has: 3, want: 0, step: 1, left: 0, why: "all go where none is wanted" },
    { has: 100, want: 1, step: 1, left: 20, why: "go in at most 80 moves at once" },
  ])("$why", ({ has, want, step, left }) => {
    expect(hedgedSplit([placeOf(priced("a", 1), { has }, { step })], byPrice(want))).toEqual({ a: left });
  });
});
