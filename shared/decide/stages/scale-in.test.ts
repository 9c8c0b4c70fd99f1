import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, unknown, workloadIn } from "../../../test/support/fleet.ts";
import { busyFleet, FORCING, type Given, node, readingsAt, stepOf } from "../../../test/support/shrinking.ts";
import { EMPTY_MEMORY, type Override, type WorkloadMemory } from "../../model/memory.ts";
import type { Pool } from "../../policy/schema/pools.ts";

const HOUR = 60 * MINUTE;
const ABC = [node("x/a"), node("x/b"), node("x/c")];
/** What the stage asks the one pool for, which nodes it names, and why. */
function asked(given: Given) {
  const { draft, reason, detail } = stepOf(given);
  return { to: draft.pools.llm, remove: draft.remove.llm ?? [], reason, detail };
}
const waitingSince = (ago: number): WorkloadMemory => ({ ...EMPTY_MEMORY, scaleIn: { since: NOON - ago } });

describe("a pool whose nodes say whether they work", () => {
  it("gives up idle nodes by name, and no others", () => {
    const busy = readingsAt({ "x/a": 2, "x/b": 0, "x/c": 0 });
    expect(asked({ nodes: ABC, asked: 1, signals: { busy } })).toEqual({
      to: 1,
      remove: ["x/b", "x/c"],
      reason: "Unaffected",
      detail: "llm 3 → 1 without b, c",
    });
  });

  it("keeps what works, and says which nodes and since when [F54]", () => {
    const busy = readingsAt({ "x/a": 2, "x/b": 1, "x/c": 0 });
    expect(asked({ nodes: ABC, asked: 0, signals: { busy }, memory: waitingSince(HOUR) })).toEqual({
      to: 2,
      remove: ["x/c"],
      reason: "BusyNodes",
      detail: "llm: 2 of 3 nodes that should go are busy (b, a); waiting since Wed 11:00 UTC, at most 2h",
    });
  });

  it.each([
    ["is missing from the reply", readingsAt({ "x/a": 1, "x/c": 1 }), "b: no series for node x/b"],
    ["has no fresh sample", readingsAt({ "x/a": 1, "x/b": null, "x/c": 1 }), "b: the newest sample is 5m old"],
    ["reads less than nothing", readingsAt({ "x/a": 1, "x/b": -1, "x/c": 1 }), "b: it reads -1, below zero"],
    ["cannot be asked", unknown, "no answer within 8 s"],
    ["is no node's", steady(0, NOON), "provider_id"],
  ])("keeps a node whose reading %s", (_, busy, says) => {
    const { to, remove, reason, detail } = asked({ nodes: ABC, asked: 0, signals: { busy } });
    expect({ to, remove, reason }).toEqual({ to: 3, remove: [], reason: "BusyNodes" });
    expect(detail).toContain("3 of 3 nodes that should go are not known to be idle");
    expect(detail).toContain(says);
  });

  it("takes a node that is not reported for idle where the signal says so", () => {
    const policy = busyFleet({}, "zero");
    const signals = { busy: readingsAt({ "x/b": 1 }) };
    expect(asked({ policy, nodes: ABC, asked: 0, signals })).toMatchObject({ to: 1, remove: ["x/a", "x/c"] });
    const nobody = { busy: { kind: "empty" } as const };
    expect(asked({ policy, nodes: ABC, asked: 1, signals: nobody })).toMatchObject({ to: 1, remove: ["x/a", "x/b"] });
  });

  it("gives up first what is not ready, and then by name", () => {
    const nodes = [node("x/c"), node("x/b"), node("x/d", { ready: false }), node("x/a")];
    const busy = readingsAt({ "x/a": 0, "x/b": 0, "x/c": 0, "x/d": 0 });
    expect(asked({ nodes, asked: 2, signals: { busy } }).remove).toEqual(["x/d", "x/a"]);
  });

  it("gives up nodes that never came before any that did", () => {
    const busy = readingsAt({ "x/a": 0, "x/b": 1, "x/c": 1 });
    expect(asked({ nodes: ABC, desired: 5, asked: 3, signals: { busy } })).toMatchObject({ to: 3, remove: [] });
    expect(asked({ nodes: ABC, desired: 5, asked: 2, signals: { busy } })).toMatchObject({ to: 2, remove: ["x/a"] });
    expect(asked({ nodes: ABC, desired: 5, asked: 0, signals: { busy } })).toMatchObject({
      to: 2,
      remove: ["x/a"],
      reason: "BusyNodes",
      detail: expect.stringContaining("2 of 5 nodes that should go are busy (b, c)"),
    });
  });

  it("leaves a node under notice to go by itself", () => {
    const nodes = [node("x/a", { noticed: true }), node("x/b")];
    const busy = readingsAt({ "x/a": 0, "x/b": 0 });
    expect(asked({ nodes, asked: 1, signals: { busy } })).toMatchObject({ to: 1, remove: ["x/b"] });
    expect(asked({ nodes, asked: 0, signals: { busy } })).toEqual({
      to: 1,
      remove: ["x/b"],
      reason: "Interrupted",
      detail: "llm: 1 of 2 nodes that should go leave by themselves",
    });
  });

  it("does not take a node that is on its way out for one that can go", () => {
    const nodes = [...ABC, node("x/d", { ready: false })];
    const busy = readingsAt({ "x/a": 1, "x/b": 1, "x/c": 1, "x/d": 0 });
    expect(asked({ nodes, desired: 3, asked: 2, signals: { busy } })).toMatchObject({
      to: 3,
      remove: [],
      reason: "OperationInProgress",
    });
  });

  it("names three nodes at most, and counts the rest", () => {
    const ids = ["a", "b", "c", "d", "e"];
    const busy = readingsAt(Object.fromEntries(ids.map((id) => [id, 1])));
    const { detail } = asked({ nodes: ids.map((id) => node(id)), asked: 0, signals: { busy } });
    expect(detail).toContain("5 of 5 nodes that should go are busy (a, b, c and 2 more)");
  });

  it("that is sized in every zone alike keeps what never came while another zone's node works", () => {
    const state = { step: 3 };
    const given = { nodes: ABC, desired: 6, asked: 3, state };
    const working = { busy: readingsAt({ "x/a": 0, "x/b": 0, "x/c": 1 }) };
    expect(asked({ ...given, signals: working })).toMatchObject({ to: 6, remove: [], reason: "OperationInProgress" });
    const idle = { busy: readingsAt({ "x/a": 0, "x/b": 0, "x/c": 0 }) };
    expect(asked({ ...given, signals: idle })).toMatchObject({ to: 3, remove: [], reason: "Unaffected" });
  });
});

describe("a pool whose nodes cannot be named", () => {
  const idle = readingsAt({ "x/a": 0, "x/b": 0, "x/c": 0 });

  it.each([
    ["goes by its size when every node says that it is idle", idle, 1, "Unaffected"],
    ["stays while one works", readingsAt({ "x/a": 0, "x/b": 4, "x/c": 0 }), 3, "BusyNodes"],
    ["stays while one says nothing", readingsAt({ "x/a": 0, "x/b": 0 }), 3, "BusyNodes"],
    ["stays while nobody can be asked", unknown, 3, "BusyNodes"],
    ["stays while the source knows of no node", { kind: "empty" } as const, 3, "BusyNodes"],
  ])("%s", (_, busy, to, reason) => {
    expect(asked({ desired: 3, asked: 1, signals: { busy } })).toMatchObject({ to, remove: [], reason });
  });

  it("counts what is not reported as idle where the signal says so", () => {
    const policy = busyFleet({}, "zero");
    const given = { policy, desired: 3, asked: 1 };
    expect(asked({ ...given, signals: { busy: { kind: "empty" } } })).toMatchObject({ to: 1 });
    expect(asked({ ...given, signals: { busy: readingsAt({ "x/b": 1 }) } })).toMatchObject({ to: 3 });
    expect(asked({ ...given, signals: { busy: unknown } })).toMatchObject({ to: 3 });
  });

  it("gives up what is not ready whatever the others do", () => {
    expect(asked({ desired: 3, asked: 1, state: { ready: 1 }, signals: { busy: unknown } })).toMatchObject({ to: 1 });
    expect(asked({ desired: 3, asked: 0, state: { ready: 1 }, signals: { busy: unknown } })).toMatchObject({
      to: 1,
      reason: "BusyNodes",
    });
  });

  it("is one that the cloud's own autoscaler sizes", () => {
    const pools: Pool[] = workloadIn(fleetOf()).pools.map((pool) => ({ ...pool, control: "bounds" }));
    const given = { policy: busyFleet({ pools }), nodes: ABC, asked: 1 };
    expect(asked({ ...given, signals: { busy: idle } })).toMatchObject({ to: 1, remove: [] });
    const one = readingsAt({ "x/a": 0, "x/b": 0, "x/c": 1 });
    expect(asked({ ...given, signals: { busy: one } })).toMatchObject({ to: 3, remove: [], reason: "BusyNodes" });
  });
});

describe("a workload without a busy signal", () => {
  const policy = fleetOf({ scaleIn: {} });

  it.each([
    ["shrinks when its demand is zero", steady(0, NOON), 1],
    ["waits while there is demand", steady(7, NOON), 3],
    ["waits while its demand is unknown", unknown, 3],
  ])("%s", (_, queue, to) => {
    expect(asked({ policy, nodes: ABC, asked: 1, signals: { queue } })).toMatchObject({ to, remove: [] });
  });

  it("says what it waits for", () => {
    const { reason, detail } = asked({ policy, nodes: ABC, asked: 1, signals: { queue: steady(7, NOON) } });
    expect(reason).toBe("BusyNodes");
    expect(detail).toBe(
      "llm: 2 of 2 nodes that should go may be busy, for none is known to be idle (queue is 7); waiting since Wed 12:00 UTC, at most 2h",
    );
  });

  it("asks every signal of its rules and targets, and no guard's", () => {
    const guards = [{ name: "g", when: { signal: "vramFree", below: 0.2 }, blocks: ["scaleToZero" as const] }];
    const more = fleetOf({ scaleIn: {}, targets: [{ signal: "util", average: 80 }], guards });
    const given = { policy: more, nodes: ABC, asked: 1 };
    const vramFree = steady(0.5, NOON);
    expect(asked({ ...given, signals: { util: steady(1, NOON), vramFree } })).toMatchObject({ to: 3 });
    expect(asked({ ...given, signals: { util: steady(0, NOON), vramFree } })).toMatchObject({ to: 1 });
  });

  it("waits if nothing states its demand", () => {
    const silent = fleetOf({ scaleIn: {}, scaleUp: undefined, scaleDown: undefined });
    expect(asked({ policy: silent, nodes: ABC, asked: 1 })).toMatchObject({
      to: 3,
      detail: expect.stringContaining("no signal states what it has to do"),
    });
  });

  it("shrinks by its size under an objective, unless it names a busy signal after all", () => {
    const objective = { arrivals: "util", backlog: "queue", maxWait: "60s" };
    const given = {
      nodes: ABC,
      asked: 1,
      signals: { queue: steady(7, NOON), busy: readingsAt({ "x/a": 1, "x/b": 0 }) },
    };
    expect(asked({ ...given, policy: busyFleet({ objective, scaleIn: {} }) })).toMatchObject({ to: 1, remove: [] });
    expect(asked({ ...given, policy: busyFleet({ objective }) })).toMatchObject({ to: 2, remove: ["x/b"] });
  });
});

it("work that may be interrupted goes by size, whatever its nodes do", () => {
  const policy = busyFleet({ scaleIn: { busy: "busy", interruptible: true } });
  const busy = readingsAt({ "x/a": 1, "x/b": 1, "x/c": 1 });
  expect(asked({ policy, nodes: ABC, asked: 0, signals: { busy } })).toMatchObject({
    to: 0,
    remove: [],
    reason: "Unaffected",
    detail: "llm 3 → 0",
  });
});

describe("once the wait is over [F54]", () => {
  const busy = readingsAt({ "x/a": 3, "x/b": 1, "x/c": 2 });
  const given = { nodes: ABC, asked: 1, signals: { busy } };
  const forcing = busyFleet({ scaleIn: FORCING });

  it("`notify` goes on waiting, and says that a person is to decide", () => {
    const { to, reason, detail } = asked({ ...given, memory: waitingSince(2 * HOUR) });
    expect({ to, reason }).toEqual({ to: 3, reason: "BusyNodes" });
    expect(detail).toContain("waiting since Wed 10:00 UTC; the wait of 2h is over and a person is to decide");
  });

  it("`force` takes the nodes with the least to do, by name", () => {
    const made = asked({ ...given, policy: forcing, memory: waitingSince(HOUR) });
    expect(made).toMatchObject({ to: 1, remove: ["x/b", "x/c"], reason: "BusyNodes" });
    expect(made.detail).toContain("waiting since Wed 11:00 UTC; the wait of 1h is over and they are taken by force");
    expect(asked({ ...given, policy: forcing, memory: waitingSince(HOUR - 1) })).toMatchObject({ to: 3, remove: [] });
  });

  it("`force` takes idle nodes first, and those of which nobody knows last", () => {
    const signals = { busy: readingsAt({ "x/a": 9, "x/c": 0 }) };
    const made = asked({ ...given, policy: forcing, signals, memory: waitingSince(HOUR) });
    expect(made.remove).toEqual(["x/c", "x/a"]);
  });

  it("`force` sets the size where no node can be named", () => {
    const made = asked({ desired: 3, asked: 1, signals: { busy }, policy: forcing, memory: waitingSince(HOUR) });
    expect(made).toMatchObject({ to: 1, remove: [], reason: "BusyNodes" });
  });
});

describe("a decision", () => {
  const policy = busyFleet({ nodes: { min: 0, max: 6 } });
  const pool = poolOf(3, 3, { nodes: ABC });
  const working = { queue: steady(0, NOON), busy: readingsAt({ "x/a": 1, "x/b": 1, "x/c": 1 }) };
  const first = decided({ policy, signals: working, pool, memory: settledAt(3) });

  it("keeps the size that demand asks for, and the pool what it waits for", () => {
    expect(first.decision).toMatchObject({ want: 2, pools: { llm: 3 }, remove: {}, reason: "BusyNodes" });
    expect(stageOf(first, "demand")).toMatchObject({ want: 2, reason: "RuleMatched" });
  });

  it("remembers since when it waits, until nothing is waited for", () => {
    expect(first.memory.scaleIn).toEqual({ since: NOON });
    const later = NOON + 10 * MINUTE;
    const still = { queue: steady(0, later), busy: readingsAt({ "x/a": 1, "x/b": 1, "x/c": 1 }, later) };
    const second = decided({ policy, signals: still, pool, memory: first.memory, now: later });
    expect(second.memory.scaleIn).toEqual({ since: NOON });
    const idle = { queue: steady(0, later), busy: readingsAt({ "x/a": 1, "x/b": 0, "x/c": 1 }, later) };
    const third = decided({ policy, signals: idle, pool, memory: second.memory, now: later });
    expect(third.decision).toMatchObject({ want: 2, pools: { llm: 2 }, remove: { llm: ["x/b"] } });
    expect(third.memory.scaleIn).toBeNull();
  });

  it("goes on remembering while it takes by force, for the cloud may refuse", () => {
    const forcing = busyFleet({ scaleIn: FORCING });
    const memory = { ...settledAt(3), scaleIn: { since: NOON - HOUR } };
    const made = decided({ policy: forcing, signals: working, pool, memory });
    expect(made.decision).toMatchObject({ pools: { llm: 2 }, remove: { llm: ["x/a"] }, reason: "BusyNodes" });
    expect(made.memory.scaleIn).toEqual({ since: NOON - HOUR });
  });

  it("takes an operator's hold for an order of the size, not for leave to stop what works", () => {
    const hold: Override = { kind: "hold", nodes: 0, reason: "r", actor: "a", at: NOON, until: NOON + 60 };
    const made = decided({ policy, signals: working, pool, memory: { ...settledAt(3), overrides: [hold] } });
    expect(made.decision).toMatchObject({ want: 0, pools: { llm: 3 }, remove: {}, reason: "BusyNodes" });
  });

  it("touches no pool that cannot be seen", () => {
    const unseen = { kind: "unseen", error: { kind: "Unavailable", message: "no answer" } } as const;
    const made = decided({ policy, signals: working, pool: unseen, memory: settledAt(3) });
    expect(made.decision).toMatchObject({ pools: { llm: 3 }, remove: {} });
    expect(stageOf(made, "scale-in").reason).toBe("Unaffected");
  });
});
