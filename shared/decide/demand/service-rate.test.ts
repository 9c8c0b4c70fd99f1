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
