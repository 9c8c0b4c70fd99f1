import fc from "fast-check";
import { expect, test } from "vitest";
import { fleetOf, NOON, poolOf, steady, unknown, workloadIn } from "../../test/support/fleet.ts";
import { EMPTY_MEMORY, type Override, type WorkloadMemory } from "../model/memory.ts";
import type { SignalObservation } from "../model/signal.ts";
import type { Policy } from "../policy/schema/policy.ts";
import { decide } from "./decide.ts";
import { recordChange } from "./history.ts";
import { resolveBehavior } from "./hpa/behavior-defaults.ts";

/*
 * Whole lives of a workload: time passes (and now and then steps back), demand comes and goes, the cloud delivers late, never
 * or at once, operators interfere. Beside it runs a model that knows nothing of stages: a list of what was changed and of
 * what demand said. It states what must never happen, whatever happened before.
 */

interface Step {
  /** Seconds to the next look. */
  readonly wait: number;
  readonly queue: number | null;
  readonly cloud: "delivers" | "delays" | "refuses";
  readonly operator: "none" | "hold" | "pause" | "resume";
  readonly nodes: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  wait: fc.constantFrom(15, 15, 60, 60, 60, 60, 300, 900, 7200, -60),
  queue: fc.constantFrom(0, 0, 0, 30, 60, 120, 500, null),
  cloud: fc.constantFrom("delivers" as const, "delivers" as const, "delays" as const, "refuses" as const),
  operator: fc.constantFrom("none", "none", "none", "none", "none", "none", "hold", "pause", "resume"),
  nodes: fc.integer({ min: 0, max: 8 }),
});
const life = fc.array(step, { minLength: 5, maxLength: 60 });

interface Change {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

/** What the world is and what has happened in it. */
interface World {
  now: number;
  /** The latest time ever seen: what was forgotten then stays forgotten when the clock steps back. */
  latest: number;
  desired: number;
  ready: number;
  memory: WorkloadMemory;
  overrides: readonly Override[];
  readonly changes: Change[];
  /** What demand proposed at each look. */
  readonly proposed: { readonly at: number; readonly nodes: number }[];
}

function operate(world: World, { operator, nodes }: Step): void {
  const base = { reason: "release", actor: "on-call", at: world.now, until: world.now + 600 };
  if (operator === "hold") world.overrides = [{ ...base, kind: "hold", nodes }];
  if (operator === "pause") world.overrides = [{ ...base, kind: "pause", direction: "both" }];
  if (operator === "resume") world.overrides = [];
  world.overrides = world.overrides.filter((o) => world.now < o.until);
  world.memory = { ...world.memory, overrides: world.overrides };
}

/** One look, and what the cloud makes of it. Gives what was decided and the world just before. */
function look(policy: Policy, world: World, { queue, cloud }: Step) {
  const workload = workloadIn(policy);
  const signals: Record<string, SignalObservation> = { queue: queue === null ? unknown : steady(queue, world.now) };
  const pools = { llm: poolOf(world.desired, world.ready, { max: 20 }) };
  const observation = { workload: "llm", trigger: "tick" as const, signals, pools, others: null };
  const { decision, memory } = decide(policy, workload, observation, world.memory, world.now);
  const before = { ...world, changes: [...world.changes], proposed: [...world.proposed] };
  world.memory = memory;
  const demanded = decision.stages.find((s) => s.stage === "guards")?.want ?? Number.NaN;
  world.proposed.push({ at: world.now, nodes: demanded });
  if (decision.want !== world.desired && cloud !== "refuses") {
    const change = { at: world.now, from: world.desired, to: decision.want, why: decision.reason };
    world.changes.push(change);
    world.memory = recordChange(memory, workload, change.from, change.to, world.now);
    world.desired = decision.want;
  }
  if (cloud === "delivers") world.ready = world.desired;
  return { decision, before };
}

/** Lives through the steps, and asks after each whether the law was kept. */
function forEveryLife(
  policy: Policy,
  law: (made: ReturnType<typeof look>, world: World) => void,
  lives: fc.Arbitrary<readonly Step[]> = life,
): void {
  const run = (start: number, steps: readonly Step[]) => {
    const world: World = {
      now: NOON,
      latest: NOON,
      desired: start,
      ready: start,
      memory: EMPTY_MEMORY,
      overrides: [],
      changes: [],
      proposed: [],
    };
    for (const each of steps) {
      world.now += each.wait;
      world.latest = Math.max(world.latest, world.now);
      operate(world, each);
      law(look(policy, world, each), world);
    }
  };
  fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), lives, run), RUNS);
}

/** Lives for each law; `RUNS=10000` looks harder. */
const RUNS = { numRuns: Number(process.env.RUNS ?? 100) };

const calm = (o: { overrides: readonly Override[] }) => o.overrides.length === 0;
const BY_RULE = fleetOf();
const BY_TARGET = fleetOf({ scaleUp: undefined, scaleDown: undefined, targets: [{ signal: "queue", perNode: 50 }] });
const POLICIES = [
  ["rules", BY_RULE],
  ["a target", BY_TARGET],
] as const;

test.each(POLICIES)("with %s the size stays between nodes.min and nodes.max, but for a hold [T11]", (_, policy) => {
  const { min, max } = workloadIn(policy).nodes;
  forEveryLife(policy, ({ decision }, world) => {
    if (!calm(world)) return;
    expect(decision.want).toBeGreaterThanOrEqual(min);
    expect(decision.want).toBeLessThanOrEqual(max);
  });
});

test("a rule does not grow twice while the first growth is under way", () => {
  const { provisionTimeout } = workloadIn(BY_RULE);
  forEveryLife(BY_RULE, ({ decision, before }) => {
    const last = before.changes.at(-1);
    const underWay =
      last !== undefined && last.to > last.from && before.ready < last.to && before.now < last.at + provisionTimeout;
    if (underWay && calm(before) && last.why === "RuleMatched" && before.desired <= 6)
      expect(decision.want).toBeLessThanOrEqual(before.desired);
  });
});

test.each(POLICIES)("with %s nothing shrinks while the queue is unknown [F29] [T29]", (_, policy) => {
  const { max } = workloadIn(policy).nodes;
  const blind = fc.tuple(life, step).map(([steps, last]) => [...steps, { ...last, queue: null }]);
  forEveryLife(
    policy,
    ({ decision, before }) => {
      const known = decision.stages.some((s) => s.stage === "demand" && s.reason !== "SignalUnknown");
      if (!known && calm(before)) expect(decision.want).toBeGreaterThanOrEqual(Math.min(before.desired, max));
    },
    blind,
  );
});

test.each(POLICIES)("with %s nothing shrinks within the down window of a higher proposal", (_, policy) => {
  const { scaleDown } = resolveBehavior(workloadIn(policy).behavior);
  const { max } = workloadIn(policy).nodes;
  forEveryLife(policy, ({ decision, before }) => {
    if (!calm(before)) return;
    const recent = before.proposed.filter((p) => p.at > before.now - scaleDown.stabilizationWindow);
    // What two windows had left behind at the latest look is forgotten, even if the clock has stepped back since.
    const kept = recent.filter((p) => p.at >= before.latest - scaleDown.stabilizationWindow);
    const highest = Math.max(0, ...kept.map((p) => p.nodes));
    expect(decision.want).toBeGreaterThanOrEqual(Math.min(before.desired, highest, max));
  });
});

test("nothing shrinks in the first 300 s of looking, whatever is found", () => {
  forEveryLife(
    BY_TARGET,
    ({ decision, before }) => {
      const first = before.proposed[0]?.at ?? before.now;
      if (calm(before) && before.latest < first + 300 && before.changes.length === 0 && before.desired <= 6)
        expect(decision.want).toBeGreaterThanOrEqual(before.desired);
    },
    fc.array(
      step.map((s) => ({ ...s, wait: Math.min(s.wait, 60) })),
      { minLength: 3, maxLength: 20 },
    ),
  );
});

const RATES = {
  scaleUp: { policies: [{ type: "Nodes" as const, value: 2, periodSeconds: 120 }] },
  scaleDown: { stabilizationWindowSeconds: 60, policies: [{ type: "Nodes" as const, value: 1, periodSeconds: 300 }] },
};
const LIMITED = fleetOf({
  scaleUp: undefined,
  scaleDown: undefined,
  targets: [{ signal: "queue", perNode: 50 }],
  behavior: RATES,
  nodes: { min: 0, max: 20 },
});

test("no window ever holds more change than its rate policy allows, however often and unevenly it is looked at [F50] [T27]", () => {
  forEveryLife(LIMITED, ({ decision, before }) => {
    if (!calm(before) || decision.want === before.desired) return;
    // Within a period, removed nodes may be added back: it is the net change that is limited (HPA "period start").
    const net = (period: number) =>
      before.changes
        .filter((c) => c.at > before.now - period && c.at >= before.latest - 300)
        .reduce((sum, c) => sum + c.to - c.from, 0);
    const change = decision.want - before.desired;
    if (change > 0) expect(change + net(120)).toBeLessThanOrEqual(2);
    else expect(change + net(300)).toBeGreaterThanOrEqual(-1);
  });
});

test("a hold is kept from the next look on, and ends by itself [F62]", () => {
  forEveryLife(BY_RULE, ({ decision, before }) => {
    const [hold] = before.overrides;
    if (hold?.kind === "hold") expect(decision).toMatchObject({ want: hold.nodes });
    else expect(decision.reason).not.toBe("Held");
    if (hold?.kind === "pause") expect(decision.want).toBe(before.desired);
  });
});

test("what is remembered stays small over any life", () => {
  forEveryLife(LIMITED, (_, { memory }) => {
    expect(memory.recommendations.length).toBeLessThanOrEqual(22);
    expect(memory.turns.length).toBeLessThanOrEqual(61);
    expect(memory.growth.made.length).toBeLessThanOrEqual(3);
    expect(JSON.stringify(memory).length).toBeLessThan(8_000);
  });
});
