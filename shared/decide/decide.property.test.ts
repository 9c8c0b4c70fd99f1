import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyMemory, anyObservation, calmly } from "../../test/support/arbitrary-observation.ts";
import { anyPolicy, MONOTONE, SIGNALS } from "../../test/support/arbitrary-policy.ts";
import { NOON, poolOf, unknown, workloadIn } from "../../test/support/fleet.ts";
import { formatMemory, parseMemory } from "../memory/stored.ts";
import type { Override, WorkloadMemory } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import { REASONS } from "../model/reasons.ts";
import type { Series } from "../model/series.ts";
import type { SignalObservation } from "../model/signal.ts";
import type { Policy } from "../policy/schema/policy.ts";
import { holidaySet } from "./calendar/holidays.ts";
import { windowsInForce } from "./calendar/windows.ts";
import { type Decided, decide } from "./decide.ts";
import { sizeOf } from "./size.ts";
import { STAGES } from "./stages/index.ts";

/** Cases for each law; `RUNS=10000` looks harder. */
const RUNS = { numRuns: Number(process.env.RUNS ?? 200) };

const at = (policy: Policy, observation: Observation, memory: WorkloadMemory, now = NOON): Decided =>
  decide(policy, workloadIn(policy), observation, memory, now);

/** Every case: a policy, what is observed and what is remembered. */
function forAll(law: (policy: Policy, observation: Observation, memory: WorkloadMemory) => void): void {
  fc.assert(fc.property(anyPolicy(), anyObservation, anyMemory, law), RUNS);
}

const inForce = (memory: WorkloadMemory): readonly Override[] => memory.overrides.filter((o) => o.until > NOON);
const heldAt = (memory: WorkloadMemory): number | null =>
  inForce(memory).reduce<number | null>((last, o) => (o.kind === "hold" ? o.nodes : last), null);
const paused = (memory: WorkloadMemory, direction: "in" | "out"): boolean =>
  inForce(memory).some((o) => o.kind === "pause" && (o.direction === direction || o.direction === "both"));

/** What the calendar allows at most, unless operators or demand put it aside. */
function calendarCeiling(policy: Policy, memory: WorkloadMemory, { decision }: Decided): number {
  const woken = decision.stages.some((s) => s.stage === "calendar" && s.reason === "Woken");
  if (woken || heldAt(memory) !== null || paused(memory, "out")) return Number.POSITIVE_INFINITY;
  const { schedules } = workloadIn(policy);
  const { ceiling } = windowsInForce(schedules, policy.timeZone, NOON, holidaySet(policy.holidays));
  return ceiling ?? Number.POSITIVE_INFINITY;
}

/** The most that policy, operators and calendar allow. */
const ceilingOf = (policy: Policy, memory: WorkloadMemory, of: Decided): number =>
  heldAt(memory) ?? Math.min(workloadIn(policy).nodes.max, calendarCeiling(policy, memory, of));

describe("any policy, observation and memory", () => {
  test("give a whole number of nodes, split exactly, with a reason for every stage", () => {
    forAll((policy, observation, memory) => {
      const { decision } = at(policy, observation, memory);
      expect(Number.isSafeInteger(decision.want) && decision.want >= 0 && !Object.is(decision.want, -0)).toBe(true);
      const names = workloadIn(policy).pools.map((p) => p.name);
      expect(Object.keys(decision.pools)).toEqual(names);
      const parts = Object.values(decision.pools);
      expect(parts.every((n) => Number.isSafeInteger(n) && n >= 0)).toBe(true);
      expect(decision.stages.map((s) => s.stage)).toEqual(STAGES.map(([name]) => name));
      for (const { reason } of [decision, ...decision.stages]) expect(Object.hasOwn(REASONS, reason)).toBe(true);
      expect(decision.stages.at(-1)?.want).toBe(decision.want);
    });
  });

  test("never grow above the ceiling, and shrink below the floor only for a lower ceiling [T11] [T27]", () => {
    forAll((policy, observation, memory) => {
      const made = at(policy, observation, memory);
      const { want, current } = made.decision;
      const ceiling = ceilingOf(policy, memory, made);
      const floor = Math.min(heldAt(memory) ?? workloadIn(policy).nodes.min, ceiling);
      expect(want).toBeLessThanOrEqual(Math.max(current, ceiling));
      expect(want).toBeGreaterThanOrEqual(Math.min(current, floor));
    });
  });

  test("keep within floor and ceiling where nobody and nothing stands in the way", () => {
    forAll((policy, observation, memory) => {
      const workload = { ...workloadIn(policy), guards: [] };
      const free: Policy = { ...policy, workloads: { llm: workload } };
      const calm = { ...memory, overrides: memory.overrides.filter((o) => o.kind === "wake") };
      const pools = Object.fromEntries(
        workload.pools.map(({ name }) => {
          const seen = Object.hasOwn(observation.pools, name) ? observation.pools[name] : undefined;
          return [name, seen?.kind === "seen" ? seen : poolOf(2)];
        }),
      );
      const size = sizeOf(workload, { ...observation, pools }, calm, NOON);
      const made = at(free, { ...observation, pools }, calm);
      const { want, current } = made.decision;
      const ceiling = ceilingOf(free, calm, made);
      expect(want).toBeLessThanOrEqual(ceiling);
      const room = Math.max(
        current,
        size.pools.reduce((sum, p) => sum + p.max, 0),
      );
      if (policy.budget === undefined) expect(want).toBeGreaterThanOrEqual(Math.min(workload.nodes.min, ceiling, room));
    });
  });

  test("never move the way that an operator paused", () => {
    forAll((policy, observation, memory) => {
      const { want, current } = at(policy, observation, memory).decision;
      if (paused(memory, "out")) expect(want).toBeLessThanOrEqual(current);
      if (paused(memory, "in")) expect(want).toBeGreaterThanOrEqual(current);
    });
  });

  test("never ask a pool for more than its cloud accepts, nor anything of a pool that was not seen", () => {
    forAll((policy, observation, memory) => {
      const { decision } = at(policy, observation, memory);
      for (const part of sizeOf(workloadIn(policy), observation, memory, NOON).pools) {
        const wanted = decision.pools[part.pool.name] ?? Number.NaN;
        expect(wanted).toBeLessThanOrEqual(Math.max(part.max, part.desired));
        if (part.unseen !== null) expect(wanted).toBe(part.desired);
      }
    });
  });
});

describe("unknown", () => {
  const noShrinking = (policy: Policy, observation: Observation, memory: WorkloadMemory) => {
    const made = at(policy, observation, memory);
    const { want, current } = made.decision;
    expect(want).toBeGreaterThanOrEqual(Math.min(current, ceilingOf(policy, memory, made)));
  };

  test("of every signal takes nothing away, but for a ceiling that policy, operators or calendar set [F29] [T29]", () => {
    forAll((policy, observation, memory) => {
      const signals = Object.fromEntries(SIGNALS.map((name) => [name, unknown]));
      noShrinking(policy, { ...observation, signals }, memory);
    });
  });

  test("of one signal that rules or targets use is enough for that [F29] [T29]", () => {
    forAll((policy, observation, memory) => {
      const { scaleUp, scaleDown, targets } = workloadIn(policy);
      const conditions = [...(scaleUp?.conditions ?? []), ...(scaleDown?.conditions ?? [])];
      const used = [...conditions, ...targets].map((use) => use.signal);
      fc.pre(used.length > 0);
      for (const name of new Set(used))
        noShrinking(policy, { ...observation, signals: { ...observation.signals, [name]: unknown } }, memory);
    });
  });

  test("of what a guard against shrinking looks at is enough as well", () => {
    forAll((policy, observation, memory) => {
      const guards = workloadIn(policy).guards.filter((g) => g.blocks.includes("scaleDown"));
      fc.pre(guards.length > 0);
      for (const { when } of guards)
        noShrinking(policy, { ...observation, signals: { ...observation.signals, [when.signal]: unknown } }, memory);
    });
  });

  test("of every pool changes nothing", () => {
    forAll((policy, observation, memory) => {
      const { want, current } = at(policy, { ...observation, pools: {} }, memory).decision;
      expect(want).toBe(current);
    });
  });
});

test("a higher queue never gives a smaller size", () => {
  const pair = fc.array(fc.tuple(fc.nat(200), fc.nat(100)), { minLength: 1, maxLength: 8 }).map((steps) => {
    const span = 1800 / steps.length;
    const samples = (value: (i: number) => number): SignalObservation => {
      const all = Array.from({ length: 121 }, (_, i) => NOON - 1800 + i * 15);
      const series: Series = {
        samples: all.map((t) => [t, value(Math.min(steps.length - 1, Math.floor((t - NOON + 1800) / span)))] as const),
        validity: 15,
      };
      return { kind: "series", series };
    };
    const low = samples((i) => steps[i]?.[0] ?? 0);
    const high = samples((i) => (steps[i]?.[0] ?? 0) + (steps[i]?.[1] ?? 0));
    return [low, high] as const;
  });
  fc.assert(
    fc.property(anyPolicy(MONOTONE), anyObservation, anyMemory, pair, (policy, observation, memory, [low, high]) => {
      // Whether growing helped is judged by how far the signal moved, up or down: see `effectiveness`.
      const fresh = { ...memory, growth: { causes: {}, made: [] } };
      const want = (queue: SignalObservation) =>
        at(policy, { ...observation, signals: { ...observation.signals, queue } }, fresh).decision.want;
      const calm = (queue: SignalObservation) =>
        at(policy, { ...observation, signals: calmly(queue) }, fresh).decision.want;
      expect(want(high)).toBeGreaterThanOrEqual(want(low));
      expect(calm(high)).toBeGreaterThanOrEqual(calm(low));
    }),
    RUNS,
  );
});

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const each of Object.values(value)) freeze(each);
  return Object.freeze(value);
}

describe("a decision is a value", () => {
  test("the same for the same input, which it leaves alone", () => {
    forAll((policy, observation, memory) => {
      const first = at(freeze(policy), freeze(observation), freeze(memory));
      at(policy, observation, memory, NOON + 7 * 3600);
      expect(at(structuredClone(policy), structuredClone(observation), structuredClone(memory))).toEqual(first);
      expect(at(policy, observation, memory)).toEqual(first);
    });
  });

  test("whose size does not depend on the order of names, conditions, guards or overrides' kinds", () => {
    const turned = <T>(all: readonly T[]): T[] => all.toReversed();
    const turnedKeys = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(turned(Object.entries(record)));
    forAll((policy, observation, memory) => {
      const workload = workloadIn(policy);
      const { scaleUp, scaleDown } = workload;
      const llm = {
        ...workload,
        guards: turned(workload.guards),
        targets: turned(workload.targets),
        ...(scaleUp && { scaleUp: { ...scaleUp, conditions: turned(scaleUp.conditions) } }),
        ...(scaleDown && { scaleDown: { ...scaleDown, conditions: turned(scaleDown.conditions) } }),
      };
      const other: Policy = { ...policy, signals: turnedKeys(policy.signals), workloads: { llm } };
      const seen = {
        ...observation,
        signals: turnedKeys(observation.signals),
        pools: turnedKeys(observation.pools),
      };
      const { want, pools } = at(policy, observation, memory).decision;
      expect(at(other, seen, { ...memory, pools: turnedKeys(memory.pools) }).decision).toMatchObject({ want, pools });
    });
  });

  test("that stays when it is made again at once", () => {
    forAll((policy, observation, memory) => {
      const first = at(policy, observation, memory);
      const again = at(policy, observation, first.memory);
      expect(again.decision).toEqual(first.decision);
      expect(again.memory).toEqual(first.memory);
    });
  });

  test("whose memory is stored and read back as it is, and stays small", () => {
    forAll((policy, observation, memory) => {
      const { memory: next } = at(policy, observation, memory);
      const text = formatMemory("llm", next);
      expect(formatMemory("llm", parseMemory("llm", text))).toBe(text);
      expect(next.recommendations.length).toBeLessThanOrEqual(memory.recommendations.length + 2);
      expect(next.overrides.every((o) => o.until > NOON)).toBe(true);
      expect(Object.keys(next.pools).length).toBeLessThanOrEqual(workloadIn(policy).pools.length);
    });
  });
});
