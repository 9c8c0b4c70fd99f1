import { describe, expect, it } from "vitest";
import { NOON, poolOf } from "../../../test/support/fleet.ts";
import type { Learned } from "../../model/learned.ts";
import { spotPool } from "../capacity/pools.fixture.ts";
import { sizeWith } from "../capacity/sizes.fixture.ts";
import type { PoolSize } from "../size.ts";
import { JOBS, lessonOf, NOTHING, pastWith, policyWith, type Seen, UNTOLD } from "./learn.fixture.ts";
import { restOf as rest } from "./rest.ts";

/** Jobs that may wait for five minutes; nobody knows how many a node serves. */
const NEW_JOBS = policyWith({ maxWait: "5m" });

const restOf = (past: Partial<Learned>, seen: Seen) => {
  const none = { desired: 0, ready: 0, given: 0 };
  return lessonOf(pastWith(past, seen.pool === undefined ? {} : none), seen).rest;
};
const idleFor = (pause: number): Partial<Learned> => ({
  busyAt: NOON - pause,
  backlog: { at: NOON - 60, waiting: 0, since: null },
});

describe("where nobody knows what a node serves", () => {
  it.each([
    ["stays for less than ten minutes", 599, false],
    ["is given up after ten minutes", 600, true],
  ])("the last node %s without requests", (_, pause, sleeps) => {
    expect(restOf(idleFor(pause), { ...NOTHING, policy: UNTOLD })).toMatchObject({ sleeps });
  });

  it("the last node stays while jobs are as good as likely, by what a late one would cost", () => {
    const sleeps = (care: number, pause: number) =>
      restOf({ ...idleFor(pause), care }, { ...NOTHING, policy: NEW_JOBS }).sleeps;
    expect(sleeps(75, 1200)).toBe(false);
    expect(sleeps(1, 4 * 3600)).toBe(true);
  });

  it("several nodes are asked for at once where there is none, and care is due", () => {
    const together = (policy: typeof JOBS, care: number) =>
      restOf({ care }, { policy, arrivals: 0.001, backlog: 1, running: 0, pool: poolOf(0) }).together;
    expect(together(NEW_JOBS, 75)).toBe(4);
    expect(together(NEW_JOBS, 1)).toBe(1);
    expect(together(UNTOLD, 75)).toBe(0);
  });

  it("as many as where it is known that a node serves ten within the wait", () => {
    const told = policyWith({ perNode: 10 / 300, maxWait: "5m" });
    const seen = { arrivals: 0.001, backlog: 1, running: 0, pool: poolOf(0) };
    for (const care of Array.from({ length: 146 }, (_, i) => 1.03 ** i))
      expect(restOf({ care }, { ...seen, policy: NEW_JOBS })).toEqual(restOf({ care }, { ...seen, policy: told }));
  });
});

describe("without work", () => {
  it("nothing is kept where there is nothing", () => {
    expect(restOf(idleFor(30), { ...NOTHING, pool: poolOf(0) }).sleeps).toBe(true);
    expect(restOf(idleFor(30), NOTHING).sleeps).toBe(false);
  });

  it("nothing sleeps while it is not known to be without work", () => {
    expect(restOf(idleFor(1e6), { arrivals: 0, backlog: 0 }).sleeps).toBe(false);
    expect(restOf(idleFor(1e6), { backlog: 0, running: 0 }).sleeps).toBe(false);
    expect(restOf(idleFor(1e6), { arrivals: 0, running: 0 }).sleeps).toBe(false);
  });
});

describe("of several pools", () => {
  const pools = (a: Partial<PoolSize>, b: Partial<PoolSize>) => [
    sizeWith(spotPool("a"), a),
    sizeWith(spotPool("b"), b),
  ];
  const resting = { now: NOON, maxWait: 300, rate: null, care: 75, waiting: 0, idleSince: NOON - 30 };

  it("the last node is kept in whichever it is", () => {
    const sleeps = (...sizes: Parameters<typeof pools>) =>
      rest(pastWith(), { ...resting, pools: pools(...sizes) }).sleeps;
    expect(sleeps({ desired: 1 }, { desired: 0 })).toBe(false);
    expect(sleeps({ desired: 0 }, { desired: 1 })).toBe(false);
    expect(sleeps({ desired: 0 }, { desired: 0 })).toBe(true);
  });

  it("one node that serves is enough, in whichever it is", () => {
    const working = { ...resting, waiting: 1, idleSince: null };
    const together = (...sizes: Parameters<typeof pools>) =>
      rest(pastWith(), { ...working, pools: pools(...sizes) }).together;
    expect(together({ desired: 1 }, { desired: 0 })).toBe(0);
    expect(together({ desired: 0 }, { desired: 1 })).toBe(0);
    expect(together({ desired: 1, ready: 0 }, { desired: 1, noticed: 1 })).toBe(4);
  });
});

describe("with work", () => {
  it.each([
    ["a node serves", { pool: poolOf(1) }, 0],
    ["nothing waits", { backlog: 0, running: 1 }, 0],
    ["the only one is under notice", { pool: poolOf(1, 1, { noticed: 1 }) }, 4],
    ["the only one boots", { pool: poolOf(1, 0) }, 4],
  ])("where %s, %o asks for %i at once", (_, more, together) => {
    const seen = { policy: JOBS, arrivals: 0.001, backlog: 1, running: 0, pool: poolOf(0), ...more };
    expect(restOf({ care: 75 }, seen).together).toBe(together);
  });
});
