import { describe, expect, it } from "vitest";
import { NOON } from "../../../test/support/fleet.ts";
import { POOL } from "../demand/learn.fixture.ts";
import { comingOf, hazardOf, lifeScale } from "./survival.ts";

/** As far as `survival` reads it: ages of 15 minutes, 45 minutes and 15 × (e - 1) minutes. */
it.each([
  { age: 0, scale: 0 },
  { age: 900, scale: Math.LN2 },
  { age: 2700, scale: 2 * Math.LN2 },
  { age: 900 * (Math.E - 1), scale: 1 },
  { age: -60, scale: 0 },
])("an age of $age s counts as $scale", ({ age, scale }) => {
  expect(lifeScale(age)).toBeCloseTo(scale, 12);
});

describe("losses an hour", () => {
  // One loss more than there were, by one more than their exposure and that of the spell, a spell being 15 minutes and its age.
  it.each([
    { losses: 0, exposure: 0, age: null, hazard: 4 },
    { losses: 1, exposure: 0, age: null, hazard: 8 },
    { losses: 2, exposure: 0.5, age: null, hazard: 8 },
    { losses: 0, exposure: 0, age: 0, hazard: 4 },
    { losses: 0, exposure: 0, age: 900, hazard: 2 / (1 + Math.LN2) },
    { losses: 0, exposure: 0, age: 2700, hazard: 1 / (1 + 2 * Math.LN2) },
    { losses: 2, exposure: 1, age: 900, hazard: 6 / (2 + Math.LN2) },
    { losses: 0, exposure: 0, age: -60, hazard: 4 },
  ])("are $hazard after $losses with an exposure of $exposure, in a spell of $age s", ({ age, hazard, ...past }) => {
    const upSince = age === null ? null : NOON - age;
    expect(hazardOf({ ...POOL, ...past, upSince }, NOON)).toBeCloseTo(hazard, 12);
  });
});

describe("nodes that a pool has or will get", () => {
  it.each([
    { desired: 5, noticed: 1, given: 2, shut: false, limit: 0, coming: 4, why: "all that it is asked for and lasts" },
    { desired: 1, noticed: 2, given: 0, shut: false, limit: 0, coming: 0, why: "nothing less than none" },
    { desired: 5, noticed: 1, given: 2, shut: true, limit: 0, coming: 2, why: "what it has given, while it is shut" },
    { desired: 5, noticed: 1, given: 2, shut: true, limit: 3, coming: 3, why: "what it is known to have room for" },
    { desired: 5, noticed: 3, given: 4, shut: true, limit: 3, coming: 2, why: "no more than lasts, even so" },
  ])("are $coming: $why", ({ coming, ...pool }) => {
    expect(comingOf({ ...POOL, ...pool })).toBe(coming);
  });
});
