import { expect, it } from "vitest";
import { addLateness, careOf } from "./lateness.ts";

const OBJECTIVE = { arrivals: "a", backlog: "b", maxWait: 60, attainment: 0.99 };
const NONE = { arrived: 0, late: 0, watched: 0 };

/** A day of 10 a second, a share of it late. */
function dayWith(share: number) {
  let tally = NONE;
  for (let t = 0; t < 86_400; t += 60) tally = addLateness(tally, 10, 10 * share, 60);
  return tally;
}

it("care is ordinary before anything came in", () => {
  expect(careOf(NONE, OBJECTIVE)).toBe(1);
});

it("care grows with lateness, falls without any, and stays within its range", () => {
  expect(careOf(dayWith(0), OBJECTIVE)).toBeLessThan(1);
  expect(careOf(dayWith(0.02), OBJECTIVE)).toBeGreaterThan(1.5);
  expect(careOf(dayWith(1), OBJECTIVE)).toBe(8);
  expect(careOf({ arrived: 1e9, late: 0, watched: 1e9 }, OBJECTIVE)).toBe(0.25);
});

it("lateness counts less against a laxer objective", () => {
  const day = dayWith(0.02);
  expect(careOf(day, { ...OBJECTIVE, attainment: 0.9 })).toBeLessThan(careOf(day, OBJECTIVE));
});
