import { describe, expect, it } from "vitest";
import { fleetOf, MINUTE, NOON, poolOf, steady, unknown, workloadIn } from "../../../test/support/fleet.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../model/memory.ts";
import type { SignalObservation } from "../../model/signal.ts";
import { createContext } from "../context.ts";
import { decide } from "../decide.ts";
import type { Lesson } from "./learn.ts";
import type { Need } from "./need.ts";
import { proposeByObjective } from "./objective.ts";

const signal = { source: "prom", query: "x", maxAge: "60s" };
const policyWith = (more: { readonly perNode?: number; readonly maxWait: string }) =>
  fleetOf(
    {
      nodes: { min: 0, max: 20 },
      scaleUp: undefined,
      scaleDown: undefined,
      objective: { arrivals: "arrivals", backlog: "backlog", inService: "running", ...more },
    },
    { signals: { arrivals: signal, backlog: signal, running: signal } },
  );

interface Seen {
  readonly arrivals?: SignalObservation | number;
  readonly backlog?: SignalObservation | number;
  readonly running?: SignalObservation | number;
  readonly nodes?: number;
}

/** Looks once a minute at what is seen at that minute, and returns the last decision. */
function seenFor(minutes: number, seen: (minute: number) => Seen, perNode: number | null = 4, maxWait = "60s") {
  const policy = policyWith({ maxWait, ...(perNode === null ? {} : { perNode }) });
  let memory: WorkloadMemory = EMPTY_MEMORY;
  const decisions = Array.from({ length: minutes }, (_, i) => {
    const now = NOON + i * MINUTE;
    const { arrivals = 20, backlog = 0, running = 10, nodes = 5 } = seen(i);
    const series = (value: SignalObservation | number) => (typeof value === "number" ? steady(value, now, 30) : value);
    const observation = {
      workload: "llm",
      trigger: "tick" as const,
      signals: { arrivals: series(arrivals), backlog: series(backlog), running: series(running) },
      pools: { llm: poolOf(nodes, nodes, { max: 20 }) },
      others: null,
    };
    const made = decide(policy, workloadIn(policy), observation, memory, now);
    memory = made.memory;
    return made.decision;
  });
  const last = decisions.at(-1);
  if (last === undefined) throw new Error("nothing was decided");
  return { ...last, memory, demand: last.stages.find((s) => s.stage === "demand")?.detail ?? "" };
}

describe("a workload under an objective", () => {
  it("keeps the nodes that serve what comes in", () => {
    expect(seenFor(20, () => ({})).want).toBe(5);
  });

  it("grows before work is late, and says why in the user's words", () => {
    const grown = seenFor(20, (i) => ({ arrivals: i < 15 ? 20 : 40 }));
    expect(grown.want).toBeGreaterThan(5);
    expect(grown.demand).toMatch(/^needs \d+: [\d.]+ a second now; a node asked for now is ready in/);
  });

  it("grows for what waits, though nothing more comes in, and says so when it comes too late for some", () => {
    const grown = seenFor(20, (i) => ({ backlog: i < 15 ? 0 : 3000 }));
    expect(grown.want).toBeGreaterThan(5);
    expect(grown.demand).toMatch(/work will be late, so more are asked for than will stay$/);
    expect(seenFor(20, () => ({})).demand).not.toMatch(/late/);
  });

  it("shrinks when less comes in, without waiting for the windows of HPA", () => {
    expect(seenFor(12, (i) => ({ arrivals: i < 5 ? 20 : 6 })).want).toBeLessThan(5);
  });

  it.each<[string, Seen]>([
    ["arrivals", { arrivals: unknown }],
    ["arrivals that are stale", { arrivals: steady(0, NOON, 30) }],
  ])("holds while it does not know the %s", (_, missing) => {
    expect(seenFor(20, (i) => (i < 5 ? {} : missing)).want).toBe(5);
  });

  it("goes by the arrivals alone while the backlog is unknown", () => {
    expect(seenFor(20, (i) => ({ backlog: unknown, arrivals: i < 15 ? 20 : 40 })).want).toBeGreaterThan(5);
  });

  it("goes to zero without work, and not at once", () => {
    const idle = { arrivals: 0, running: 0, nodes: 1 };
    expect(seenFor(3, () => idle).want).toBe(1);
    const asleep = seenFor(120, () => idle);
    expect(asleep.want).toBe(0);
    expect(asleep.demand).toMatch(/^nothing has arrived, waited or been served for .*: until work is likely, a node/);
  });

  it.each<[string, SignalObservation]>([
    ["unknown", unknown],
    ["stale", steady(0, NOON, 30)],
  ])("keeps its nodes while what is being served is %s", (_, running) => {
    const calm = { arrivals: 0, nodes: 1 };
    expect(seenFor(120, (i) => ({ ...calm, running: i < 5 ? 1 : running })).want).toBe(1);
    expect(seenFor(120, () => ({ ...calm, running })).want).toBe(1);
    expect(seenFor(120, (i) => ({ ...calm, running: i < 5 ? 0 : running })).want).toBe(1);
  });

  it("learns what a node serves while work waits", () => {
    const { memory, want } = seenFor(30, (i) => ({ arrivals: 2, backlog: 40 + i, nodes: 4 }), null);
    const { served, nodeSeconds } = memory.learned ?? { served: 0, nodeSeconds: 1 };
    // Two a second come in, one a minute more waits, and four nodes serve the rest.
    expect(served / nodeSeconds).toBeCloseTo((2 - 1 / 60) / 4, 2);
    expect(want).toBeGreaterThanOrEqual(4);
  });

  it("has a first idea of what a node serves of jobs by those that are served, though none waits", () => {
    const jobs = () => ({ arrivals: 0.05, backlog: 0, running: 1, nodes: 2 });
    const { served, nodeSeconds } = seenFor(30, jobs, null, "5m").memory.learned ?? { served: 0, nodeSeconds: 1 };
    expect(served / nodeSeconds).toBeCloseTo(0.05, 3);
    expect(seenFor(30, jobs, null, "60s").memory.learned).toMatchObject({ served: 0, nodeSeconds: 0 });
    const several = () => ({ ...jobs(), running: 3 });
    expect(seenFor(30, several, null, "5m").memory.learned).toMatchObject({ served: 0, nodeSeconds: 0 });
  });

  it("adds one node at a time before it knows, and as many as there are once work has waited for long", () => {
    const burst = () => ({ arrivals: 0, backlog: 50, running: 0, nodes: 3 });
    expect(seenFor(1, burst, null).want).toBe(4);
    // A minute later half of the wait is over, and still nobody knows what a node serves.
    expect(seenFor(2, burst, null).want).toBe(6);
  });

  it("remembers nothing of it without an objective", () => {
    const policy = fleetOf();
    const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools: {}, others: null };
    expect(decide(policy, workloadIn(policy), observation, EMPTY_MEMORY, NOON).memory.learned).toBeNull();
  });
});

/** What is proposed at noon for these nodes, with what is learned then but for what the test says. */
function proposed(lesson: (made: Lesson) => Lesson, seen: Partial<Record<"desired" | "ready", number>> = {}) {
  return proposedFor(steady(3, NOON, 30), lesson, seen);
}

function proposedFor(
  arrivals: SignalObservation,
  lesson: (made: Lesson) => Lesson = (made) => made,
  { desired = 2, ready = desired }: Partial<Record<"desired" | "ready", number>> = {},
) {
  const policy = policyWith({ maxWait: "60s" });
  const observation = {
    workload: "llm",
    trigger: "tick" as const,
    signals: { arrivals },
    pools: { llm: poolOf(desired, ready, { max: 20 }) },
    others: null,
  };
  const context = createContext(policy, workloadIn(policy), observation, EMPTY_MEMORY, NOON);
  if (context.lesson === null) throw new Error("nothing was learned");
  const made = proposeByObjective({ ...context, lesson: lesson(context.lesson) });
  if (made === null) throw new Error("nothing was proposed");
  return made;
}

describe("a proposal while nobody knows what comes", () => {
  it.each<[string, SignalObservation, string, string]>([
    ["is not read", unknown, "SignalUnknown", "arrivals: no answer within 8 s"],
    ["is too old", steady(0, NOON - 90, 30), "SignalStale", "arrivals: the newest sample is 1m30s old"],
  ])("stays as it is: the signal %s", (_, arrivals, reason, detail) => {
    const made = proposedFor(arrivals);
    expect(made).toMatchObject({ nodes: 2, reason, unknown: { reason }, causes: null, conditions: [] });
    expect(made.detail).toContain(detail);
    expect(made.unknown?.detail).toBe(made.detail);
  });

  it("stays as it is: the pools are empty and the signal is not asked", () => {
    const policy = fleetOf(
      { objective: { arrivals: "util", backlog: "queue", maxWait: "60s" }, scaleUp: undefined, scaleDown: undefined },
      {},
    );
    const signals = { util: { kind: "empty" as const } };
    const observation = { workload: "llm", trigger: "tick" as const, signals, pools: { llm: poolOf(0) }, others: null };
    const block = { reason: "SignalUnknown", detail: "util: not asked, the pools are empty" };
    const made = proposeByObjective(createContext(policy, workloadIn(policy), observation, EMPTY_MEMORY, NOON));
    expect(made).toEqual({ nodes: 0, causes: null, conditions: [], unknown: block, ...block });
  });
});

describe("a proposal while nobody knows what a node serves", () => {
  const waits =
    (waiting: number, since: number | null, idleSince: number | null = null) =>
    (made: Lesson) => {
      const backlog = { at: NOON, waiting, since: since === null ? null : NOON - since };
      return { ...made, need: null, idleSince, learned: { ...made.learned, backlog } };
    };
  it.each<[string, ReturnType<typeof waits>, { readonly desired?: number; readonly ready?: number }, number]>([
    ["one more while work waits", waits(5, 10), {}, 3],
    ["one more when it waits for just half of what it may", waits(5, 30), {}, 3],
    ["twice as many once it waits for longer", waits(5, 31), { desired: 3 }, 6],
    ["one where there is none", waits(5, 31), { desired: 0 }, 1],
    ["one more where it is not known since when", waits(5, null), { desired: 3 }, 4],
    ["no more while some are under way", waits(5, 31), { desired: 3, ready: 2 }, 3],
    ["one more when more are ready than were asked for", waits(5, 10), { desired: 2, ready: 3 }, 3],
    ["no more while nothing waits", waits(0, null), {}, 2],
    ["no more than the policy allows", waits(5, 31), { desired: 15 }, 20],
  ])("is %s", (_, lesson, size, nodes) => {
    const made = proposed(lesson, size);
    expect(made.nodes).toBe(nodes);
    expect(made.detail).toMatch(/^[05] wait; what a node serves is learned while work waits$/);
    const grows = nodes > (size.desired ?? 2);
    expect(made.reason).toBe(grows ? "TargetExceeded" : "WithinTolerance");
    expect(made.unknown).toBeNull();
  });

  const resting = (waiting: number, rest: Partial<Lesson["rest"]>) => (made: Lesson) => {
    const lesson = waits(waiting, null, waiting > 0 ? null : NOON - 600)(made);
    return { ...lesson, rest: { ...made.rest, ...rest } };
  };

  it("is none once no node is worth keeping, and not before", () => {
    const nothing = "nothing has arrived, waited or been served for 10m";
    const asleep = proposed(resting(0, { sleeps: true }));
    expect(asleep).toMatchObject({ nodes: 0, reason: "BelowTarget", detail: nothing });
    expect(proposed(resting(0, { sleeps: false })).nodes).toBe(2);
  });

  it("is as many as had better be asked for together, as far as the policy allows", () => {
    const asked = (together: number) => proposed(resting(1, { together }), { desired: 0 }).nodes;
    expect([asked(0), asked(1), asked(4), asked(30)]).toEqual([1, 1, 4, 20]);
  });

  it("takes a backlog that was never seen as nobody waiting", () => {
    const made = proposed((lesson) => ({ ...lesson, need: null, learned: { ...lesson.learned, backlog: null } }));
    expect(made).toMatchObject({ nodes: 2, detail: "0 wait; what a node serves is learned while work waits" });
  });
});

describe("a proposal says why", () => {
  const NEED: Need = { nodes: 2, spare: 0, rushed: false, inCase: false, second: false };
  const needing =
    (need: Partial<Need>, waiting: number | null = 0, more: Partial<Lesson> = {}) =>
    (made: Lesson) => {
      const backlog = waiting === null ? null : { at: NOON, waiting, since: NOON };
      const learned = { ...made.learned, nodes: need.nodes ?? 2, boot: 233.4, backlog };
      return { ...made, need: { ...NEED, ...need }, learned, forecast: { ...made.forecast, level: 3.45678 }, ...more };
    };
  const calm = "needs 2: 3.46 a second now; a node asked for now is ready in 3m53s";
  it.each<[string, ReturnType<typeof needing>, string]>([
    ["what comes now and how long a boot takes", needing({}), calm],
    ["nothing of a backlog that is not known", needing({}, null), calm],
    ["nothing of a spare that is none", needing({ spare: -1 }), calm],
    ["what waits", needing({}, 7), calm.replace(";", ", 7 wait;")],
    ["what is spare", needing({ spare: 0.12345 }), `${calm}; 0.123 a second spare for bursts`],
    [
      "that work will be late",
      needing({ rushed: true }),
      `${calm}; work will be late, so more are asked for than will stay`,
    ],
    [
      "why one more stays",
      (made: Lesson) => {
        const lesson = needing({ second: true })(made);
        return { ...lesson, learned: { ...lesson.learned, bursts: { line: 0, late: 5, watched: 2 * 3600 } } };
      },
      `${calm}; one more, for alone one would leave 1.7 an hour late`,
    ],
    ["that the first stays", needing({ inCase: true }), `${calm}; the first that is ready stays`],
    [
      "why more stay than are needed",
      (made: Lesson) => {
        const lesson = needing({})(made);
        return { ...lesson, learned: { ...lesson.learned, surplusSince: NOON } };
      },
      `${calm}; what is to spare stays a while, to save calls`,
    ],
    ["that none is needed, though not because of a pause", needing({ nodes: 0 }), calm.replace("2", "0")],
    ["that it keeps some through a pause", needing({}, 0, { idleSince: NOON - 600 }), calm],
    [
      "that a node would cost more than it would save",
      needing({ nodes: 0 }, 0, { idleSince: NOON - 900 }),
      "nothing has arrived, waited or been served for 15m: until work is likely, a node would cost more than it would save",
    ],
  ])("%s", (_, lesson, detail) => {
    expect(proposed(lesson).detail).toBe(detail);
  });

  it.each([
    [1, "BelowTarget"],
    [2, "WithinTolerance"],
    [3, "TargetExceeded"],
  ])("with the reason, for %i nodes in place of 2: %s", (nodes, reason) => {
    expect(proposed(needing({ nodes }))).toMatchObject({ nodes, reason, unknown: null, causes: null, conditions: [] });
  });

  it("only with an objective, and with what was learned for it", () => {
    const policy = policyWith({ maxWait: "60s", perNode: 4 });
    const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools: {}, others: null };
    const context = createContext(policy, workloadIn(policy), observation, EMPTY_MEMORY, NOON);
    const { objective: _, ...bare } = context.workload;
    expect(proposeByObjective({ ...context, lesson: null })).toBeNull();
    expect(proposeByObjective({ ...context, workload: bare })).toBeNull();
    expect(proposeByObjective(context)).not.toBeNull();
  });
});
