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

// A boot leaves a gap of boot + 20 - 60 seconds. Late are those who come between the first, once the line takes longer than
// the wait, and the last, (gap × (1 - left / (5 × arriving)) - wait) / 0.8 after the loss.
it.each([
  { arriving: 40, boot: 240, maxWait: 60, left: 20, late: 40 * (150 - 60), why: "half is lost" },
  { arriving: 40, boot: 240, maxWait: 60, left: 0, late: 40 * (175 - 0), why: "all is lost" },
  { arriving: 40, boot: 240, maxWait: 0, left: 20, late: 40 * 225, why: "half is lost and nothing may wait" },
  { arriving: 10, boot: 140, maxWait: 20, left: 5, late: 10 * (87.5 - 20), why: "a boot is short" },
  { arriving: 40, boot: 30, maxWait: 0, left: 0, late: 0, why: "a boot is over before the nodes are gone" },
  { arriving: 40, boot: 240, maxWait: 60, left: 80, late: 0, why: "more is left than comes in" },
  { arriving: 0, boot: 240, maxWait: 60, left: 0, late: 0, why: "nothing comes in" },
])("$late are late where $why", ({ left, late, ...load }) => {
  expect(lateAfterLoss(load, left)).toBeCloseTo(late, 9);
});
