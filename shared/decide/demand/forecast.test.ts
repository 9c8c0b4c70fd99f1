import { describe, expect, it } from "vitest";
import { NOON, seriesOf } from "../../../test/support/fleet.ts";
import { addForecast, addRates, forecastOf, judgeForecasts, usualAfter } from "./forecast.ts";

const horizon = (boot: number, maxWait: number, usual: number | null = null) => ({ boot, maxWait, usual });
const ratesOf = (at: (t: number) => number) => addRates([], seriesOf(NOON, 600, at));

describe("a forecast of arrivals", () => {
  it("is the level while that is steady", () => {
    const rates = ratesOf(() => 20);
    expect(forecastOf(rates, 0, horizon(240, 60))).toMatchObject({ level: 20, spread: 0 });
  });

  it("looks less far ahead where work may wait longer", () => {
    expect(forecastOf([], 0, horizon(240, 300)).horizon).toBe(forecastOf([], 0, horizon(240, 60)).horizon - 240);
  });

  it("learns from what exceeded it, and only from that", () => {
    const expected = [{ at: NOON - 10, rate: 10 }];
    const rates = ratesOf(() => 20);
    expect(judgeForecasts({ forecasts: expected, variance: 0 }, rates, 60, NOON)).toEqual({
      forecasts: [],
      variance: 1,
    });
    const above = [{ at: NOON - 10, rate: 30 }];
    expect(judgeForecasts({ forecasts: above, variance: 0 }, rates, 60, NOON).variance).toBe(0);
  });

  it("is judged only once its time has come", () => {
    const past = { forecasts: [{ at: NOON + 60, rate: 1 }], variance: 0 };
    expect(
      judgeForecasts(
        past,
        ratesOf(() => 20),
        60,
        NOON,
      ),
    ).toEqual(past);
  });
});

describe("what is remembered of arrivals", () => {
  it("is ten minutes, whatever is given", () => {
    const dense = { samples: Array.from({ length: 5000 }, (_, i) => [NOON - 5000 + i, 1] as const), validity: 1 };
    const rates = addRates([], dense);
    expect(rates.length).toBeLessThanOrEqual(64);
    expect(rates[0]?.at).toBeGreaterThanOrEqual(NOON - 601);
  });

  it("does not change when the same samples come again", () => {
    const series = seriesOf(NOON, 300, (t) => t % 7);
    const once = addRates([], series);
    expect(addRates(once, series)).toEqual(once);
  });

  it("keeps a bounded number of forecasts", () => {
    const all = Array.from({ length: 50 }, (_, i) => ({ at: NOON + i, rate: 1 }));
    expect(addForecast(all, forecastOf([], 0, horizon(240, 60)), NOON).length).toBe(32);
  });
});

describe("the measurements that are kept", () => {
  const samples = (...all: readonly (readonly [after: number, value: number])[]) => ({
    samples: all.map(([after, value]) => [NOON + after, value] as const),
    validity: 15,
  });

  it("are ten seconds apart at least", () => {
    const dense = samples([0, 1], [9, 2], [10, 3], [19, 4], [20, 5], [31, 6]);
    expect(addRates([], dense)).toEqual([
      { at: NOON, rate: 1 },
      { at: NOON + 10, rate: 3 },
      { at: NOON + 20, rate: 5 },
      { at: NOON + 31, rate: 6 },
    ]);
    expect(addRates([{ at: NOON + 5, rate: 9 }], samples([14, 1], [15, 2]))).toEqual([
      { at: NOON + 5, rate: 9 },
      { at: NOON + 15, rate: 2 },
    ]);
  });

  it("are never negative, and to six digits", () => {
    expect(addRates([], samples([0, -5], [10, 1.23456789])).map((each) => each.rate)).toEqual([0, 1.23457]);
  });

  it("are those of less than ten minutes before the newest", () => {
    const past = [-601, -600, -599, -300].map((after) => ({ at: NOON + after, rate: 1 }));
    const ages = (rates: ReturnType<typeof addRates>) => rates.map((each) => each.at - NOON);
    expect(ages(addRates(past, samples([0, 1])))).toEqual([-599, -300, 0]);
    expect(ages(addRates(past, samples()))).toEqual([-601, -600, -599, -300]);
  });

  it("are 64 at most, the newest", () => {
    const past = Array.from({ length: 100 }, (_, i) => ({ at: NOON + i, rate: i }));
    expect(addRates(past, samples())).toEqual(past.slice(36));
  });

  it("are none where none were made", () => {
    expect(addRates([], samples())).toEqual([]);
  });
});

describe("the numbers of a forecast", () => {
  const rates = [
    { at: NOON - 300, rate: 400 },
    { at: NOON - 240, rate: 100 },
    { at: NOON - 239, rate: 10 },
    { at: NOON, rate: 20 },
  ];

  it.each([
    ["over less than four minutes", 60, 15],
    ["over as much for a wait of just that", 240, 15],
    ["over the wait where that is longer", 241, 130 / 3],
    ["over the wait, its begin aside", 300, 130 / 3],
    ["over all that is known for a long wait", 301, 132.5],
  ])("the level is the mean %s", (_, maxWait, level) => {
    expect(forecastOf(rates, 0, horizon(240, maxWait)).level).toBeCloseTo(level, 9);
  });

  it.each([
    // 15 a second make 3600 in four minutes: to 5 that are usual, next to nothing.
    ["next to nothing of it where many come", 7, 3605 / (240 + 5 / 7)],
    ["nothing where nothing is usual", 0, 15],
    ["nothing of it where it is not known", null, 15],
  ])("the usual counts %s", (_, usual, level) => {
    expect(forecastOf(rates, 0, horizon(240, 60, usual)).level).toBeCloseTo(level, 9);
  });

  it("of few that come, little is concluded", () => {
    const one = [{ at: NOON, rate: 1 / 240 }];
    // One in four minutes, where five an hour are usual, is taken for six in an hour and four minutes.
    expect(forecastOf(one, 0, horizon(240, 60, 5 / 3600)).level).toBeCloseTo(6 / 3840, 9);
    expect(forecastOf([], 0, horizon(240, 60, 5 / 3600)).level).toBeCloseTo(5 / 3840, 9);
  });

  it("nothing is expected where nothing was measured", () => {
    expect(forecastOf([], 0, horizon(240, 60)).level).toBe(0);
  });

  it("the spread is the deviation", () => {
    expect(forecastOf(rates, 9, horizon(240, 60)).spread).toBe(3);
  });

  it.each([
    [240, 0, 420],
    [240, 60, 420],
    [240, 61, 419],
    [100, 60, 280],
    [240, 449, 31],
    [240, 450, 30],
    [240, 451, 30],
    [240, 3600, 30],
  ])("with a boot of %i s and a wait of %i s the horizon is %i s", (boot, maxWait, seconds) => {
    expect(forecastOf(rates, 0, horizon(boot, maxWait)).horizon).toBe(seconds);
  });
});

describe("what usually comes", () => {
  it("is what comes, at first sight", () => {
    expect(usualAfter(null, 4, 60)).toBe(4);
  });

  it("is the mean of about an hour", () => {
    expect(usualAfter(2, 4, 3600)).toBeCloseTo(4 - 2 / Math.E, 4);
    expect(usualAfter(2, 4, 0)).toBe(2);
  });
});

describe("the judgement of forecasts", () => {
  const at = (after: number, rate: number) => ({ at: NOON + after, rate });
  const rates = [at(-15, 1000), at(-14, 10), at(0, 30)];
  const judged = (forecasts: readonly ReturnType<typeof at>[], maxWait = 60, now = NOON, variance = 100) =>
    judgeForecasts({ forecasts, variance }, rates, maxWait, now);

  it("takes a hundredth of each square, one after the other", () => {
    // What arrived is 20: of the last 15 seconds.
    expect(judged([at(-60, 10)])).toEqual({ forecasts: [], variance: 0.99 * 100 + 0.01 * 10 ** 2 });
    expect(judged([at(-60, 0)]).variance).toBeCloseTo(103, 9);
    expect(judged([at(-60, 0), at(-30, 10)]).variance).toBeCloseTo(0.99 * 103 + 1, 9);
    expect(judged([at(-60, 25)]).variance).toBeCloseTo(99, 9);
  });

  it("holds them against what arrived for as long as the wait, less what a measurement is averaged over", () => {
    // 16 s: all three, 1040 / 3; and never less than the newest, 30.
    expect(judged([at(-60, 1040 / 3 - 10)], 61).variance).toBeCloseTo(100, 3);
    expect(judged([at(-60, 20)], 10).variance).toBeCloseTo(100, 9);
    expect(judged([at(-60, 20)], 46).variance).toBeCloseTo(100, 9);
  });

  it("is due at the newest measurement, and not before it nor before its own time", () => {
    const all = [at(-1, 20), at(0, 20), at(1, 20)];
    expect(judged(all).forecasts).toEqual([at(1, 20)]);
    expect(judged(all, 60, NOON + 600).forecasts).toEqual([at(1, 20)]);
    expect(judged(all, 60, NOON - 1).forecasts).toEqual([at(0, 20), at(1, 20)]);
    expect(judged(all).variance).toBeCloseTo(0.99 ** 2 * 100, 4);
  });

  it("is never due where nothing was measured", () => {
    const past = { forecasts: [at(-600, 1)], variance: 5 };
    expect(judgeForecasts(past, [], 60, NOON)).toEqual(past);
  });
});

it("a forecast is remembered for the end of its horizon, as the newest of 32", () => {
  const made = { level: 1.23456789, spread: 0, horizon: 419.6 };
  expect(addForecast([], made, NOON)).toEqual([{ at: NOON + 420, rate: 1.23457 }]);
  const all = Array.from({ length: 32 }, (_, i) => ({ at: NOON + i, rate: i }));
  expect(addForecast(all, made, NOON)).toEqual([...all.slice(1), { at: NOON + 420, rate: 1.23457 }]);
  expect(addForecast(all.slice(1), made, NOON).length).toBe(32);
});
