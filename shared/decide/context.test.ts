import { describe, expect, it } from "vitest";
import { fleetOf, NOON, poolOf, seriesOf, steady, unknown, workloadIn } from "../../test/support/fleet.ts";
import { EMPTY_MEMORY } from "../model/memory.ts";
import type { SignalObservation } from "../model/signal.ts";
import { createContext } from "./context.ts";

const perNode = { source: "prom", query: "x", maxAge: "90s", per: "node" } as const;
const policy = fleetOf(
  {},
  {
    signals: {
      queue: { source: "prom", query: "queue", maxAge: "90s" },
      busy: perNode,
      idleIsSilent: { ...perNode, whenEmpty: "zero" },
    },
  },
);
const contextWith = (signals: Record<string, SignalObservation>) =>
  createContext(
    policy,
    workloadIn(policy),
    { workload: "llm", trigger: "tick", signals, pools: { llm: poolOf(3) }, others: null },
    EMPTY_MEMORY,
    NOON,
  );

const fresh = (value: number) => seriesOf(NOON, 60, () => value);
const old = seriesOf(NOON - 300, 60, () => 70);
const nodes = (each: Record<string, ReturnType<typeof fresh>>): SignalObservation => ({ kind: "perNode", nodes: each });

describe("the loads of the nodes", () => {
  it.each([
    ["are what each one reports", "busy", nodes({ a: fresh(10), b: fresh(30) }), [10, 30]],
    ["may be nothing", "busy", nodes({ a: fresh(0) }), [0]],
    ["leave out a node that reports no more", "busy", nodes({ a: fresh(10), b: old, c: fresh(30) }), [10, 30]],
    ["count such a node as idle where the policy says so", "idleIsSilent", nodes({ a: fresh(10), b: old }), [10, 0]],
  ])("%s", (_, signal, observed, values) => {
    expect(contextWith({ [signal]: observed }).loads(signal)).toEqual({ kind: "known", values });
  });

  it.each([
    ["when all nodes fell silent", "busy", nodes({ a: old, b: old }), "no node reports it"],
    ["when there is no node to report", "busy", nodes({}), "no node reports it"],
    ["when nothing at all is reported", "busy", { kind: "empty" } as const, "no node reports it"],
    [
      "when nothing is, even where silence is idleness",
      "idleIsSilent",
      { kind: "empty" } as const,
      "no node reports it",
    ],
    ["when the signal is one number for all", "queue", steady(30, NOON), "no node reports it"],
    ["when it could not be read, and say why", "busy", unknown, "no answer within 8 s"],
    ["when the policy lacks the signal", "other", nodes({ a: fresh(10) }), "the signal was not supplied"],
    ["when its name is one that every object has", "constructor", unknown, "the signal was not supplied"],
  ])("are unknown %s", (_, signal, observed, detail) => {
    expect(contextWith({ [signal]: observed }).loads(signal)).toEqual({ kind: "unknown", detail });
  });

  it("are unknown when the signal was not read", () => {
    expect(contextWith({}).loads("busy")).toEqual({ kind: "unknown", detail: "the signal was not supplied" });
  });
});

describe("a reading", () => {
  const notSupplied = { kind: "unknown", why: "notSupplied", detail: "the signal was not supplied" };

  it("is what the signal says now", () => {
    expect(contextWith({ queue: steady(30, NOON - 15) }).reading("queue")).toMatchObject({
      kind: "known",
      value: 30,
      at: NOON - 15,
      age: 15,
    });
  });

  it("is unknown where the policy lacks the signal, or it was not read", () => {
    expect(contextWith({ other: steady(30, NOON) }).reading("other")).toEqual(notSupplied);
    expect(contextWith({}).reading("queue")).toEqual(notSupplied);
  });

  it("is worked out once, and each for itself", () => {
    const context = contextWith({ queue: steady(30, NOON), busy: steady(1, NOON) });
    const queue = context.reading("queue");
    expect(context.reading("busy")).toMatchObject({ value: 1 });
    expect(context.reading("queue")).toBe(queue);
  });
});
