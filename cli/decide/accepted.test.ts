import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER_FAILED } from "../../shared/decide/capacity/health.ts";
import { type Decided, decide } from "../../shared/decide/decide.ts";
import { recordAccepted } from "../../shared/decide/history.ts";
import type { Decision } from "../../shared/model/decision.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../shared/model/memory.ts";
import type { Observation } from "../../shared/model/observation.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { fleetOf, MINUTE, poolOf, workloadIn } from "../../test/support/fleet.ts";
import { busyFleet } from "../../test/support/shrinking.ts";
import { noteAccepted } from "./accepted.ts";
import { createDecider } from "./decider.ts";
import { lasting, NOON, observedLine } from "./line.fixture.ts";

const eks = (name: string) => ({ region: "eu-central-1", cluster: "prod", nodegroup: name });
const policy = fleetOf({
  nodes: { min: 0, max: 12 },
  pools: [
    { name: "spot", capacity: "spot", eks: eks("spot") },
    { name: "od", capacity: "on-demand", eks: eks("od") },
  ],
  behavior: {
    scaleUp: { policies: [{ type: "Nodes", value: 3, periodSeconds: 600 }] },
    scaleDown: { policies: [{ type: "Nodes", value: 2, periodSeconds: 1200 }] },
  },
});
const workload = workloadIn(policy);

type PoolName = "spot" | "od";
const POOLS = ["spot", "od"] as const;
type Sizes = Readonly<Record<PoolName, { readonly desired: number; readonly ready: number }>>;

/** One step of a world in which somebody else applies the answers. */
interface Step {
  readonly after: Seconds;
  readonly queue: number | null;
  /** Which pools take the answer. */
  readonly takes: readonly PoolName[];
  /** A size that somebody else gives to the second pool instead. */
  readonly meddles: number | null;
  readonly boots: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  after: fc.integer({ min: 0, max: 8 }).map((n) => n * MINUTE),
  queue: fc.constantFrom(0, 0, 0, 30, 120, 120, 120, null),
  takes: fc.constantFrom<(readonly PoolName[])[]>([], ["spot"], ["od"], ["spot", "od"], ["spot", "od"], ["spot", "od"]),
  meddles: fc.option(fc.integer({ min: 0, max: 6 }), { freq: 8 }),
  boots: fc.boolean(),
});

const LIMITED = { min: 0, max: 5, status: "active" } as const;

function observe(sizes: Sizes, queue: number | null, now: EpochSeconds): Observation {
  return {
    workload: "llm",
    trigger: "tick",
    signals: {
      queue:
        queue === null
          ? { kind: "unknown", why: "notSupplied", detail: "the line says null" }
          : { kind: "series", series: { samples: lasting(queue, now), validity: 90 } },
    },
    pools: {
      spot: poolOf(sizes.spot.desired, sizes.spot.ready, LIMITED),
      od: poolOf(sizes.od.desired, sizes.od.ready, LIMITED),
    },
    others: null,
  };
}

const asLine = (sizes: Sizes, queue: number | null, now: EpochSeconds) => {
  const pools = { spot: { ...sizes.spot, ...LIMITED }, od: { ...sizes.od, ...LIMITED } };
  return observedLine({ signals: { queue: queue === null ? null : lasting(queue, now) }, pools }, now);
};

/** The sizes after the pools in `takes` took the answer, and the second one what somebody meddled. */
function next(sizes: Sizes, decision: Decision, { takes, meddles, boots }: Step): Sizes {
  const of = (name: PoolName) => {
    const before = sizes[name];
    const answered = decision.pools[name] ?? before.desired;
    const foreign = name === "od" && meddles !== null && meddles !== answered ? meddles : null;
    const desired = foreign ?? (takes.includes(name) ? answered : before.desired);
    return { desired, ready: boots || desired < before.ready ? desired : Math.min(before.ready, desired) };
  };
  return { spot: of("spot"), od: of("od") };
}

/** What `reconcile` would remember: the change that the cloud took, at once. */
function recorded({ decision, memory }: Decided, { takes, meddles }: Step, sizes: Sizes): WorkloadMemory {
  const changes = POOLS.flatMap((name) => {
    const to = decision.pools[name] ?? sizes[name].desired;
    const overruled = name === "od" && meddles !== null && meddles !== to;
    return takes.includes(name) && !overruled && to !== sizes[name].desired ? [to - sizes[name].desired] : [];
  });
  if (changes.length === 0) return memory;
  const change = changes.reduce((sum, each) => sum + each, 0);
  const from = memory.assigned?.before.total ?? decision.current;
  return recordAccepted(memory, workload, { from, to: from + change }, decision.at);
}

test("a stream whose outside takes, leaves or overrules answers decides as a run that acts itself", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const stream = createDecider(policy);
      let memory = EMPTY_MEMORY;
      let now = NOON;
      let sizes: Sizes = { spot: { desired: 1, ready: 1 }, od: { desired: 0, ready: 0 } };
      for (const each of steps) {
        now += each.after;
        const run = decide(policy, workload, observe(sizes, each.queue, now), memory, now);
        expect(stream(asLine(sizes, each.queue, now))).toEqual(run.decision);
        memory = recorded(run, each, sizes);
        sizes = next(sizes, run.decision, each);
      }
    }),
    { numRuns: 200 },
  );
});

describe("a size that was answered", () => {
  const llm = fleetOf({
    behavior: { scaleUp: { policies: [{ type: "Nodes", value: 2, periodSeconds: 900 }] } },
    spot: { fallbackAfter: "1h" },
    respectExternalFor: "0s",
  });
  type Given = { readonly desired: number; readonly ready: number; readonly status?: string } | null;
  const at = (minutes: number, pool: Given, queue: number | null = 120) => {
    const now = NOON + minutes * MINUTE;
    const signals = { queue: queue === null ? null : lasting(queue, now) };
    return observedLine({ signals, pools: { llm: pool } }, now);
  };
  /** The answers to lines, one after the other. */
  const answers = (...lines: string[]) => lines.map(createDecider(llm));

  test("counts once it shows: the rate policy and the provision timeout go from the answer", () => {
    const [first, booting, overdue, timedOut] = answers(
      at(0, { desired: 1, ready: 1 }),
      at(1, { desired: 3, ready: 1 }),
      at(14.9, { desired: 3, ready: 1 }),
      at(17, { desired: 3, ready: 1 }),
    );
    expect(first).toMatchObject({ want: 3, reason: "RuleMatched" });
    expect(booting).toMatchObject({ want: 3, reason: "OperationInProgress" });
    expect(overdue).toMatchObject({ want: 3, reason: "OperationInProgress" });
    expect(timedOut).toMatchObject({ want: 5, reason: "RuleMatched" });
  });

  test("counts once only, however many lines show it", () => {
    const [, , limited, free] = answers(
      at(0, { desired: 1, ready: 1 }),
      at(1, { desired: 3, ready: 3 }),
      at(4, { desired: 3, ready: 3 }),
      at(15, { desired: 3, ready: 3 }),
    );
    expect(limited).toMatchObject({ want: 3, reason: "RateLimited" });
    expect(free).toMatchObject({ want: 5, reason: "RuleMatched" });
  });

  test("does not count when nobody took it", () => {
    const [, again, later] = answers(
      at(0, { desired: 1, ready: 1 }),
      at(1, { desired: 1, ready: 1 }),
      at(4, { desired: 1, ready: 1 }),
    );
    expect(again).toMatchObject({ want: 3, reason: "RuleMatched" });
    expect(later).toMatchObject({ want: 3, reason: "RuleMatched" });
  });

  test("does not count when it shows after a line that forgot it", () => {
    const [, , , limited] = answers(
      at(0, { desired: 1, ready: 1 }),
      at(1, { desired: 1, ready: 1 }, 30),
      at(2, { desired: 3, ready: 3 }, 30),
      at(6, { desired: 3, ready: 3 }),
    );
    expect(limited).toMatchObject({ want: 5, reason: "RuleMatched" });
  });

  test.each<[string, Given]>([
    ["while the pool is updating", { desired: 1, ready: 1, status: "updating" }],
    ["while the pool cannot be seen", null],
  ])("still counts when it shows late, %s", (_while, pool) => {
    const [, , , limited] = answers(
      at(0, { desired: 1, ready: 1 }),
      at(1, pool, 30),
      at(2, { desired: 3, ready: 3 }, 30),
      at(6, { desired: 3, ready: 3 }),
    );
    expect(limited).toMatchObject({ want: 3, reason: "RateLimited" });
  });

  test("leaves a size that somebody else set to decide's own care", () => {
    const [, other, settled] = answers(
      at(0, { desired: 1, ready: 1 }, 30),
      at(1, { desired: 3, ready: 3 }, 120),
      at(4, { desired: 3, ready: 3 }, 120),
    );
    expect(other).toMatchObject({ want: 3, reason: "OperationInProgress" });
    expect(settled).toMatchObject({ want: 5, reason: "RuleMatched" });
  });

  test("counts in two steps where named nodes go first, and those that never came with the next", () => {
    const rates = { scaleDown: { policies: [{ type: "Nodes" as const, value: 2, periodSeconds: 900 }] } };
    const one = { scaleUp: undefined, scaleDown: undefined, targets: [{ signal: "queue", perNode: 10 }] };
    const decide = createDecider(busyFleet({ ...one, behavior: rates }));
    const line = (minutes: number, desired: number, ids: readonly string[]) => {
      const now = NOON + minutes * MINUTE;
      const busy = Object.fromEntries(ids.map((id) => [id, [[now, id === "a" ? 1 : 0]]]));
      const nodes = ids.map((id) => ({ id, ready: true }));
      const pools = { llm: { desired, ready: ids.length, nodes } };
      return observedLine({ signals: { queue: lasting(10, now), busy }, pools }, now);
    };
    decide(line(0, 4, ["a", "b", "c"]));
    expect(decide(line(6, 4, ["a", "b", "c"]))).toMatchObject({ pools: { llm: 2 }, remove: { llm: ["b"] } });
    const second = { current: 3, want: 2, pools: { llm: 2 }, remove: {}, reason: "RateLimited" };
    expect(decide(line(7, 3, ["a", "c"]))).toMatchObject(second);
  });
});

test("a move between pools that shows late is no change of size", () => {
  const pools = Object.fromEntries(
    POOLS.map((name) => [name, { at: NOON, desired: 2, ready: 2, health: NEVER_FAILED }]),
  );
  const lastChange = { at: NOON - 900, from: 3, to: 4, settledAt: NOON - 600 };
  const lastDecision = { at: NOON + 60, current: 4, want: 4, reason: "Unaffected" as const, detail: "" };
  const memory: WorkloadMemory = { ...EMPTY_MEMORY, pools, lastChange, lastDecision };
  const open = new Map([
    ["spot", new Map([[3, NOON]])],
    ["od", new Map([[1, NOON]])],
  ]);
  const moved = observe({ spot: { desired: 3, ready: 2 }, od: { desired: 1, ready: 2 } }, 30, NOON + 120);
  const noted = noteAccepted(memory, workload, open, moved);
  expect(noted).toMatchObject({ lastChange, scaleUps: [], scaleDowns: [] });
  expect(noted.assigned?.pools).toEqual({ spot: 3, od: 1 });
  const grown = observe({ spot: { desired: 3, ready: 2 }, od: { desired: 2, ready: 2 } }, 30, NOON + 120);
  expect(noteAccepted(memory, workload, open, grown).lastChange).toMatchObject({ at: NOON, from: 4, to: 5 });
});
