import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Signal, signal as signalSchema } from "../policy/schema/signals.ts";
import { nodeReadingOf, readingOf } from "./reading.ts";
import type { Sample } from "./series.ts";
import type { SignalObservation } from "./signal.ts";

const NOW = 1_800_000_000;
const signal = (over: object = {}): Signal =>
  signalSchema.parse({ source: "prom", query: "q", maxAge: "90s", ...over });
const observed = (...samples: Sample[]): SignalObservation => ({ kind: "series", series: { samples, validity: 15 } });
const EMPTY: SignalObservation = { kind: "empty" };
const NO_NODES: SignalObservation = { kind: "perNode", nodes: {} };

describe("a known reading", () => {
  test("is the newest measurement with its age", () => {
    const reading = readingOf(signal(), observed([NOW - 40, 7], [NOW - 25, 9]), NOW, false);

    expect(reading).toEqual({
      kind: "known",
      value: 9,
      at: NOW - 25,
      age: 25,
      series: {
        samples: [
          [NOW - 40, 7],
          [NOW - 25, 9],
        ],
        validity: 15,
      },
    });
  });

  test("of a source whose clock is a little ahead has no age", () => {
    expect(readingOf(signal(), observed([NOW + 60, 9]), NOW, false)).toMatchObject({ kind: "known", age: 0 });
  });

  test("keeps only measurements in its series [F32]", () => {
    const observation = observed(
      [NOW - 60, Number.NaN],
      [NOW - 45, 2 ** 63],
      [NOW - 30, 1.5],
      [NOW - 15, 0.3],
      [NOW, 0.4],
    );

    expect(readingOf(signal({ unit: "ratio" }), observation, NOW, false)).toMatchObject({
      series: {
        samples: [
          [NOW - 15, 0.3],
          [NOW, 0.4],
        ],
      },
    });
  });

  test.each([
    [{ unit: "ratio" }, 1 + 1e-12],
    [{ unit: "ratio" }, -1e-12],
    [{ unit: "percent" }, 100],
    [{}, -3],
    [{}, 2 ** 31],
    [{}, 1e15],
  ])("of %o may be %d", (over, value) => {
    expect(readingOf(signal(over), observed([NOW, value]), NOW, false)).toMatchObject({ kind: "known", value });
  });
});

describe("a reading is unknown", () => {
  test.each([
    ["notANumber", {}, [NOW, Number.NaN]],
    ["notANumber", {}, [NOW, Number.POSITIVE_INFINITY]],
    ["notANumber", {}, [NOW, Number.NEGATIVE_INFINITY]],
    ["sentinel", {}, [NOW, Number("9223372036854775794")]],
    ["sentinel", {}, [NOW, -1.1e15]],
    ["sentinel", {}, [NOW, 2_147_483_632]],
    ["sentinel", {}, [NOW, 2_147_483_644]],
    ["sentinel", {}, [NOW, 140_737_488_355_328]],
    ["sentinel", { unit: "percent" }, [NOW, 2_147_483_634]],
    ["outOfRange", { unit: "ratio" }, [NOW, 1.01]],
    ["outOfRange", { unit: "ratio" }, [NOW, -0.01]],
    ["outOfRange", { unit: "percent" }, [NOW, 100.01]],
    ["outOfRange", { unit: "percent" }, [NOW, -0.01]],
    ["stale", {}, [NOW - 91, 1]],
    ["clockSkew", {}, [NOW + 61, 1]],
  ] as const)("%s with %o and the newest sample %o [F31] [F32] [F33] [F39]", (why, over, newest) => {
    expect(readingOf(signal(over), observed([NOW - 600, 0.5], newest), NOW, false)).toMatchObject({
      kind: "unknown",
      why,
    });
  });

  test("without samples [F30]", () => {
    expect(readingOf(signal(), observed(), NOW, false)).toMatchObject({ kind: "unknown", why: "empty" });
  });

  test("as its source says, whatever the pool", () => {
    const failed: SignalObservation = { kind: "unknown", why: "denied", detail: "no" };

    expect(readingOf(signal({ whenEmpty: "zero" }), failed, NOW, true)).toEqual(failed);
    expect(nodeReadingOf(signal({ whenEmpty: "zero", per: "node" }), failed, "n", NOW)).toEqual(failed);
  });

  test("when a per-node signal is asked for one value", () => {
    const nodes: SignalObservation = { kind: "perNode", nodes: { n: { samples: [[NOW, 1]], validity: 15 } } };

    expect(readingOf(signal({ per: "node" }), nodes, NOW, false)).toMatchObject({
      kind: "unknown",
      why: "severalSeries",
    });
  });
});

describe("no series", () => {
  const ZERO = { kind: "known", value: 0, at: NOW, age: 0 };
  const UNKNOWN = { kind: "unknown", why: "empty" };

  test.each([
    ["an empty pool", "absent", true, { kind: "absent" }],
    ["an empty pool", "zero", true, ZERO],
    ["an empty pool", "unknown", true, UNKNOWN],
    ["a pool with nodes", "absent", false, UNKNOWN],
    ["a pool with nodes", "zero", false, UNKNOWN],
    ["a pool with nodes", "unknown", false, UNKNOWN],
  ])("of %s with whenEmpty: %s [F41]", (_, whenEmpty, poolEmpty, expected) => {
    expect(readingOf(signal({ whenEmpty }), EMPTY, NOW, poolEmpty)).toMatchObject(expected);
    expect(readingOf(signal({ whenEmpty, per: "node" }), NO_NODES, NOW, poolEmpty)).toMatchObject(expected);
  });

  test("and a series that ended with the pool's last node are the same", () => {
    const ended = observed([NOW - 91, 40]);

    expect(readingOf(signal({ whenEmpty: "absent" }), ended, NOW, true)).toEqual({ kind: "absent" });
    expect(readingOf(signal({ whenEmpty: "absent" }), ended, NOW, false)).toMatchObject({ why: "stale" });
    expect(readingOf(signal(), ended, NOW, true)).toMatchObject({ why: "stale" });
  });
});

describe("one node", () => {
  const series = (at: number, value: number) => ({ samples: [[at, value]] as const, validity: 15 });
  const nodes: SignalObservation = {
    kind: "perNode",
    nodes: { busy: series(NOW, 2), ended: series(NOW - 91, 2), odd: series(NOW, Number.NaN) },
  };

  test.each([
    ["zero", "busy", { kind: "known", value: 2 }],
    ["zero", "missing", { kind: "known", value: 0 }],
    ["zero", "ended", { kind: "known", value: 0 }],
    ["zero", "odd", { kind: "unknown", why: "notANumber" }],
    ["zero", "toString", { kind: "known", value: 0 }],
    ["unknown", "busy", { kind: "known", value: 2 }],
    ["unknown", "missing", { kind: "unknown", why: "empty" }],
    ["unknown", "ended", { kind: "unknown", why: "stale" }],
    ["absent", "missing", { kind: "absent" }],
  ])("with whenEmpty: %s, node %s", (whenEmpty, node, expected) => {
    expect(nodeReadingOf(signal({ whenEmpty, per: "node" }), nodes, node, NOW)).toMatchObject(expected);
  });

  test("is not busy when a source whose silence means so reports no node at all", () => {
    expect(nodeReadingOf(signal({ whenEmpty: "zero", per: "node" }), NO_NODES, "n", NOW)).toMatchObject({ value: 0 });
  });

  test("cannot be told from a single series", () => {
    expect(nodeReadingOf(signal({ per: "node" }), observed([NOW, 1]), "n", NOW)).toMatchObject({ why: "noNodeLabel" });
  });
});

describe("whatever the samples", () => {
  const odd = fc.constantFrom(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    2 ** 63,
    2_147_483_632,
    -0,
  );
  const value = fc.oneof(fc.double(), fc.double({ min: -1, max: 101 }), odd);
  const time = fc.oneof(fc.double({ min: NOW - 200, max: NOW + 100 }), fc.double());
  const samples = fc.array(fc.tuple(time, value), { maxLength: 8 });
  const series = samples.map((all) => ({ samples: all, validity: 15 }));
  const observation = fc.oneof(
    series.map((s): SignalObservation => ({ kind: "series", series: s })),
    fc.dictionary(fc.string(), series).map((nodes): SignalObservation => ({ kind: "perNode", nodes })),
    fc.constant(EMPTY),
  );
  const signals = fc
    .record({
      unit: fc.constantFrom("ratio", "percent", undefined),
      whenEmpty: fc.constantFrom("absent", "zero", "unknown"),
    })
    .map(signal);
  const clock = fc.oneof(fc.constant(NOW), fc.double());

  test("a reading never throws, and what is known is finite, fresh and of its unit, in its series too [F31]", () => {
    fc.assert(
      fc.property(signals, observation, clock, fc.boolean(), fc.string(), (s, o, now, poolEmpty, node) => {
        const highest = s.unit === "ratio" ? 1.001 : s.unit === "percent" ? 100.001 : 1e15;
        for (const reading of [readingOf(s, o, now, poolEmpty), nodeReadingOf(s, o, node, now)]) {
          if (reading.kind !== "known") continue;
          expect(reading.age).toBeLessThanOrEqual(s.maxAge);
          for (const v of [reading.value, ...reading.series.samples.map(([, each]) => each)]) {
            expect(Number.isFinite(v)).toBe(true);
            expect(v).toBeLessThanOrEqual(highest);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
