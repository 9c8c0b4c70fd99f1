import { describe, expect, it } from "vitest";
import { fleetOf, NOON, workloadIn } from "../../../test/support/fleet.ts";
import type { PoolHealth } from "../../model/memory.ts";
import { capOf, keptBy, lasting, lastingReady, type Standing, standingOf } from "./caps.ts";
import { NEVER_FAILED } from "./health.ts";
import { spotPool } from "./pools.fixture.ts";
import { sizeWith, UNSEEN } from "./sizes.fixture.ts";

const RULES = workloadIn(fleetOf({ spot: { returnAfter: "30m" } })).spot;

/** A pool that failed so many seconds ago, and is left alone for so many more. */
const failed = (ago: number, left: number | null, failures = 1): PoolHealth => ({
  ...NEVER_FAILED,
  failures,
  failedAt: NOON - ago,
  trouble: "NoCapacity",
  backoffUntil: left === null ? null : NOON + left,
});

describe("a pool stands", () => {
  it.each<[Standing, string, PoolHealth]>([
    ["free", "never failed", NEVER_FAILED],
    ["backingOff", "failed, and its backoff lasts a second more", failed(299, 1)],
    ["probing", "failed, and its backoff is over", failed(300, 0)],
    ["recovering", "has delivered since, a second less than returnAfter after it failed", failed(1799, null, 0)],
    ["free", "has delivered since, and failed returnAfter ago", failed(1800, null, 0)],
  ])("as %s when it %s", (standing, _when, health) => {
    expect(standingOf(sizeWith(spotPool("a"), { health }), RULES, NOON)).toBe(standing);
    expect(standingOf(sizeWith(spotPool("a"), { health, unseen: UNSEEN }), RULES, NOON)).toBe("unseen");
  });

  it("as free when it never failed, however early it is", () => {
    expect(standingOf(sizeWith(spotPool("a")), RULES, 0)).toBe("free");
  });
});

describe("nodes under notice", () => {
  it.each([
    { desired: 5, ready: 4, noticed: 1, lasts: 4, serves: 3 },
    { desired: 3, ready: 5, noticed: 2, lasts: 1, serves: 1 },
    { desired: 3, ready: 3, noticed: 0, lasts: 3, serves: 3 },
  ])("last no longer: of $desired, $ready ready and $noticed under notice", ({ lasts, serves, ...size }) => {
    const pool = sizeWith(spotPool("a"), size);
    expect([lasting(pool), lastingReady(pool)]).toEqual([lasts, serves]);
  });
});

describe("what a pool keeps", () => {
  const pool = sizeWith(spotPool("a"), { desired: 6, ready: 2, given: 4, noticed: 1 });

  it("is what its cloud has given while it backs off, and all that it is asked for otherwise", () => {
    expect(keptBy(pool, "backingOff")).toBe(3);
    expect(keptBy(pool, "probing")).toBe(5);
    expect(keptBy(pool, "free")).toBe(5);
  });

  it("is no more than it is asked for, whatever its cloud has given", () => {
    expect(keptBy({ ...pool, given: 9 }, "backingOff")).toBe(5);
  });
});

describe("the most that may be put on a pool", () => {
  /** Of five nodes one is under notice, and three are given in all: two of the four that last. The cloud accepts ten. */
  const shape = { desired: 5, ready: 2, given: 3, noticed: 1, max: 10 };
  const still = { growth: 0, free: false };
  const grown = { growth: 2, free: false };
  const freed = { growth: 0, free: true };

  it.each<[string, Standing, typeof still, number, number]>([
    ["what the cloud has given, while it backs off", "backingOff", grown, 300, 2],
    ["what it has, where nothing grows and nothing may move", "free", still, 300, 4],
    ["what it has and the growth, where nothing may move", "free", grown, 300, 6],
    ["what the cloud accepts, where nodes may move", "free", freed, 300, 9],
    ["what it has and the growth, while it recovers", "recovering", grown, 300, 6],
    ["what it has, where nothing grows while it recovers", "recovering", freed, 300, 4],
    ["one node beyond what is given, where there is growth to try it with", "probing", grown, 300, 3],
    ["the probe that is out, before returnAfter is over", "probing", freed, 1799, 3],
    ["one node beyond what is given, once returnAfter is over", "probing", freed, 1800, 3],
  ])("is %s", (_what, standing, moves, ago, most) => {
    const pool = sizeWith(spotPool("a"), { ...shape, health: failed(ago, 0) });
    expect(capOf(pool, standing, moves, RULES, NOON)).toBe(most);
  });

  it.each([
    { ago: 1799, free: true, growth: 0, most: 3, why: "not before returnAfter is over" },
    { ago: 1800, free: true, growth: 0, most: 4, why: "once returnAfter is over" },
    { ago: 1800, free: false, growth: 0, most: 3, why: "not where nothing may move" },
    { ago: 0, free: false, growth: 1, most: 4, why: "where there is growth to try it with" },
  ])("is a probe more for a pool that owes nothing: $why", ({ ago, most, ...moves }) => {
    const pool = sizeWith(spotPool("a"), { desired: 3, health: failed(ago, 0) });
    expect(capOf(pool, "probing", moves, RULES, NOON)).toBe(most);
  });

  it("is a probe of one step, within what the cloud accepts", () => {
    const probed = (max: number): number =>
      capOf(sizeWith(spotPool("a"), { desired: 3, step: 3, max, health: failed(0, 0) }), "probing", grown, RULES, NOON);
    expect([probed(10), probed(4)]).toEqual([6, 4]);
  });

  it("is never less than what it has, even where the cloud accepts less", () => {
    const pool = sizeWith(spotPool("a"), { desired: 5, max: 3 });
    expect(capOf(pool, "free", freed, RULES, NOON)).toBe(5);
    expect(capOf({ ...pool, unseen: UNSEEN }, "unseen", grown, RULES, NOON)).toBe(5);
  });
});
