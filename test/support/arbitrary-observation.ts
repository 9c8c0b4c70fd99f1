import fc from "fast-check";
import type { Learned, LearnedPool } from "../../shared/model/learned.ts";
import { EMPTY_MEMORY, type Override, type PoolHealth, type WorkloadMemory } from "../../shared/model/memory.ts";
import type { Observation } from "../../shared/model/observation.ts";
import type { PoolObservation } from "../../shared/model/pool.ts";
import type { Series } from "../../shared/model/series.ts";
import type { SignalObservation } from "../../shared/model/signal.ts";
import { nodes, POOLS, SIGNALS, signalName } from "./arbitrary-policy.ts";
import { NOON, poolOf, seriesOf, steady, stepped, unknown } from "./fleet.ts";

// Anything that may be observed, and anything that may be remembered.

/** Numbers that exporters really give, and numbers that they should not. */
const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, -5, 5e-324, 1e15, 1e300, 2 ** 47, 2 ** 63) },
);

export const anySeries: fc.Arbitrary<Series> = fc.oneof(
  fc
    .tuple(value, fc.constantFrom(0, 0, 0, 10, 80, 600, -20, -300))
    .map(([v, age]) => seriesOf(NOON - age, 1800, () => v)),
  fc
    .tuple(value, value, fc.integer({ min: 0, max: 1800 }))
    .map(([a, b, ago]) => seriesOf(NOON, 1800, (t) => (t >= NOON - ago ? b : a))),
  fc.record({
    samples: fc
      .array(fc.tuple(fc.integer({ min: NOON - 1800, max: NOON + 90 }), value), { maxLength: 30 })
      .map((all) => all.toSorted((a, b) => a[0] - b[0])),
    validity: fc.constantFrom(0, 15, 60),
  }),
);

export const anySignal: fc.Arbitrary<SignalObservation> = fc.oneof(
  { weight: 6, arbitrary: anySeries.map((series) => ({ kind: "series" as const, series })) },
  { weight: 1, arbitrary: fc.constant({ kind: "empty" as const }) },
  { weight: 1, arbitrary: fc.constant(unknown) },
  {
    weight: 2,
    arbitrary: fc
      .dictionary(fc.constantFrom("i-1", "i-2", "i-3"), anySeries)
      .map((found) => ({ kind: "perNode" as const, nodes: { ...found } })),
  },
);

const anyPool: fc.Arbitrary<PoolObservation> = fc.oneof(
  {
    weight: 5,
    arbitrary: nodes.chain((n) => fc.constantFrom(poolOf(n), poolOf(n, Math.floor(n / 2)), poolOf(n, n + 1))),
  },
  { weight: 2, arbitrary: fc.tuple(nodes, nodes, nodes).map(([d, r, max]) => poolOf(d, r, { max })) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        ready: nodes,
        owed: fc.nat(2),
        noticed: fc.nat(2),
        failed: fc.option(fc.integer({ min: -900, max: 0 })),
        step: fc.constantFrom(1, 1, 3),
      })
      .map(({ ready, owed, noticed, failed, step }) =>
        poolOf(ready + owed, ready, {
          noticed: Math.min(noticed, ready),
          capacityError: failed === null ? null : NOON + failed,
          step,
        }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("Forbidden" as const, "Unavailable" as const).map((kind) => ({
      kind: "unseen" as const,
      error: { kind, message: "no answer" },
    })),
  },
);

/** Some of the names, each with something of it. */
const someOf = <K extends string, T>(names: readonly K[], each: fc.Arbitrary<T>): fc.Arbitrary<Record<K, T>> =>
  fc
    .array(fc.oneof({ weight: 7, arbitrary: each }, { weight: 1, arbitrary: fc.constant(null) }), {
      minLength: names.length,
      maxLength: names.length,
    })
    .map((all) => Object.fromEntries(names.flatMap((n, i) => (all[i] == null ? [] : [[n, all[i]]]))) as Record<K, T>);

export const anyObservation: fc.Arbitrary<Observation> = fc.record({
  workload: fc.constant("llm"),
  trigger: fc.constantFrom("alert" as const, "tick" as const),
  signals: someOf(SIGNALS, anySignal),
  pools: someOf(POOLS, anyPool),
  others: fc.option(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ perHour: fc.nat(50), today: fc.nat(200) }) },
      { weight: 1, arbitrary: fc.constant({ unknown: "no answer" }) },
    ),
  ),
});

/** Everything calm and seen, so that only what a test varies can matter. */
export const calmly = (queue: SignalObservation): Record<(typeof SIGNALS)[number], SignalObservation> => ({
  queue,
  util: steady(50, NOON),
  free: stepped(1, 0, NOON - 60, NOON),
  constructor: steady(1, NOON),
  valueOf: steady(1, NOON),
});

const time = fc.integer({ min: -7200, max: 90 }).map((offset) => NOON + offset);
const by = { reason: "release", actor: "on-call", at: NOON - 60 };
const anyOverride: fc.Arbitrary<Override> = fc
  .tuple(fc.constantFrom("hold", "wake", "in", "out", "both"), nodes, fc.integer({ min: -60, max: 600 }))
  .map(([kind, count, left]): Override => {
    const base = { ...by, until: NOON + left };
    if (kind === "hold" || kind === "wake") return { ...base, kind, nodes: count };
    return { ...base, kind: "pause", direction: kind as "in" | "out" | "both" };
  });

const causes = fc.dictionary(signalName, fc.integer({ min: 0, max: 200 })).map((each) => ({ ...each }));
const events = fc.array(fc.record({ at: time, change: fc.integer({ min: 1, max: 6 }) }), { maxLength: 5 });

/** A sum of pools is never smaller than the size that they stand for by more than what could not be placed. */
const footing = fc.tuple(nodes, fc.nat(3)).map(([size, onTop]) => ({ size, total: size + onTop }));

const anyHealth: fc.Arbitrary<PoolHealth> = fc.record({
  owingSince: fc.option(time),
  failures: fc.nat(4),
  heard: fc.option(time),
  failedAt: fc.option(time),
  trouble: fc.option(fc.constantFrom("NoCapacity" as const, "QuotaExceeded" as const, "NoProgress" as const)),
  backoffUntil: fc.option(fc.integer({ min: -600, max: 600 }).map((left) => NOON + left)),
});

const amount = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.double({ min: 0, max: 1e6, noNaN: true }));
const rates = fc
  .array(fc.record({ at: time, rate: amount }), { maxLength: 6 })
  .map((all) => all.toSorted((a, b) => a.at - b.at));
const amounts = fc.array(amount, { maxLength: 20 });
const orders = fc.array(fc.record({ at: time, nodes }), { maxLength: 3 });

const anyLearnedPool: fc.Arbitrary<LearnedPool> = fc.record({
  desired: nodes,
  ready: nodes,
  noticed: nodes,
  given: nodes,
  orders,
  upSince: fc.option(time),
  losses: amount,
  exposure: amount,
  shut: fc.boolean(),
  limit: nodes,
  triedAt: time,
  probing: fc.boolean(),
  refusals: fc.nat(4),
  heard: fc.option(time),
});

const anyLearned: fc.Arbitrary<Learned> = fc.record({
  at: time,
  rates,
  forecasts: rates,
  variance: amount,
  usual: fc.option(amount),
  backlog: fc.option(fc.record({ at: time, waiting: amount, since: fc.option(time) })),
  busyAt: time,
  arrived: amount,
  watched: amount,
  care: amount,
  served: amount,
  nodeSeconds: amount,
  inService: amount,
  boot: fc.integer({ min: 30, max: 1800 }),
  bootVariance: fc.option(amount),
  gaps: fc.option(fc.record({ lasted: amounts, ended: amounts })),
  line: fc.option(fc.record({ overdue: amount, entries: orders, came: orders })),
  bursts: fc.option(fc.record({ line: amount, late: amount, watched: amount })),
  nodes,
  surplusSince: fc.option(time),
  probes: fc.integer({ min: -3, max: 3 }),
  thrift: amount,
  held: amount,
  pools: someOf(POOLS, anyLearnedPool),
});

/** Anything that may be remembered, be it of other days or of a clock that was ahead. */
export const anyMemory: fc.Arbitrary<WorkloadMemory> = fc.oneof(
  fc.constant(EMPTY_MEMORY),
  fc.record({
    schema: fc.constant(EMPTY_MEMORY.schema),
    recommendations: fc.array(fc.record({ at: time, nodes }), { maxLength: 8 }),
    scaleUps: events,
    scaleDowns: events,
    lastChange: fc.option(fc.record({ at: time, from: nodes, to: nodes, settledAt: fc.option(time) })),
    overrides: fc.array(anyOverride, { maxLength: 2 }),
    intents: fc.constant([]),
    pools: someOf(POOLS, fc.record({ at: time, desired: nodes, ready: nodes, health: anyHealth })),
    assigned: fc.option(fc.record({ before: footing, after: footing, pools: someOf(POOLS, nodes) })),
    external: fc.option(fc.record({ at: time, from: nodes, to: nodes, pools: fc.subarray([...POOLS]) })),
    notices: fc.constant([]),
    scaleIn: fc.option(fc.record({ since: time })),
    calendarWake: fc.option(fc.record({ schedule: fc.constant("night"), asserted: time, at: time })),
    growth: fc.record({ causes, made: fc.array(fc.record({ at: time, causes }), { maxLength: 3 }) }),
    turns: fc.array(time, { maxLength: 5 }),
    spending: fc.option(
      fc.record({
        day: fc.constantFrom("2026-11-18", "2026-11-17"),
        at: time,
        perHour: fc.nat(50),
        spent: fc.nat(400),
      }),
    ),
    learned: fc.option(anyLearned),
    lastDecision: fc.constant(null),
  }),
);
