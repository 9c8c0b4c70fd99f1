import { describe, expect, it } from "vitest";
import { readingsAt } from "../../../test/support/shrinking.ts";
import { busy, IDLE, type Standing, shrunk, standing, stay, UNREADY, UNREPORTED } from "./shrink.fixture.ts";

type Nodes = Readonly<Record<string, Standing>>;

describe("by force, where nodes can be named", () => {
  it.each<[string, Nodes, number, readonly string[], string]>([
    [
      "those with the least to do go, and the one with the most stays",
      { a: busy(3), b: busy(1), c: busy(2) },
      1,
      ["b", "c"],
      "2 of 2 nodes that should go are busy (b, c)",
    ],
    [
      "they go in that order however they are listed",
      { b: busy(2), c: busy(3), a: busy(1) },
      1,
      ["a", "b"],
      "2 of 2 nodes that should go are busy (a, b)",
    ],
    [
      "idle nodes go first",
      { a: busy(1), b: IDLE, c: busy(2) },
      1,
      ["b", "a"],
      "1 of 2 nodes that should go is busy (a)",
    ],
    [
      "those of which nothing is known go last",
      { a: UNREPORTED, b: busy(9), c: busy(8) },
      1,
      ["c", "b"],
      "2 of 2 nodes that should go are busy (c, b)",
    ],
    [
      "of those of which nothing is known, in the order of their ids",
      { b: UNREPORTED, c: UNREPORTED, a: UNREPORTED },
      2,
      ["a"],
      "1 of 1 nodes that should go is not known to be idle (a: no series for node a)",
    ],
    [
      "of those with as much to do, the one that is not ready goes first and then by id",
      { d: busy(1), b: busy(1), c: { reads: 1, ready: false }, a: busy(1) },
      1,
      ["c", "a", "b"],
      "3 of 3 nodes that should go are busy (c, a, b)",
    ],
  ])("%s", (_, nodes, asked, remove, forced) => {
    expect(shrunk({ ...standing(nodes), asked }, true)).toEqual({ to: asked, remove, kept: [], forced });
  });

  it.each<[string, Nodes, readonly string[]]>([
    ["idle nodes are enough", { a: busy(1), b: IDLE, c: IDLE }, ["b", "c"]],
    ["an idle node that is not ready is one of them", { a: busy(1), b: IDLE, c: UNREADY }, ["c", "b"]],
  ])("nothing that works is taken while %s", (_, nodes, remove) => {
    expect(shrunk({ ...standing(nodes), asked: 1 }, true)).toEqual({ to: 1, remove, kept: [], forced: null });
  });

  it("nothing that works is taken for nodes that never came", () => {
    const given = { ...standing({ a: busy(1), b: busy(2) }), desired: 4 };
    expect(shrunk({ ...given, asked: 2 }, true)).toEqual({ to: 2, remove: [], kept: [], forced: null });
    expect(shrunk({ ...given, asked: 1 }, true)).toMatchObject({ to: 1, remove: ["a"], kept: [] });
  });

  it("what leaves by itself still does, and no node at work goes in its stead", () => {
    const nodes = { a: busy(1), b: busy(2), c: UNREADY };
    expect(shrunk({ ...standing(nodes), desired: 2, asked: 1 }, true)).toEqual({
      to: 2,
      remove: [],
      kept: [stay(1, "OperationInProgress")],
      forced: null,
    });
  });

  it("a size for three zones keeps what never came, for force takes the nodes it names and no others", () => {
    const given = { ...standing({ a: busy(1), b: busy(2), c: busy(3) }), desired: 6, state: { step: 3 } };
    expect(shrunk({ ...given, asked: 2 }, true)).toEqual({
      to: 5,
      remove: ["a"],
      kept: [stay(3, "OperationInProgress")],
      forced: "1 of 4 nodes that should go is busy (a)",
    });
  });
});

describe("by force, where no node can be named", () => {
  it("the size falls, and it is said that nobody knows whether those that go work", () => {
    const signals = { busy: readingsAt({ a: 0, b: 1, c: 0 }) };
    expect(shrunk({ desired: 3, asked: 1, signals }, true)).toEqual({
      to: 1,
      remove: [],
      kept: [],
      forced: "2 of 2 nodes that should go may be busy, for none is known to be idle (b is busy)",
    });
  });

  it("nothing is said of force while every node is idle", () => {
    const signals = { busy: readingsAt({ a: 0, b: 0, c: 0 }) };
    expect(shrunk({ desired: 3, asked: 1, signals }, true)).toEqual({ to: 1, remove: [], kept: [], forced: null });
  });
});
