import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NOON, poolOf } from "../../test/support/fleet.ts";
import { formatMemory, parseMemory } from "../memory/stored.ts";
import { EMPTY_MEMORY, type Notice } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import type { PoolObservation } from "../model/pool.ts";
import { MAX_NOTICES } from "./limits.ts";
import { addNotices, overlayNotices } from "./notices.ts";

const until = NOON + 600;
const of = (...nodeIds: readonly string[]): readonly Notice[] => nodeIds.map((nodeId) => ({ nodeId, until }));
const node = (instance: string, ready = true) => ({ id: `aws:///eu-central-1a/${instance}`, ready, noticed: false });
const spot = (...nodes: readonly ReturnType<typeof node>[]) => poolOf(nodes.length, nodes.length, { nodes });
const seen = (pools: Readonly<Record<string, PoolObservation>>): Observation => ({
  workload: "llm",
  trigger: "interruption",
  signals: {},
  pools,
  others: null,
});
const UNSEEN: PoolObservation = { kind: "unseen", error: { kind: "Throttled", message: "too often" } };

describe("the notices that are remembered", () => {
  it("lose those that are over", () => {
    const known = [{ nodeId: "i-old", until: NOON }, ...of("i-1")];
    expect(addNotices(known, [], NOON)).toEqual(of("i-1"));
    expect(addNotices([], [{ nodeId: "i-old", until: NOON - 1 }], NOON)).toEqual([]);
  });

  it("hold a node once, until the later end, in whatever order it was heard", () => {
    const sooner = { nodeId: "i-1", until: until - 60 };
    for (const heard of [
      [sooner, ...of("i-1")],
      [...of("i-1"), sooner],
    ])
      expect(addNotices([], heard, NOON)).toEqual(of("i-1"));
  });

  it("are bounded, and the ones that end first give way", () => {
    const many = Array.from({ length: MAX_NOTICES + 5 }, (_, i) => ({ nodeId: `i-${i}`, until: until + i }));
    const kept = addNotices(many, [], NOON);
    expect(kept).toHaveLength(MAX_NOTICES);
    expect(kept[0]).toEqual(many[5]);
  });

  it("can be added twice, and in any parts, and come to the same", () => {
    const notice = fc.record({
      nodeId: fc.constantFrom("a", "b", "c", "d"),
      until: fc.integer({ min: -60, max: 600 }),
    });
    fc.assert(
      fc.property(fc.array(notice, { maxLength: 8 }), fc.array(notice, { maxLength: 8 }), (one, other) => {
        const inOrder = (notices: readonly Notice[]) => notices.toSorted((a, b) => a.nodeId.localeCompare(b.nodeId));
        const together = addNotices([], [...one, ...other], 0);
        expect(inOrder(addNotices(addNotices([], other, 0), one, 0))).toEqual(inOrder(together));
        expect(addNotices(together, [...one, ...other], 0)).toEqual(together);
      }),
    );
  });

  it("are stored and read again", () => {
    const memory = { ...EMPTY_MEMORY, notices: of("i-1", "i-2") };
    expect(parseMemory("llm", formatMemory("llm", memory))).toEqual(memory);
  });
});

describe("a look with notices", () => {
  const look = (pools: Readonly<Record<string, PoolObservation>>, notices: readonly Notice[], now = NOON) =>
    overlayNotices(seen(pools), notices, now);
  const stateOf = (pool: PoolObservation | undefined) => (pool?.kind === "seen" ? pool.state : null);

  it("sees the node under notice, and counts it among the ready ones", () => {
    const { observation, notices } = look({ spot: spot(node("i-1"), node("i-2"), node("i-3")) }, of("i-2"));
    expect(stateOf(observation.pools.spot)).toMatchObject({ desired: 3, ready: 3, noticed: 1 });
    expect(stateOf(observation.pools.spot)?.nodes?.map((n) => n.noticed)).toEqual([false, true, false]);
    expect(notices).toEqual(of("i-2"));
  });

  it("does not count a node as noticed that is not ready any more", () => {
    const { observation } = look({ spot: spot(node("i-1"), node("i-2", false)) }, of("i-2"));
    expect(stateOf(observation.pools.spot)).toMatchObject({ noticed: 0 });
    expect(stateOf(observation.pools.spot)?.nodes?.[1]).toMatchObject({ ready: false, noticed: true });
  });

  it("takes no node for another whose name ends alike", () => {
    const { observation } = look({ spot: spot(node("i-12")) }, of("2", "i-1"));
    expect(stateOf(observation.pools.spot)).toMatchObject({ noticed: 0 });
  });

  it("keeps what a cloud tells by itself", () => {
    const own = { ...node("i-1"), noticed: true };
    const { observation } = look({ spot: spot(own, node("i-2")), other: spot(node("i-3")) }, of("i-3"));
    expect(stateOf(observation.pools.spot)).toMatchObject({ noticed: 1 });
    expect(stateOf(observation.pools.other)).toMatchObject({ noticed: 1 });
  });

  it("forgets a notice of nobody's node, once every node was seen", () => {
    expect(look({ spot: spot(node("i-1")) }, of("i-1", "i-foreign")).notices).toEqual(of("i-1"));
    expect(look({ spot: spot() }, of("i-gone")).notices).toEqual([]);
  });

  it("keeps a notice while a pool was not seen, or its nodes are not known", () => {
    for (const pool of [UNSEEN, poolOf(2)]) {
      const { observation, notices } = look({ spot: spot(node("i-1")), unknown: pool }, of("i-elsewhere"));
      expect(notices).toEqual(of("i-elsewhere"));
      expect(observation.pools.unknown).toEqual(pool);
    }
  });

  it("counts a node as going no longer than the notice lasts", () => {
    const { observation, notices } = look({ spot: spot(node("i-1")) }, of("i-1"), until);
    expect(stateOf(observation.pools.spot)).toMatchObject({ noticed: 0 });
    expect(notices).toEqual([]);
  });
});
