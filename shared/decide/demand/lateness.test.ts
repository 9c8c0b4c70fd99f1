import { expect, it } from "vitest";
import { AT_FIRST, addLateness, careOf } from "./lateness.ts";

const OBJECTIVE = { arrivals: "a", backlog: "b", maxWait: 60, attainment: 0.99 };
const NONE = { arrived: 0, watched: 0, care: AT_FIRST };

/** Care after so many days of 10 a second, a share of them late. */
function careAfter(days: number, share: number, attainment = 0.99): number {
  let tally = NONE;
  const seen = { rate: 10, late: 10 * share, elapsed: 60 };
  for (let t = 0; t < days * 86_400; t += 60) tally = addLateness(tally, seen, { ...OBJECTIVE, attainment });
  return careOf(tally);
}

it("care is above the usual before anything came in", () => {
  expect(careOf(NONE)).toBeGreaterThan(1);
});

it("care falls while less is late than may be, and rises while more is, within its range", () => {
  expect(careAfter(1, 0)).toBeLessThan(1);
  expect(careAfter(1, 0.012)).toBeGreaterThan(AT_FIRST);
  expect(careAfter(30, 0)).toBe(0.25);
  expect(careAfter(30, 1)).toBe(50);
});

it("care goes on rising for as long as more is late, so that no share above the aim is settled for", () => {
  expect(careAfter(2, 0.011)).toBeGreaterThan(careAfter(1, 0.011) + AT_FIRST);
});

it("care comes to rest below what may be late", () => {
  expect(careAfter(2, 0.005)).toBeCloseTo(AT_FIRST);
});

it("lateness counts less against a laxer objective", () => {
  expect(careAfter(1, 0.012, 0.9)).toBeLessThan(careAfter(1, 0.012));
});

it("no work at all says nothing", () => {
  expect(careOf(addLateness(NONE, { rate: 0, late: 0, elapsed: 60 }, OBJECTIVE))).toBe(AT_FIRST);
});
