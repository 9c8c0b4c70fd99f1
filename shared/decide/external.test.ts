import { describe, expect, it } from "vitest";
import { decided, settledAt } from "../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, workloadIn } from "../../test/support/fleet.ts";
import { OPEN_INTENT } from "../../test/support/open-intent.ts";
import type { Footing, WorkloadMemory } from "../model/memory.ts";
import type { PoolObservation } from "../model/pool.ts";
import type { PolicyInput } from "../policy/schema/policy.ts";
import { NEVER_FAILED } from "./capacity/health.ts";
import { externalChange } from "./external.ts";
import { sizeOf } from "./size.ts";

type WorkloadInput = PolicyInput["workloads"][string];

const LONG_QUEUE = { queue: steady(120, NOON) };

const on = (nodes: number): Footing => ({ size: nodes, total: nodes });

/** A memory of having settled at a size that vramp itself asked for. */
function ours(nodes: number): WorkloadMemory {
  const footing = on(nodes);
  return { ...settledAt(nodes), assigned: { before: footing, after: footing, pools: { llm: nodes } } };
}

const lookAt = (nodes: number, memory: WorkloadMemory, workload: Partial<WorkloadInput> = {}, now = NOON) =>
  decided({
    policy: fleetOf({ scaleIn: { interruptible: true }, ...workload }),
    signals: LONG_QUEUE,
    pool: poolOf(nodes),
    memory,
    now,
  });

describe("a size that somebody else set [F81]", () => {
  it("is left alone for respectExternalFor, though the queue asks for more", () => {
    const seen = lookAt(2, ours(4));
    expect(seen.decision).toMatchObject({ want: 2, pools: { llm: 2 }, reason: "ExternalChange" });
    expect(seen.decision.detail).toContain("somebody else took it from 4 to 2 (llm)");
    expect(seen.memory.external).toEqual({ at: NOON, from: 4, to: 2, pools: ["llm"] });
    const before = lookAt(2, seen.memory, {}, NOON + 30 * MINUTE - 1);
    expect(before.decision.reason).toBe("ExternalChange");
    const after = lookAt(2, seen.memory, {}, NOON + 30 * MINUTE);
    expect(after.memory.external).toBeNull();
  });

  it("is brought back within the policy's bounds at once", () => {
    expect(lookAt(9, ours(4)).decision).toMatchObject({ want: 6, reason: "ExternalChange" });
    expect(lookAt(0, ours(4)).decision).toMatchObject({ want: 1 });
  });

  it("counts for nothing beside an operator's word", () => {
    const hold = { kind: "hold", nodes: 5, reason: "demo", actor: "on-call", at: NOON, until: NOON + MINUTE } as const;
    expect(lookAt(2, { ...ours(4), overrides: [hold] }).decision).toMatchObject({ want: 5, reason: "Held" });
  });

  it.each([
    ["what was last seen", 4, 6],
    ["what was asked for since", 6, 6],
    ["on the way there", 5, 6],
  ])("is not one that is %s", (_, seen, asked) => {
    const footing = { size: 4, total: 4 };
    const assigned = { before: footing, after: { size: asked, total: asked }, pools: { llm: asked } };
    expect(lookAt(seen, { ...settledAt(4), assigned }).memory.external).toBeNull();
  });

  it("is not seen while a call of ours is open, nor where vramp never asked for anything", () => {
    const intent = {
      id: "i",
      pool: "llm",
      from: 4,
      to: 5,
      at: NOON,
      epoch: 1,
      policyRevision: "r",
      operation: null,
      remove: null,
    };
    expect(lookAt(2, { ...ours(4), intents: [intent] }).memory.external).toBeNull();
    expect(lookAt(2, settledAt(4)).memory.external).toBeNull();
  });
});

describe("of the change that somebody else made is known", () => {
  const eks = { region: "eu-central-1", cluster: "prod", nodegroup: "n" };
  const policy = fleetOf({ pools: ["llm", "other"].map((name) => ({ name, capacity: "on-demand" as const, eks })) });
  const change = (memory: WorkloadMemory, pools: Readonly<Record<string, PoolObservation>>) => {
    const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools, others: null };
    return externalChange(memory, sizeOf(workloadIn(policy), observation, memory, NOON), NOON);
  };
  const { pools: seen } = settledAt(4);

  it("how far ours had come", () => {
    const [before, after] = [on(6), on(2)];
    const memory = { ...settledAt(4), assigned: { before, after, pools: { llm: 2 } } };
    expect(lookAt(8, memory).memory.external).toMatchObject({ from: 4, to: 8 });
  });

  it("what all pools had, as far as they were ever seen", () => {
    const pools = { llm: poolOf(6), other: poolOf(1) };
    const both = { ...seen, other: { at: NOON - MINUTE, desired: 1, ready: 1, health: NEVER_FAILED } };
    const asked = { before: on(5), after: on(5), pools: { llm: 4, other: 1 } };
    const memory = { ...settledAt(5), pools: both, assigned: asked };
    expect(change(memory, pools)).toEqual({ at: NOON, from: 5, to: 7, pools: ["llm"] });
    const once = { ...memory, pools: seen, assigned: { ...asked, before: on(4) } };
    expect(change(once, pools)).toEqual({ at: NOON, from: 4, to: 7, pools: ["llm"] });
  });

  it("nothing while a pool cannot be seen", () => {
    expect(change(ours(4), { llm: poolOf(6) })).toBeNull();
    expect(change(ours(4), { llm: poolOf(6), other: poolOf(0) })).toMatchObject({ pools: ["llm"] });
  });

  it("nothing while a call of ours to that pool is open, be there calls to others", () => {
    const pools = { llm: poolOf(6), other: poolOf(0) };
    expect(change({ ...ours(4), intents: [OPEN_INTENT] }, pools)).toBeNull();
    const elsewhere = { ...OPEN_INTENT, pool: "other" };
    expect(change({ ...ours(4), intents: [elsewhere] }, pools)).toMatchObject({ pools: ["llm"] });
  });
});

describe("off-hours", () => {
  const night: Partial<WorkloadInput> = {
    nodes: { min: 0, max: 6 },
    schedules: [{ name: "night", start: "0 8 * * *", end: "0 20 * * *", nodes: { exactly: 0 } }],
  };

  it("stick: a pool that somebody else raised goes back, and it is said", () => {
    const { decision } = lookAt(2, ours(0), night);
    expect(decision).toMatchObject({ want: 0, pools: { llm: 0 }, reason: "BouncedBack" });
    expect(decision.detail).toMatch(/somebody else took it from 0 to 2 \(llm\).*night.*goes back to 0/);
  });

  it("are no bounce when they begin and the size is still ours", () => {
    expect(lookAt(2, ours(2), night).decision).toMatchObject({ want: 0, reason: "WindowStarted" });
  });
});

describe("nodes evicted from an AKS spot pool, whose own count falls with them", () => {
  const aks = {
    subscription: "00000000-0000-0000-0000-000000000000",
    resourceGroup: "ml",
    cluster: "prod",
    agentPool: "gpuspot",
  };
  const calm: Partial<WorkloadInput> = { scaleUp: { any: [{ signal: "queue", above: 900, for: "2m" }], add: 2 } };
  const pools = (capacity: "spot" | "on-demand") => [{ name: "llm", capacity, aks }];

  it("are asked for again, and are nobody's wish [F83]", () => {
    const { decision, memory } = lookAt(2, ours(4), { pools: pools("spot"), ...calm });
    expect(decision).toMatchObject({ current: 4, want: 4, pools: { llm: 4 }, reason: "Interrupted" });
    expect(memory.external).toBeNull();
    // The refill may be refused; the next look asks again.
    expect(lookAt(2, memory, { pools: pools("spot"), ...calm }, NOON + MINUTE).decision.pools).toEqual({ llm: 4 });
  });

  it("are told from a pool that we made smaller, and from one that is not spot [F83]", () => {
    const footing = { size: 4, total: 4 };
    const shrunk = { ...settledAt(4), assigned: { before: footing, after: { size: 2, total: 2 }, pools: { llm: 2 } } };
    expect(lookAt(2, shrunk, { pools: pools("spot") }).decision.current).toBe(2);
    expect(lookAt(2, ours(4), { pools: pools("on-demand") }).decision.current).toBe(2);
  });
});

it("a workload of the fixture has the time that the tests count with", () => {
  expect(workloadIn(fleetOf()).respectExternalFor).toBe(30 * MINUTE);
});
