import { describe, expect, it } from "vitest";
import { fleetOf, NOON, steady, unknown } from "../../../test/support/fleet.ts";
import { busyFleet, contextOf, node, readingsAt } from "../../../test/support/shrinking.ts";
import { type SignalObservation, UNKNOWN } from "../../model/signal.ts";
import { loadsOf, restOf } from "./loads.ts";

const absent: SignalObservation = { kind: "empty" };

/** Three ready nodes that cannot be told apart, and what the busy signal says. */
const restBy = (busy: SignalObservation, whenEmpty: "zero" | "absent" | "unknown" = "unknown") =>
  restOf(contextOf({ policy: busyFleet({}, whenEmpty), desired: 3, asked: 0, signals: { busy } }));

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

  it("is not so when the busy signal was not supplied", () => {
    const context = contextOf({ desired: 3, asked: 0 });
    expect(restOf(context)).toEqual({ rests: false, detail: UNKNOWN.notSupplied });
    const nobody = { ...context, policy: fleetOf() };
    expect(restOf(nobody)).toEqual({ rests: false, detail: UNKNOWN.notSupplied });
    expect(loadsOf([node("a")], "busy", nobody)).toMatchObject([{ node: { id: "a" }, load: { kind: "unknown" } }]);
  });
});

describe("by demand, where no signal says which node works", () => {
  const byDemand = (queue: SignalObservation) =>
    restOf(contextOf({ policy: fleetOf({ scaleIn: {} }), desired: 3, asked: 0, signals: { queue } }));

  it("nothing runs when it is zero", () => {
    expect(byDemand(steady(0, NOON))).toEqual({ rests: true });
  });

  it.each<[string, SignalObservation, string]>([
    ["is not zero", steady(3, NOON), "queue is 3"],
    ["is unknown", unknown, "queue is unknown, no answer within 8 s"],
  ])("something may run when it %s", (_, queue, detail) => {
    expect(byDemand(queue)).toEqual({ rests: false, detail: expect.stringContaining(detail) });
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
