import { describe, expect, it } from "vitest";
import { fleetOf, NOON, seriesOf, steady, stepped, unknown } from "../../test/support/fleet.ts";
import { type Reading, readingOf } from "../model/reading.ts";
import type { Sample } from "../model/series.ts";
import type { SignalObservation } from "../model/signal.ts";
import { type Condition, condition } from "../policy/schema/common.ts";
import { describeCondition, formatValue, judge } from "./conditions.ts";

const above = (threshold: number, lasting = "0s"): Condition =>
  condition.parse({ signal: "queue", above: threshold, for: lasting });
const below = (threshold: number, lasting = "0s"): Condition =>
  condition.parse({ signal: "queue", below: threshold, for: lasting });

/** What a signal like `queue` says now. */
function reading(observed: SignalObservation, poolEmpty = false, name = "queue"): Reading {
  const signal = fleetOf().signals[name];
  if (signal === undefined) throw new Error(name);
  return readingOf(signal, observed, NOON, poolEmpty);
}
const samples = (validity: number, ...all: Sample[]): Reading =>
  reading({ kind: "series", series: { samples: all, validity } });

describe("a threshold", () => {
  it.each([
    [above(50), 50, "false"],
    [above(50), 50.001, "true"],
    [below(10), 10, "false"],
    [below(10), 9.999, "true"],
    [above(0), 0, "false"],
    [below(0), -1, "true"],
  ])("%o is crossed, not reached, by %d: %s", (wanted, value, verdict) => {
    expect(judge(wanted, reading(steady(value, NOON)), NOON).verdict).toBe(verdict);
  });
});

describe("`for`", () => {
  it.each([
    ["a second longer than the window", 121, "true"],
    ["exactly as long as the window", 120, "true"],
    ["a second short of the window", 119, "pending"],
  ])("satisfied for %s is %s", (_, lasting, verdict) => {
    const series = seriesOf(NOON, 1800, (t) => (t >= NOON - lasting ? 60 : 40));
    // One more sample at the very second where the condition begins to hold.
    const all = [...series.samples, [NOON - lasting, 60] as const].toSorted((a, b) => a[0] - b[0]);
    const broken = [...all, [NOON - lasting - 1, 40] as const].toSorted((a, b) => a[0] - b[0]);
    expect(judge(above(50, "2m"), samples(15, ...broken), NOON).verdict).toBe(verdict);
  });

  it("is broken by one sample at the very begin of the window", () => {
    const one = (at: number) => {
      const all = seriesOf(NOON, 1800, () => 60).samples.map(([t]): Sample => [t, t === at ? 40 : 60]);
      return judge(above(50, "2m"), samples(15, ...all), NOON).verdict;
    };
    expect(one(NOON - 120)).toBe("pending");
    expect(one(NOON - 135)).toBe("true");
  });

  it("of zero needs one sample only", () => {
    expect(judge(above(50), samples(15, [NOON, 60]), NOON)).toMatchObject({ verdict: "true", coverage: 1 });
  });

  it("does not ask how the past was when the present does not satisfy", () => {
    const found = judge(above(50, "2m"), reading(stepped(60, 40, NOON - 15, NOON)), NOON);
    expect(found).toMatchObject({ verdict: "false", since: null, value: 40, why: null });
    expect(found.detail).toBe("queue above 50 for 2m: no, queue is 40");
  });
});

describe("coverage", () => {
  it.each([
    [79, "unknown", "lowCoverage"],
    [80, "true", null],
    [81, "true", null],
  ])("of %d %% of the window gives %s [F34]", (covered, verdict, why) => {
    const found = judge(above(50, "100s"), samples(covered, [NOON - covered, 60]), NOON);
    expect(found).toMatchObject({ verdict, why, coverage: covered / 100 });
  });

  it("tells how much of the window was seen", () => {
    const found = judge(above(50, "100s"), samples(50, [NOON - 50, 60]), NOON);
    expect(found.detail).toBe("queue above 50 for 1m40s: unknown, samples cover 50 % of the window (80 % needed)");
  });

  it.each([
    ["short", 15, "true"],
    ["long", 90, "unknown"],
  ])(
    "with a %s gap of NaN of %d s in 2 m is %s: NaN breaks nothing and covers nothing [F31] [F34]",
    (_, gap, verdict) => {
      const series = seriesOf(NOON, 1800, (t) => (t > NOON - 15 - gap && t <= NOON - 15 ? Number.NaN : 60));
      expect(judge(above(50, "2m"), reading({ kind: "series", series }), NOON).verdict).toBe(verdict);
    },
  );

  it("is judged only after what the samples say: a broken window is pending, not unknown", () => {
    const found = judge(above(50, "100s"), samples(15, [NOON - 60, 40], [NOON, 60]), NOON);
    expect(found).toMatchObject({ verdict: "pending", since: NOON });
  });
});

describe("a finding", () => {
  it("tells since when it holds", () => {
    const found = judge(above(50, "2m"), reading(stepped(0, 60, NOON - 300, NOON)), NOON);
    expect(found).toMatchObject({ verdict: "true", value: 60, age: 0, coverage: 1, since: NOON - 300, why: null });
    expect(found.detail).toBe("queue above 50 for 2m: yes, queue is 60 and has been for 5m");
  });

  it("tells for how long a pending one has held", () => {
    const found = judge(above(50, "2m"), reading(stepped(0, 60, NOON - 45, NOON)), NOON);
    expect(found).toMatchObject({ verdict: "pending", since: NOON - 45, comparison: "above", threshold: 50, for: 120 });
    expect(found.detail).toBe("queue above 50 for 2m: not yet, queue is 60 and has been for 45s");
  });

  it("says why it is unknown, and nothing else", () => {
    const found = judge(above(50), reading(unknown), NOON);
    expect(found).toMatchObject({ verdict: "unknown", why: "timeout", value: null, age: null, coverage: null });
    expect(found.detail).toBe("queue above 50: unknown, no answer within 8 s");
  });

  it("of an absent signal is not asked", () => {
    const found = judge(above(50), reading({ kind: "empty" }, true, "util"), NOON);
    expect(found).toMatchObject({ verdict: "absent", why: null, value: null });
    expect(found.detail).toBe("queue above 50: not asked, the pools are empty");
  });
});

it.each([
  [50, "50"],
  [0.123456, "0.1235"],
  [1234.5678, "1235"],
  [-2.5, "-2.5"],
])("%d is written %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});

it("a condition reads as the policy says it", () => {
  expect(describeCondition(below(0.2, "5m"))).toBe("queue below 0.2 for 5m");
  expect(describeCondition(above(85))).toBe("queue above 85");
});
