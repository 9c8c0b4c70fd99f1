import { describe, expect, it } from "vitest";
import { fleetOf, NOON, steady, unknown } from "../../../test/support/fleet.ts";
import { busyFleet, contextOf, node, readingsAt } from "../../../test/support/shrinking.ts";
import { type SignalObservation, UNKNOWN } from "../../model/signal.ts";
import { demandSignals, fewOf, loadsOf, restOf, shortName } from "./loads.ts";

const absent: SignalObservation = { kind: "empty" };

/** Three nodes, ready unless said otherwise, that cannot be told apart, and what the busy signal says. */
const restBy = (busy: SignalObservation, whenEmpty: "zero" | "absent" | "unknown" = "unknown", ready = 3) =>
  restOf(
    contextOf({ policy: busyFleet({}, whenEmpty), desired: 3, asked: 0, state: { ready }, signals: { busy } }),
    null,
  );

describe("whether nothing runs on any node", () => {
  it("is so when each reports that it does not work", () => {
    expect(restBy(readingsAt({ a: 0, b: 0, c: 0 }))).toEqual({ rests: true });
  });

  it.each<[string, SignalObservation, string]>([
    ["one works", readingsAt({ a: 0, b: 2, c: 0 }), "b is busy"],
    ["one's reading is too old", readingsAt({ a: 0, b: 0, c: null }), "c: the newest sample is 5m old"],
    ["one is not reported", readingsAt({ a: 0, b: 0 }), "1 of 3 ready nodes are not reported"],
    ["none is", readingsAt({}), "3 of 3 ready nodes are not reported"],
    ["the signal is unknown", unknown, "no answer within 8 s"],
  ])("is not so when %s", (_, busy, detail) => {
    expect(restBy(busy)).toEqual({ rests: false, detail: expect.stringContaining(detail) });
  });

  it("is so for those that are not reported where the policy says that silence is zero", () => {
    expect(restBy(readingsAt({ a: 0 }), "zero")).toEqual({ rests: true });
    expect(restBy(absent, "zero")).toEqual({ rests: true });
    expect(restBy(readingsAt({ a: 1 }), "zero")).toMatchObject({ rests: false, detail: "a is busy" });
    expect(restBy(absent, "absent")).toMatchObject({ rests: false });
  });

  it.each<[string, SignalObservation, string]>([
    ["cannot be read", unknown, "no answer within 8 s"],
    ["is no node's", steady(0, NOON), UNKNOWN.noNodeLabel],
  ])("is not so when the signal %s, even while no node is ready", (_, busy, detail) => {
    expect(restBy(busy, "unknown", 0)).toEqual({ rests: false, detail });
  });

  it("is not so for those that are not reported because of a reading that names no node", () => {
    expect(restBy(readingsAt({ a: 0, "": 0 }))).toEqual({
      rests: false,
      detail: "1 of 3 ready nodes are not reported",
    });
  });

  it("is not so when the busy signal was not supplied", () => {
    const context = contextOf({ desired: 3, asked: 0 });
    expect(restOf(context, null)).toEqual({ rests: false, detail: UNKNOWN.notSupplied });
    const nobody = { ...context, policy: fleetOf() };
    expect(restOf(nobody, null)).toEqual({ rests: false, detail: UNKNOWN.notSupplied });
    expect(loadsOf([node("a")], "busy", nobody)).toMatchObject([{ node: { id: "a" }, load: { kind: "unknown" } }]);
  });

  it("is not so by readings of a signal that the policy does not have", () => {
    const context = contextOf({ desired: 1, asked: 0, signals: { busy: readingsAt({ a: 0 }) } });
    const nobody = { ...context, policy: fleetOf() };
    expect(restOf(nobody, null)).toEqual({ rests: false, detail: UNKNOWN.notSupplied });
    expect(loadsOf([node("a")], "busy", nobody)).toEqual([
      { node: node("a"), load: { kind: "unknown", detail: UNKNOWN.notSupplied } },
    ]);
  });
});

describe("by demand, where no signal says which node works", () => {
  const byDemand = (queue: SignalObservation) =>
    restOf(contextOf({ policy: fleetOf({ scaleIn: {} }), desired: 3, asked: 0, signals: { queue } }), null);

  it("nothing runs when it is zero", () => {
    expect(byDemand(steady(0, NOON))).toEqual({ rests: true });
  });

  it.each<[string, SignalObservation, string]>([
    ["is not zero", steady(3, NOON), "queue is 3"],
    ["is unknown", unknown, "queue is unknown, no answer within 8 s"],
  ])("something may run when it %s", (_, queue, detail) => {
    expect(byDemand(queue)).toEqual({ rests: false, detail: expect.stringContaining(detail) });
  });

  it("something may run when no signal states it", () => {
    const policy = fleetOf({ scaleIn: {}, scaleUp: undefined, scaleDown: undefined });
    expect(restOf(contextOf({ policy, desired: 3, asked: 0 }), null)).toEqual({
      rests: false,
      detail: "no signal states what it has to do",
    });
  });

  it("nothing runs when a signal is absent, for then there is no node", () => {
    const policy = fleetOf({ scaleIn: {}, targets: [{ signal: "util", average: 80 }] });
    const signals = { util: absent };
    expect(restOf(contextOf({ policy, desired: 0, asked: 0, signals }), null)).toEqual({ rests: true });
    expect(restOf(contextOf({ policy, desired: 1, asked: 0, signals }), null)).toMatchObject({ rests: false });
  });

  it("every signal of the rules and the targets is asked once, and none that states something else", () => {
    const guards = [{ name: "g", when: { signal: "vramFree", below: 0.2 }, blocks: ["scaleToZero" as const] }];
    const policy = busyFleet({ targets: [{ signal: "util", average: 80 }], guards });
    expect(demandSignals(contextOf({ policy, asked: 0 }))).toEqual(["queue", "util"]);
  });
});

it("a node is idle at zero alone: nothing below, and nothing that nobody reports", () => {
  const busy = readingsAt({ a: 0, b: 1, c: -1, d: null });
  const context = contextOf({ desired: 5, asked: 0, signals: { busy } });
  const loads = loadsOf(
    ["a", "b", "c", "d", "e"].map((id) => node(id)),
    "busy",
    context,
  );
  expect(loads.map(({ node: { id }, load }) => [id, load.kind])).toEqual([
    ["a", "idle"],
    ["b", "busy"],
    ["c", "unknown"],
    ["d", "unknown"],
    ["e", "unknown"],
  ]);
});

it("a node that is not reported is not known to be idle, and it is said why", () => {
  const context = contextOf({ policy: busyFleet({}, "absent"), desired: 1, asked: 0, signals: { busy: absent } });
  expect(loadsOf([node("a")], "busy", context)).toEqual([
    { node: node("a"), load: { kind: "unknown", detail: "it is not reported" } },
  ]);
});

it.each([
  [[], ""],
  [["a"], "a"],
  [["a", "b", "c"], "a, b, c"],
  [["a", "b", "c", "d"], "a, b, c and 1 more"],
  [["a", "b", "c", "d", "e"], "a, b, c and 2 more"],
])("of %j people read %j, so that no node that is waited for goes uncounted", (names, text) => {
  expect(fewOf(names)).toBe(text);
});

it.each([
  ["aws:///eu-central-1a/i-0abc", "i-0abc"],
  ["gce://project/europe-west4-a/gke-gpu-1", "gke-gpu-1"],
  ["i-0abc", "i-0abc"],
  ["aws:///", "aws:///"],
])("the node %s is called %s, and never nothing", (id, name) => {
  expect(shortName(id)).toBe(name);
});

describe("of nodes that are listed, each is to be known to be idle, though as many are reported", () => {
  const rests = (reported: Readonly<Record<string, number>>, ready: boolean, policy = busyFleet()) => {
    const nodes = [node("x/a"), node("x/b", { ready })];
    const given = { policy, nodes, asked: 0, signals: { busy: readingsAt(reported) } };
    return restOf(contextOf(given), nodes);
  };

  it.each([
    ["they rest when each says so", { "x/a": 0, "x/b": 0 }, true, { rests: true }],
    [
      "another's node speaks for none of them",
      { "x/a": 0, "x/z": 0 },
      true,
      { rests: false, detail: "b: no series for node x/b" },
    ],
    [
      "one that is not ready counts as well",
      { "x/a": 0 },
      false,
      { rests: false, detail: "b: no series for node x/b" },
    ],
  ])("%s", (_, reported, ready, expected) => {
    expect(rests(reported, ready)).toEqual(expected);
  });

  it("unless the signal says that what is not reported is idle", () => {
    expect(rests({ "x/a": 0, "x/z": 0 }, true, busyFleet({}, "zero"))).toEqual({ rests: true });
  });
});
