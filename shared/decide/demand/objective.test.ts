import { describe, expect, it } from "vitest";
import { fleetOf, MINUTE, NOON, poolOf, steady, unknown, workloadIn } from "../../../test/support/fleet.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../model/memory.ts";
import type { SignalObservation } from "../../model/signal.ts";
import { decide } from "../decide.ts";

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
