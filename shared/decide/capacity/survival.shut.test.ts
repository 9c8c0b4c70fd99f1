import { describe, expect, it } from "vitest";
import { NOON } from "../../../test/support/fleet.ts";
import type { LearnedPool } from "../../model/learned.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import { order } from "../demand/learn.fixture.ts";
import { known, pastPool, shutPool, TRIED } from "./survival.fixture.ts";

const HOUR_AGO = NOON - 3600;
const EMPTY = { desired: 0, ready: 0, given: 0 };

describe("a refusal", () => {
  const refused = (last: LearnedPool, given = 2): LearnedPool =>
    known(last, { desired: 3, ready: 2, given }, NOON - 30);

  it("shuts a pool, with room for what it holds, and ends its probe", () => {
    expect(refused(pastPool({ refusals: 1, limit: 9, probing: true }))).toMatchObject({
      shut: true,
      limit: 2,
      triedAt: NOON,
      probing: false,
      refusals: 2,
      heard: NOON - 30,
    });
  });

  it("ends no spell of nodes that it holds, and that of a pool that holds none", () => {
    expect(refused(pastPool()).upSince).toBe(HOUR_AGO);
    const none = { ...EMPTY, desired: 1 };
    expect(known(pastPool({ ...EMPTY, upSince: HOUR_AGO }), none, NOON - 30).upSince).toBeNull();
  });

  it.each([
    { age: 299, shut: true, why: "young" },
    { age: 301, shut: false, why: "history" },
  ])("that is $age s old at first sight is $why", ({ age, shut }) => {
    expect(known(undefined, { desired: 1, ready: 0 }, NOON - age)).toMatchObject({ shut, heard: NOON - age });
  });

  it("that was heard before is no news", () => {
    expect(known(shutPool(), { desired: 2 }, TRIED)).toMatchObject({ refusals: 3, triedAt: TRIED });
  });

  it.each<[EpochSeconds | null, EpochSeconds | null, EpochSeconds | null]>([
    [null, null, null],
    [NOON - 30, null, NOON - 30],
    [null, NOON - 400, NOON - 400],
    [NOON - 30, NOON - 400, NOON - 30],
    [NOON - 400, NOON - 30, NOON - 30],
  ])("was heard at %s before and is told of %s: the later is remembered", (heard, told, latest) => {
    expect(known(pastPool({ heard }), { desired: 2 }, told).heard).toBe(latest);
  });
});

describe("a loss", () => {
  it.each([
    // 15 minutes count as ln 2 on the scale of lives.
    { losses: 0, exposure: 2, age: 900, after: { losses: 1, exposure: 2.59315 } },
    { losses: 2, exposure: 1, age: 900, after: { losses: 2.9, exposure: 1.64315 } },
    { losses: 2, exposure: 1, age: null, after: { losses: 2.9, exposure: 0.95 } },
  ])("after $losses counts beside 0.95 of them, and the spell of $age s beside theirs", ({ age, after, ...past }) => {
    const last = pastPool({ ...past, upSince: age === null ? null : NOON - age });
    expect(known(last, { desired: 2, noticed: 1 })).toMatchObject(after);
  });

  it("shuts a pool, with room for what it still holds, and ends its spell and its probe", () => {
    expect(known(shutPool({ probing: true, limit: 9 }), { desired: 2, noticed: 1 })).toMatchObject({
      shut: true,
      limit: 1,
      triedAt: NOON,
      probing: false,
      refusals: 1,
      upSince: null,
    });
  });
});

describe("a probe", () => {
  const probing = (more: Partial<LearnedPool> = {}) => shutPool({ probing: true, desired: 3, ...more });
  /** Of three nodes asked for two are ready, and `given` were given; the third was asked for so long before noon. */
  const answer = (last: LearnedPool, given: number, asked: number): LearnedPool =>
    known({ ...last, orders: [order(-asked, 1)] }, { desired: 3, ready: 2, given });

  it("opens a pool when a node is given, and begins its spell anew", () => {
    expect(answer(probing(), 3, 10)).toMatchObject({ shut: false, probing: false, refusals: 0, upSince: NOON });
  });

  it.each([
    { asked: 59, shut: true, why: "too young to tell" },
    { asked: 60, shut: false, why: "a yes" },
    { asked: 600, shut: false, why: "a yes, of one sent out at the time of the try" },
    { asked: 601, shut: true, why: "nothing, of one that is older than the try" },
  ])("after $asked s of silence is $why", ({ asked, shut }) => {
    expect(answer(probing(), 2, asked).shut).toBe(shut);
  });

  it("is answered by the silence of any of its orders", () => {
    const last = probing({ desired: 4, orders: [order(-90, 1), order(-10, 1)] });
    expect(known(last, { desired: 4, ready: 2 }).shut).toBe(false);
  });

  it("that owes nothing is not answered by silence", () => {
    expect(known(probing({ desired: 2 }), { desired: 2 })).toMatchObject({ shut: true, probing: true, triedAt: TRIED });
  });

  it("that was never sent is answered by nothing", () => {
    expect(answer(shutPool({ desired: 3 }), 3, 90)).toMatchObject({ shut: true, refusals: 3, upSince: HOUR_AGO });
  });
});

describe("a spell", () => {
  it.each<[string, LearnedPool | undefined, number, EpochSeconds | null]>([
    ["begins with the first nodes", pastPool({ ...EMPTY, upSince: null }), 1, NOON],
    ["begins at first sight of nodes", undefined, 1, NOON],
    ["does not begin without nodes", undefined, 0, null],
    ["does not begin while a pool is shut", shutPool({ ...EMPTY, upSince: null }), 1, null],
    ["goes on while nodes stay", pastPool(), 2, HOUR_AGO],
    ["goes on while there are more of them", pastPool(), 4, HOUR_AGO],
  ])("%s", (_what, last, nodes, upSince) => {
    expect(known(last, { desired: nodes }).upSince).toBe(upSince);
  });
});
