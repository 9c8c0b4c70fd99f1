import { expect, it } from "vitest";
import { lateAfterLoss } from "./risk.ts";

const LOAD = { arriving: 40, boot: 240, maxWait: 60 };

it("nothing is late while the rest serves what comes in", () => {
  expect(lateAfterLoss(LOAD, 40)).toBe(0);
});

it("a small loss is absorbed by the line", () => {
  expect(lateAfterLoss(LOAD, 32)).toBe(0);
});

it("the more is lost, the more is late", () => {
  const late = [24, 16, 8, 0].map((left) => lateAfterLoss(LOAD, left));
  expect(late).toEqual(late.toSorted((a, b) => a - b));
  expect(late.at(-1)).toBeGreaterThan(40 * 90);
});

it("nothing is late where all may wait for the replacement", () => {
  expect(lateAfterLoss({ ...LOAD, maxWait: 300 }, 0)).toBe(0);
});
