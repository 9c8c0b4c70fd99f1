import { expect, it } from "vitest";
import { AT_FIRST, addLateness, careOf } from "./lateness.ts";

const OBJECTIVE = { arrivals: "a", backlog: "b", maxWait: 60, attainment: 0.99 };
/** Share of what may be late that is aimed at. */
const AIM = 0.45;
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
  expect(careAfter(30, 1)).toBe(75);
});

it("care goes on rising for as long as more is late, so that no share above the aim is settled for", () => {
  expect(careAfter(2, 0.011)).toBeGreaterThan(careAfter(1, 0.011) + AT_FIRST);
});

it("care comes to rest below what may be late", () => {
  expect(careAfter(2, AIM * 0.01)).toBeCloseTo(AT_FIRST);
});

it.each([
  // Of 60 s as of 75 s four fifths are seen; of 15 s as of 30 s one half, which is 5 / 8 of that.
  [15, 5 / 8],
  [30, 5 / 6],
  [60, 1],
  [300, 1],
])("a wait of %i s comes to rest at %f of that, for less of a short one is seen", (maxWait, share) => {
  const late = 10 * AIM * share * 0.01;
  const past = { arrived: 864_000, watched: 86_400, care: 2 };
  expect(addLateness(past, { rate: 10, late, elapsed: 60 }, { ...OBJECTIVE, maxWait }).care).toBeCloseTo(2, 9);
  expect(
    addLateness(past, { rate: 10, late: late * 1.1, elapsed: 60 }, { ...OBJECTIVE, maxWait }).care,
  ).toBeGreaterThan(2);
});

it("lateness counts less against a laxer objective", () => {
  expect(careAfter(1, 0.012, 0.9)).toBeLessThan(careAfter(1, 0.012));
});

it("no work at all says nothing", () => {
  expect(careOf(addLateness(NONE, { rate: 0, late: 0, elapsed: 60 }, OBJECTIVE))).toBe(AT_FIRST);
});

const PAST = { arrived: 1000, watched: 500, care: 2 };
const SEEN = { rate: 10, late: 0.1, elapsed: 60 };

// A minute leaves exp(-60 / 172800) of what was; what usually comes is 1599.653 in 559.8264 s then.
it.each([
  ["after a minute", SEEN, [1599.65, 559.826]],
  ["after a gap, as after a minute", { ...SEEN, elapsed: 600 }, [1599.65, 559.826]],
  ["after half a minute", { ...SEEN, elapsed: 30 }, [1299.83, 529.913]],
  ["after a minute of a surge", { ...SEEN, rate: 20 }, [2199.65, 559.826]],
])("what usually comes is known by what came and when: %s", (_, seen, [arrived = 0, watched = 0]) => {
  expect(addLateness(PAST, seen, OBJECTIVE)).toMatchObject({ arrived, watched });
});

// The logarithm of care moves by what is late beyond the aim, against a day of what may be late of the usual.
it.each([
  ["rises by what is late beyond the aim", SEEN, 0.01, 1599.653 / 559.8264, 60],
  ["moves after a gap as after a minute", { ...SEEN, elapsed: 600 }, 0.01, 1599.653 / 559.8264, 60],
  ["moves about half as much after half a minute", { ...SEEN, elapsed: 30 }, 0.01, 2.5, 30],
  ["takes a quarter of a surge for the usual", { rate: 20, late: 1, elapsed: 60 }, 0.01, 5, 60],
  ["falls where nobody is late, however lax the objective", { ...SEEN, late: 0 }, 0.1, 1599.653 / 559.8264, 60],
])("care %s", (_, seen, mayBeLate, usual, span) => {
  const aim = AIM * mayBeLate;
  const change = (span * (seen.late - aim * seen.rate)) / (aim * 86_400 * usual);
  const { care } = addLateness(PAST, seen, { ...OBJECTIVE, attainment: 1 - mayBeLate });
  expect(care).toBeCloseTo(2 * Math.exp(change), 5);
});

it.each([
  [0.1, 0.25],
  [0.25, 0.25],
  [2, 2],
  [75, 75],
  [80, 75],
])("care of %d is taken as %d, then and in what follows", (care, within) => {
  expect(careOf({ care })).toBe(within);
  expect(addLateness({ arrived: 0, watched: 0, care }, { rate: 0, late: 0, elapsed: 60 }, OBJECTIVE).care).toBe(within);
});

it("care beyond its range moves from the end of its range", () => {
  expect(addLateness({ ...PAST, care: 1000 }, { ...SEEN, late: 0 }, OBJECTIVE).care).toBeLessThan(75);
  expect(addLateness({ ...PAST, care: 0.001 }, SEEN, OBJECTIVE).care).toBeGreaterThan(0.25);
});

it("who is late of nobody, or in no time, says nothing", () => {
  const none = { arrived: 0, watched: 0, care: 3 };
  expect(addLateness(none, { rate: 0, late: 1, elapsed: 60 }, OBJECTIVE)).toEqual({ arrived: 0, watched: 60, care: 3 });
  expect(addLateness(none, { rate: 5, late: 1, elapsed: 0 }, OBJECTIVE)).toEqual(none);
});
