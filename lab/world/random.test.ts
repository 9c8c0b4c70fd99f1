import { describe, expect, test } from "vitest";
import { createRandom, logNormal, poisson } from "./random.ts";

const moments = (values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return { mean, variance };
};

describe("random numbers", () => {
  test("are the same for one seed and others for another", () => {
    const first = (seed: number) => {
      const random = createRandom(seed);
      return [random.next(), random.next(), random.next()];
    };
    expect(first(7)).toEqual(first(7));
    expect(first(7)).not.toEqual(first(8));
  });

  test("spread evenly over [0, 1)", () => {
    const random = createRandom(1);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 20_000; i += 1) {
      const tenth = Math.floor(random.next() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // Five deviations of a count with mean 2000.
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(5 * Math.sqrt(1800));
  });

  test.each([0.3, 4, 9.9, 10.1, 60, 500])("Poisson numbers have mean and variance %d", (mean) => {
    const random = createRandom(3);
    const { mean: measured, variance } = moments(Array.from({ length: 20_000 }, () => poisson(random, mean)));
    expect(Math.abs(measured - mean)).toBeLessThan(5 * Math.sqrt(mean / 20_000));
    expect(variance / mean).toBeGreaterThan(0.93);
    expect(variance / mean).toBeLessThan(1.07);
  });

  test("a Poisson number of mean 0 is 0", () => {
    expect(poisson(createRandom(1), 0)).toBe(0);
  });

  test("log-normal numbers have their median", () => {
    const random = createRandom(5);
    const boots = Array.from({ length: 5001 }, () => logNormal(random, 240, 0.35)).sort((a, b) => a - b);
    expect(Math.abs((boots[2500] ?? 0) / 240 - 1)).toBeLessThan(0.03);
    expect(moments(boots.map(Math.log)).variance).toBeCloseTo(0.35 ** 2, 2);
  });
});
