import { describe, expect, it } from "vitest";
import { NOON, seriesOf } from "../../../test/support/fleet.ts";
import { addForecast, addRates, forecastOf, judgeForecasts } from "./forecast.ts";

const ratesOf = (at: (t: number) => number) => addRates([], seriesOf(NOON, 600, at));

describe("a forecast of arrivals", () => {
  it("is the level while that is steady", () => {
    expect(
      forecastOf(
        ratesOf(() => 20),
        0,
        240,
        60,
      ),
    ).toMatchObject({ level: 20, spread: 0 });
  });

  it("looks less far ahead where work may wait longer", () => {
    expect(forecastOf([], 0, 240, 300).horizon).toBe(forecastOf([], 0, 240, 60).horizon - 240);
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
    expect(addForecast(all, forecastOf([], 0, 240, 60), NOON).length).toBe(32);
  });
});
