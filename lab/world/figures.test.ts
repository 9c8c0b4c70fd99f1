import { describe, expect, test } from "vitest";
import { type Figures, scoreOf } from "./figures.ts";

const run = (more: Partial<Figures> = {}): Figures => ({
  cost: 100,
  arrived: 1000,
  onTime: 995,
  unserved: 0,
  nodeHours: 50,
  spotHours: 40,
  calls: 20,
  failedLaunches: 5,
  breaches: [10, 20, 600],
  lost: 7,
  ...more,
});

describe("a score", () => {
  test("pools the runs", () => {
    expect(scoreOf([run(), run({ cost: 300, spotHours: 0 })])).toMatchObject({
      cost: 400,
      attainment: 0.995,
      spotShare: 0.4,
      churn: 0.5,
      lost: 14,
      breachP95: 600,
      spread: 0.5,
      passes: true,
    });
  });

  test.each<[string, readonly Figures[]]>([
    ["too many are late in all", [run({ onTime: 980 }), run()]],
    [
      "a single week is far too late",
      [run({ onTime: 970 }), run({ onTime: 1000 }), ...Array.from({ length: 9 }, () => run())],
    ],
    ["somebody is never served", [run({ unserved: 1 }), run()]],
    ["the cloud is asked too often", [run({ calls: 200 }), run({ failedLaunches: 400 })]],
  ])("does not pass the gate when %s", (_why, runs) => {
    expect(scoreOf(runs).passes).toBe(false);
  });
});
