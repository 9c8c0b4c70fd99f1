import { describe, expect, it } from "vitest";
import { busy, IDLE, NOTICED, type Standing, shrunk, standing, stay, UNREADY, UNREPORTED } from "./shrink.fixture.ts";
import type { Kept, Shrink } from "./shrink.ts";

type Nodes = Readonly<Record<string, Standing>>;

/** A pool of these nodes, which was asked for as many unless `desired` says otherwise, is to be asked for `asked`. */
interface Case {
  readonly nodes: Nodes;
  readonly desired?: number;
  readonly asked: number;
  readonly to: number;
  readonly remove: readonly string[];
  readonly kept?: readonly Kept[];
}

const given = ({ nodes, desired, asked }: Case) => ({
  ...standing(nodes),
  asked,
  ...(desired === undefined ? {} : { desired }),
});
const expected = ({ to, remove, kept = [] }: Case): Shrink => ({ to, remove, kept: [...kept], forced: null });

describe("only nodes that are known to be idle are named", () => {
  it.each<[string, Case]>([
    [
      "the idle one goes, the one that works does not",
      { nodes: { a: busy(1), b: IDLE }, asked: 1, to: 1, remove: ["b"] },
    ],
    ["no more are named than are to go", { nodes: { a: IDLE, b: IDLE, c: IDLE }, asked: 2, to: 2, remove: ["a"] }],
    [
      "one that works stays although it should go",
      { nodes: { a: busy(2), b: IDLE }, asked: 0, to: 1, remove: ["b"], kept: [stay(1, "BusyNodes")] },
    ],
    [
      "one that nobody reports stays as if it worked",
      { nodes: { a: UNREPORTED, b: IDLE }, asked: 0, to: 1, remove: ["b"], kept: [stay(1, "BusyNodes")] },
    ],
    [
      "of those at work only as many are waited for as should go",
      {
        nodes: { a: busy(3), b: busy(1), c: IDLE, d: busy(2) },
        asked: 2,
        to: 3,
        remove: ["c"],
        kept: [stay(1, "BusyNodes")],
      },
    ],
    [
      "nothing goes while all work",
      { nodes: { a: busy(1), b: busy(1) }, asked: 0, to: 2, remove: [], kept: [stay(2, "BusyNodes")] },
    ],
  ])("%s", (_, pool) => {
    expect(shrunk(given(pool))).toEqual(expected(pool));
  });
});

describe("idle nodes that are not ready go before ready ones, each in the order of their ids", () => {
  it.each<[string, Nodes, readonly string[]]>([
    ["listed in order", { a: IDLE, b: IDLE, c: IDLE }, ["a", "b"]],
    ["listed in reverse", { c: IDLE, b: IDLE, a: IDLE }, ["a", "b"]],
    ["listed in no order", { b: IDLE, c: IDLE, a: IDLE }, ["a", "b"]],
    ["with one that is not ready", { c: IDLE, a: IDLE, d: UNREADY, b: IDLE }, ["d", "a", "b"]],
    ["with two that are not ready", { d: UNREADY, b: IDLE, c: UNREADY, a: IDLE }, ["c", "d", "a"]],
  ])("%s", (_, nodes, remove) => {
    expect(shrunk({ ...standing(nodes), asked: 1 }).remove.slice(0, remove.length)).toEqual(remove);
  });
});

describe("nodes that never came go first, by the size alone, and spare those that are there", () => {
  const nodes = { a: IDLE, b: busy(1), c: busy(2) };

  it.each<[string, Case]>([
    ["one of two that never came", { nodes, desired: 5, asked: 4, to: 4, remove: [] }],
    ["both", { nodes, desired: 5, asked: 3, to: 3, remove: [] }],
    ["both, and then the idle one", { nodes, desired: 5, asked: 2, to: 2, remove: ["a"] }],
    [
      "both, the idle one, and those at work are waited for",
      { nodes, desired: 5, asked: 0, to: 2, remove: ["a"], kept: [stay(2, "BusyNodes")] },
    ],
    [
      "both, and no more idle ones than are still to go",
      { nodes: { a: IDLE, b: IDLE, c: IDLE }, desired: 5, asked: 2, to: 2, remove: ["a"] },
    ],
    ["all of a pool in which none came", { nodes: {}, desired: 3, asked: 1, to: 1, remove: [] }],
    [
      "a node that came and is not ready is none of them",
      {
        nodes: { a: busy(1), b: { reads: 1, ready: false } },
        asked: 1,
        to: 2,
        remove: [],
        kept: [stay(1, "BusyNodes")],
      },
    ],
  ])("%s", (_, pool) => {
    expect(shrunk(given(pool))).toEqual(expected(pool));
  });
});

describe("a node under notice is never named, and counts as one that was to go", () => {
  it.each<[string, Case]>([
    ["only once no idle node is left", { nodes: { a: NOTICED, b: IDLE }, asked: 1, to: 1, remove: ["b"] }],
    [
      "so that nothing is waited for in its stead",
      { nodes: { a: NOTICED, b: busy(1) }, asked: 1, to: 2, remove: [], kept: [stay(1, "Interrupted")] },
    ],
    [
      "but no more than were to go",
      { nodes: { a: NOTICED, b: NOTICED, c: busy(1) }, asked: 2, to: 3, remove: [], kept: [stay(1, "Interrupted")] },
    ],
    [
      "and those at work are waited for beside it",
      {
        nodes: { a: NOTICED, b: busy(1), c: busy(2) },
        asked: 1,
        to: 3,
        remove: [],
        kept: [stay(1, "BusyNodes"), stay(1, "Interrupted")],
      },
    ],
  ])("%s", (_, pool) => {
    expect(shrunk(given(pool))).toEqual(expected(pool));
  });

  it("even by force", () => {
    const pool = { nodes: { a: NOTICED, b: busy(1) }, asked: 0, to: 1, remove: ["b"], kept: [stay(1, "Interrupted")] };
    expect(shrunk(given(pool), true)).toEqual({ ...expected(pool), forced: "1 of 2 nodes that should go is busy (b)" });
    const notices = { nodes: { a: NOTICED, b: busy(1) }, asked: 1, to: 2, remove: [], kept: [stay(1, "Interrupted")] };
    expect(shrunk(given(notices), true)).toEqual(expected(notices));
  });
});

describe("while a pool lists more nodes than it was asked for, one that is not ready is left alone", () => {
  it.each<[string, Case]>([
    [
      "for it may be on its way out already",
      {
        nodes: { a: busy(1), b: busy(2), c: UNREADY },
        desired: 2,
        asked: 1,
        to: 2,
        remove: [],
        kept: [stay(1, "OperationInProgress")],
      },
    ],
    [
      "and a ready one that is idle goes",
      { nodes: { a: IDLE, b: busy(1), c: UNREADY }, desired: 2, asked: 1, to: 1, remove: ["a"] },
    ],
    [
      "and no more ready ones go than were to go",
      { nodes: { a: IDLE, b: IDLE, c: IDLE }, desired: 2, asked: 1, to: 1, remove: ["a"] },
    ],
    [
      "and is said to be interrupted where one of those that leave is under notice",
      {
        nodes: { a: UNREADY, b: NOTICED, c: busy(1) },
        desired: 2,
        asked: 0,
        to: 2,
        remove: [],
        kept: [stay(2, "Interrupted")],
      },
    ],
    [
      "but not while it lists as many as it was asked for",
      { nodes: { a: busy(1), b: busy(2), c: UNREADY }, desired: 3, asked: 2, to: 2, remove: ["c"] },
    ],
  ])("%s", (_, pool) => {
    expect(shrunk(given(pool))).toEqual(expected(pool));
  });
});

describe("a pool that has one size for three zones", () => {
  const working = { a: IDLE, b: IDLE, c: busy(1) };
  const atRest = { a: IDLE, b: IDLE, c: IDLE };

  it.each<[string, Case]>([
    [
      "keeps what never came while a node works, for another zone's would go instead",
      { nodes: working, desired: 6, asked: 3, to: 6, remove: [], kept: [stay(3, "OperationInProgress")] },
    ],
    [
      "keeps what never came while nobody knows of one node",
      {
        nodes: { ...atRest, c: UNREPORTED },
        desired: 6,
        asked: 3,
        to: 6,
        remove: [],
        kept: [stay(3, "OperationInProgress")],
      },
    ],
    [
      "gives up idle nodes by name all the same, and waits for the one at work",
      {
        nodes: working,
        desired: 6,
        asked: 0,
        to: 4,
        remove: ["a", "b"],
        kept: [stay(1, "BusyNodes"), stay(3, "OperationInProgress")],
      },
    ],
    ["gives up what never came when every node is idle", { nodes: atRest, desired: 6, asked: 3, to: 3, remove: [] }],
    ["has nothing to keep when every node came", { nodes: working, asked: 1, to: 1, remove: ["a", "b"] }],
    ["gives up all when no node ever came", { nodes: {}, desired: 3, asked: 0, to: 0, remove: [] }],
  ])("%s", (_, pool) => {
    expect(shrunk({ ...given(pool), state: { step: 3 } })).toEqual(expected(pool));
  });
});

describe("those that stay are named with what is known of them", () => {
  it.each<[string, Nodes, string]>([
    ["one at work", { a: busy(1) }, "1 of 1 nodes that should go is busy (a)"],
    ["the one with less to do first", { a: busy(2), b: busy(1) }, "2 of 2 nodes that should go are busy (b, a)"],
    [
      "one that nobody reports",
      { a: UNREPORTED },
      "1 of 1 nodes that should go is not known to be idle (a: no series for node a)",
    ],
    [
      "both kinds, the one that nobody reports last",
      { a: UNREPORTED, b: busy(5) },
      "2 of 2 nodes that should go are not known to be idle (b is busy, a: no series for node a)",
    ],
    [
      "three at most",
      { a: busy(1), b: busy(1), c: busy(1), d: busy(1) },
      "4 of 4 nodes that should go are busy (a, b, c and 1 more)",
    ],
  ])("%s", (_, nodes, detail) => {
    expect(shrunk({ ...standing(nodes), asked: 0 }).kept).toEqual([
      { nodes: Object.keys(nodes).length, reason: "BusyNodes", detail },
    ]);
  });

  it("among all that should go, those that never came included", () => {
    const { kept } = shrunk({ ...standing({ a: busy(1), b: IDLE }), desired: 4, asked: 0 });
    expect(kept.map(({ detail }) => detail)).toEqual(["1 of 4 nodes that should go is busy (a)"]);
  });
});
