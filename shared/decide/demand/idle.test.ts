import { describe, expect, it } from "vitest";
import { addGap, bestTogether, foresight, lateAfterStart, worthKeeping } from "./idle.ts";

/** A boot that costs as much as ten minutes of a node, and lateness worth five more. */
const STAKES = { keeping: 1, starting: 900 };

/** Pauses that all lasted as long, seen once a minute. */
function pausesOf(length: number, count: number) {
  let gaps = null;
  for (let i = 0; i < count; i += 1)
    for (let t = 0; t < length; t += 60) gaps = addGap(gaps, t, Math.min(length, t + 60), t + 60 >= length);
  return gaps;
}

const keptFor = (gaps: ReturnType<typeof pausesOf>, stakes = STAKES): number => {
  let age = 0;
  while (age < 86_400 && worthKeeping(gaps, age, stakes)) age += 60;
  return age;
};

describe("a node without work", () => {
  it("is kept for a while by the usual pauses alone, the longer the more a start costs and the less it costs itself", () => {
    const usual = keptFor(null);
    expect(usual).toBeGreaterThan(60);
    expect(usual).toBeLessThan(3600);
    expect(keptFor(null, { ...STAKES, starting: 9000 })).toBeGreaterThan(usual);
    expect(keptFor(null, { ...STAKES, keeping: 3 })).toBeLessThan(usual);
  });

  it("is kept through pauses that end before they cost as much as a start, and not beyond them", () => {
    const kept = keptFor(pausesOf(600, 100));
    expect(kept).toBeGreaterThanOrEqual(600);
    expect(kept).toBeLessThan(1200);
  });

  it("goes soon where pauses last for hours", () => {
    expect(keptFor(pausesOf(4 * 3600, 20))).toBeLessThan(keptFor(null) / 2);
  });

  it("is not kept for ever where starting costs nothing", () => {
    expect(keptFor(null, { ...STAKES, starting: 0 })).toBeLessThanOrEqual(60);
  });
});

it("a pause is remembered by its age, the latest of them most, in bounded numbers", () => {
  const gaps = pausesOf(600, 1000);
  expect(gaps?.ended.length).toBe(gaps?.lasted.length);
  expect(Math.max(...(gaps?.ended ?? []))).toBeLessThan(100);
  expect(addGap(gaps, 0, 30, true)).toEqual(gaps);
});

describe("a cold start", () => {
  const start = { boot: 240, spread: 80, maxWait: 300, rate: 0.04 };
  const late = (more: Partial<typeof start>): number => lateAfterStart({ ...start, ...more });

  it("makes the more late the longer a boot takes and the less work may wait", () => {
    expect(late({ boot: 420 })).toBeGreaterThan(late({}));
    expect(late({ maxWait: 60 })).toBeGreaterThan(late({}));
    expect(late({ maxWait: 3600 })).toBeCloseTo(0);
    expect(late({ boot: 1e9 })).toBeLessThan(1e9);
  });

  it("is worth several nodes where the first of them is in time and one may not be", () => {
    const together = (more: Partial<typeof start>, boots: number, lates: number) =>
      bestTogether({ ...start, ...more }, boots, lates);
    expect(together({}, 0.06, 0.01)).toMatchObject({ nodes: 1 });
    expect(together({}, 0.06, 0.25)).toMatchObject({ nodes: 2 });
    expect(together({}, 0.06, 100)).toMatchObject({ nodes: 4 });
    expect(together({ maxWait: 1200 }, 0.06, 0.6)).toMatchObject({ nodes: 1 });
  });

  it("costs its boots and what is late all the same, and never more than with one node", () => {
    expect(bestTogether(start, 0.06, 0.01).cost).toBeCloseTo(0.06 + 0.01 * late({}));
    for (const lates of [0.01, 0.1, 1, 10])
      expect(bestTogether(start, 0.06, lates).cost).toBeLessThanOrEqual(0.06 + lates * late({}));
  });
});

it("demand is foreseen as far as it cannot wait for a node", () => {
  expect(foresight(240, 60)).toBe(1);
  expect(foresight(240, 600)).toBe(0);
  expect(foresight(420, 300)).toBeGreaterThan(foresight(300, 300));
});
