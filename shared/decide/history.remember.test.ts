import { describe, expect, it } from "vitest";
import { decided, type Given, settledAt } from "../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady } from "../../test/support/fleet.ts";
import { busyFleet, node, readingsAt } from "../../test/support/shrinking.ts";
import { EMPTY_MEMORY } from "../model/memory.ts";
import type { PoolObservation } from "../model/pool.ts";
import { NEVER_FAILED } from "./capacity/health.ts";

const LONG_QUEUE = { queue: steady(120, NOON) };
const CALM = { queue: steady(30, NOON) };
const memoryAfter = (given: Given) => decided(given).memory;

describe("the log of recommendations holds", () => {
  it.each([
    ["what demand asked for", 1, 120, 3],
    ["what it asked for past nodes.max", 5, 120, 7],
    ["what it asked for below nodes.min", 1, 0, 0],
    ["the size, where it asked for no other", 3, 30, 3],
  ])("%s", (_, size, queue, nodes) => {
    const given = { signals: { queue: steady(queue, NOON) }, pool: poolOf(size), memory: settledAt(size) };
    expect(memoryAfter(given).recommendations).toEqual([{ at: NOON, nodes }]);
  });

  it("what was recommended before, though a pool was never seen", () => {
    const eks = { region: "eu-central-1", cluster: "prod", nodegroup: "n" };
    const pools = ["llm", "new"].map((name) => ({ name, capacity: "on-demand" as const, eks }));
    const before = { at: NOON - MINUTE, nodes: 4 };
    const given = {
      policy: fleetOf({ pools }),
      pool: poolOf(3),
      memory: { ...settledAt(3), recommendations: [before] },
    };
    expect(memoryAfter(given).recommendations).toEqual([before, { at: NOON, nodes: 3 }]);
    const first = { ...given, memory: { ...settledAt(3), recommendations: [] } };
    expect(memoryAfter(first).recommendations).toEqual([]);
  });
});

describe("what the pools were asked for is remembered", () => {
  it.each([
    ["when nothing changes", CALM, poolOf(3), { size: 3, total: 3 }, 3],
    ["when it grows", LONG_QUEUE, poolOf(3), { size: 5, total: 5 }, 5],
    ["with the nodes on top that replace others", CALM, poolOf(3, 3, { noticed: 1 }), { size: 3, total: 4 }, 4],
  ])("%s", (_, signals, pool, after, asked) => {
    const { assigned } = memoryAfter({ signals, pool, memory: settledAt(3) });
    expect(assigned).toEqual({ before: { size: 3, total: 3 }, after, pools: { llm: asked } });
  });

  it("when no pool may be asked for what is wanted: no more than that is the size to come", () => {
    const health = { ...NEVER_FAILED, failures: 1, failedAt: NOON - MINUTE, backoffUntil: NOON + MINUTE };
    const memory = { ...settledAt(3), pools: { llm: { at: NOON - MINUTE, desired: 3, ready: 3, health } } };
    const { decision, memory: next } = decided({ signals: LONG_QUEUE, pool: poolOf(3), memory });
    expect(decision.want).toBe(5);
    expect(next.assigned?.after).toEqual({ size: 3, total: 3 });
  });

  it("when busy nodes keep a pool from shrinking: the size is the smaller one all the same", () => {
    const nodes = [node("x/a"), node("x/b"), node("x/c")];
    const { memory } = decided({
      policy: busyFleet(),
      signals: { queue: steady(0, NOON), busy: readingsAt({ "x/a": 1, "x/b": 1, "x/c": 1 }) },
      pool: poolOf(3, 3, { nodes }),
      memory: settledAt(3),
    });
    const [before, after] = [3, 2].map((n) => ({ size: n, total: n }));
    expect(memory.assigned).toEqual({ before, after, pools: { llm: 3 } });
  });
});

describe("how growing has gone", () => {
  const made = [{ at: NOON - 20 * MINUTE, causes: { queue: 90 } }];
  it.each([
    ["is remembered with what asks for it now", 120, { causes: { queue: 120 }, made }],
    ["is forgotten once nothing asks for it", 30, { causes: {}, made: [] }],
  ])("%s", (_, queue, growth) => {
    const memory = { ...settledAt(3), growth: { causes: { queue: 90 }, made } };
    expect(memoryAfter({ signals: { queue: steady(queue, NOON) }, pool: poolOf(3), memory }).growth).toEqual(growth);
  });
});

describe("what was learned", () => {
  it("is remembered where the workload has an objective", () => {
    const signal = { source: "prom", query: "x", maxAge: "60s" };
    const policy = fleetOf(
      {
        scaleUp: undefined,
        scaleDown: undefined,
        objective: { arrivals: "arrivals", backlog: "backlog", perNode: 1, maxWait: "60s" },
      },
      { signals: { arrivals: signal, backlog: signal } },
    );
    const signals = { arrivals: steady(2, NOON), backlog: steady(0, NOON) };
    expect(memoryAfter({ policy, signals, pool: poolOf(3) }).learned).toMatchObject({
      at: NOON,
      pools: { llm: { ready: 3 } },
    });
  });

  it("is nothing without one", () => {
    expect(memoryAfter({ signals: CALM, pool: poolOf(3) }).learned).toBeNull();
  });
});

it("a pool that lost nodes to evictions is remembered as it was asked for", () => {
  const aks = {
    subscription: "00000000-0000-0000-0000-000000000000",
    resourceGroup: "ml",
    cluster: "prod",
    agentPool: "gpuspot",
  };
  const footing = { size: 4, total: 4 };
  const { pools } = memoryAfter({
    policy: fleetOf({ pools: [{ name: "llm", capacity: "spot", aks }] }),
    signals: CALM,
    pool: poolOf(3),
    memory: { ...settledAt(4), assigned: { before: footing, after: footing, pools: { llm: 4 } } },
  });
  expect(pools.llm).toMatchObject({ at: NOON, desired: 4, ready: 3 });
});

describe("a change that was noted while no pool could be seen", () => {
  const lastChange = { at: NOON - 5 * MINUTE, from: 1, to: 3, settledAt: null };
  const memory = { ...EMPTY_MEMORY, lastChange };

  it.each([
    ["goes on", poolOf(3, 2), lastChange],
    ["settles", poolOf(3), { ...lastChange, settledAt: NOON }],
    ["is overtaken by another", poolOf(4, 2), { at: NOON, from: 3, to: 4, settledAt: null }],
  ] as const)("%s once one is", (_, pool: PoolObservation, change) => {
    expect(memoryAfter({ signals: CALM, pool, memory }).lastChange).toEqual(change);
  });
});
