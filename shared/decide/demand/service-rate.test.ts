import { expect, it } from "vitest";
import { addServed, serviceRate } from "./service-rate.ts";

const OBJECTIVE = { arrivals: "a", backlog: "b", maxWait: 60, attainment: 0.99 };
const NONE = { served: 0, nodeSeconds: 0 };

it("the policy's word comes before what was learned", () => {
  expect(serviceRate({ ...OBJECTIVE, perNode: 4 }, NONE)).toBe(4);
});

it("a rate is unknown until enough was served", () => {
  expect(serviceRate(OBJECTIVE, addServed(NONE, 4, 2, 600))).toBeNull();
  expect(serviceRate(OBJECTIVE, addServed(NONE, 60, 2, 60))).toBe(0.5);
});

it("a rate follows what nodes serve now", () => {
  let past = addServed(NONE, 60, 2, 60);
  for (let i = 0; i < 500; i += 1) past = addServed(past, 120, 2, 60);
  expect(serviceRate(OBJECTIVE, past)).toBeCloseTo(1, 2);
});

it("an observation adds what was served and the node seconds, and fades what was before with the node seconds", () => {
  // exp(-120 / 14400) of what was.
  expect(addServed({ served: 100, nodeSeconds: 1000 }, 30, 2, 60)).toEqual({ served: 129.17, nodeSeconds: 1111.7 });
  expect(addServed({ served: 0, nodeSeconds: 0 }, 30, 3, 40)).toEqual({ served: 30, nodeSeconds: 120 });
});

it("less than nothing is never served", () => {
  expect(addServed({ served: 100, nodeSeconds: 1000 }, -500, 2, 60)).toEqual({ served: 0, nodeSeconds: 1111.7 });
});

it.each([
  [5, 120, 5 / 120],
  [4.99, 120, null],
  [5, 119, null],
  [4.99, 119, null],
  [50, 119, null],
  [4.99, 1200, null],
  [12, 240, 0.05],
])("%d served in %d node seconds is a rate of %d", (served, nodeSeconds, rate) => {
  expect(serviceRate(OBJECTIVE, { served, nodeSeconds })).toBe(rate);
});
