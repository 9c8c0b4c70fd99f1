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

describe("the pauses that are remembered", () => {
  const CLASSES = 17;
  /** All zero but for these classes. */
  const classes = (some: Readonly<Record<number, number>>) => Array.from({ length: CLASSES }, (_, i) => some[i] ?? 0);
  type Some = Readonly<Record<number, number>>;

  // The classes begin at 60, 84.8528, 120, 169.706, 240 s and so on, the last at 15360 s.
  it.each<[string, Parameters<typeof addGap>, Some, Some]>([
    ["a pause of a minute is no pause", [null, 0, 60, true], {}, {}],
    ["one of a second more is", [null, 0, 61, true], { 0: 0.98 }, { 0: 0.98 }],
    ["a pause that goes on", [null, 0, 100, false], { 0: 24.8528, 1: 15.1472 }, {}],
    ["a part of it only", [null, 90, 130, false], { 1: 30, 2: 10 }, {}],
    ["a part within one class", [null, 130, 150, false], { 2: 20 }, {}],
    ["a pause that ended", [null, 0, 100, true], { 0: 24.8528, 1: 0.98 * 15.1472 }, { 1: 0.98 }],
    ["one that ended where a class does", [null, 0, 120, true], { 0: 24.8528, 1: 0.98 * 35.1472 }, { 1: 0.98 }],
    ["one that began where a class does", [null, 120, 130, true], { 2: 9.8 }, { 2: 0.98 }],
    ["one of which only the end was seen", [null, 100, 100, true], {}, { 1: 0.98 }],
    ["one that ended before it was seen", [null, 130, 129, true], {}, {}],
    ["one of the last class", [null, 15000, 40000, true], { 15: 360, 16: 0.98 * 24640 }, { 16: 0.98 }],
    ["one that ended soon in the last class", [null, 15300, 15400, true], { 15: 60, 16: 39.2 }, { 16: 0.98 }],
    ["one of the last class that goes on", [null, 20000, 30000, false], { 16: 10000 }, {}],
  ])("%s", (_, [past, from, to, ended], lasted, ends) => {
    const gaps = addGap(past, from, to, ended);
    expect(gaps.lasted.length).toBe(CLASSES);
    classes(lasted).forEach((seconds, i) => {
      expect(gaps.lasted[i]).toBeCloseTo(seconds, 3);
    });
    expect(gaps.ended).toEqual(classes(ends));
  });

  it("add up, and fade in the class of the one that ended alone", () => {
    const past = { lasted: classes({ 0: 100, 1: 200, 2: 300 }), ended: classes({ 0: 10, 1: 20, 2: 30 }) };
    expect(addGap(past, 90, 110, true)).toEqual({
      lasted: classes({ 0: 100, 1: 0.98 * 220, 2: 300 }),
      ended: classes({ 0: 10, 1: 0.98 * 21, 2: 30 }),
    });
    expect(addGap(past, 90, 110, false)).toEqual({ ...past, lasted: classes({ 0: 100, 1: 220, 2: 300 }) });
    expect(addGap(past, 0, 60, true)).toBe(past);
    expect(addGap(past, 130, 129, true)).toBe(past);
  });

  // A class without pauses has the hazard ln 2 / 4 over its width: its share that ends is 1 - 2 ^ -1/4.
  const seen = (lasted: Some, ended: Some) => ({ lasted: classes(lasted), ended: classes(ended) });
  it.each<[string, ReturnType<typeof seen> | null, number, number]>([
    ["at once, by the usual pauses: the width of the first class, in ln 2 / 4", null, 60, 143.42],
    ["within the second class", null, 100, 202.827],
    ["where the third class begins", null, 120, 286.84],
    ["in the last class", null, 15360, 36715.6],
    ["beyond the begin of what would follow it", null, 30000, 36715.6],
    ["where ten of the first class ended in 1000 s", seen({ 0: 1000 }, { 0: 10 }), 60, 102.815],
    ["where many ended in the next class", seen({}, { 1: 100 }), 60, 49.9498],
    ["where many ended in the next class but this", seen({}, { 5: 100 }), 240, 95.9709],
    ["the same, later in a class", seen({}, { 5: 100 }), 270, 70.3249],
    ["where many ended two classes later", seen({}, { 6: 100 }), 240, 205.4],
    ["where many ended in the last class", seen({}, { 16: 100 }), 12000, 3373.72],
    ["in the last class, where many ended", seen({}, { 16: 100 }), 16000, 252.741],
  ])("say up to which cost of a start a node is given up: %s", (_, gaps, age, seconds) => {
    for (const keeping of [1, 0.5]) {
      expect(worthKeeping(gaps, age, { keeping, starting: keeping * seconds * 0.9999 })).toBe(false);
      expect(worthKeeping(gaps, age, { keeping, starting: keeping * seconds * 1.0001 })).toBe(true);
    }
  });

  it("say nothing in the first minute: every node is kept", () => {
    const free = { keeping: 1, starting: 0 };
    expect(worthKeeping(null, 59, free)).toBe(true);
    expect(worthKeeping(null, 60, free)).toBe(false);
    expect(worthKeeping(null, 60, { keeping: 0, starting: 0 })).toBe(false);
  });
});

describe("the numbers of a cold start", () => {
  const start = { boot: 240, spread: 80, maxWait: 300, rate: 0.04 };
  const none = { ...start, boot: 300, spread: 0 };

  it.each([
    // Half a chance, and 0.02 a second for ln 2 scales of 80 s * sqrt 3 / pi.
    ["a boot that takes as long as the wait, a minute of reaction included", start, 1.111443],
    ["a shorter wait", { ...start, maxWait: 180 }, 3.394475],
    ["a longer wait", { ...start, maxWait: 420 }, 0.118001],
    ["a boot that never deviates: the first, and 0.02 a second for a minute", none, 2.2],
    ["a boot that deviates by less than a second", { ...none, spread: 0.5 }, 2.2],
    ["a boot that never deviates and is in time", { ...none, boot: 200 }, 0],
  ])("what is late after %s", (_, from, late) => {
    expect(lateAfterStart(from)).toBeCloseTo(late, 6);
  });

  it("what is late stays a number however long a boot takes", () => {
    expect(lateAfterStart({ ...none, boot: 3_000_300 })).toBeCloseTo(1 + 0.02 * 3_000_060, 6);
  });

  it.each([
    [0.06, 1, 0.06 + 0.06 * 1.111443],
    [0.25, 2, 0.12 + 0.25 * 0.410144],
    [0.5, 3, 0.18 + 0.5 * 0.193703],
    [2, 4, 0.24 + 2 * 0.106932],
  ])("with late requests at %d $ and boots at 0.06 $, %i nodes are best and cost %d $", (lates, nodes, cost) => {
    const best = bestTogether(start, 0.06, lates);
    expect(best.nodes).toBe(nodes);
    expect(best.cost).toBeCloseTo(cost, 6);
  });

  it("of sizes that cost the same the smallest is best", () => {
    expect(bestTogether(start, 0, 0)).toEqual({ nodes: 1, cost: 0 });
  });
});

it.each([
  [240, 60, 1],
  [240, 59, 1],
  [240, 180, 0.5],
  [300, 300, 0.2],
  [240, 299, 1 / 240],
  [240, 300, 0],
  [240, 301, 0],
])("with a boot of %i s and a wait of %i s, demand is foreseen by a share of %d", (boot, maxWait, share) => {
  expect(foresight(boot, maxWait)).toBeCloseTo(share, 9);
});
