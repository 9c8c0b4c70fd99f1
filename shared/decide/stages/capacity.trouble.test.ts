import { describe, expect, it } from "vitest";
import { NOON } from "../../../test/support/fleet.ts";
import { onDemandPool, spotPool } from "../capacity/pools.fixture.ts";
import { failing, SPOT_FIRST, spreading, tried } from "./capacity.fixture.ts";

const NO_NODE = "the cloud had no such node to give";
const THREE_NEVER_CAME = { nodes: 3, ready: 0 };

describe("a pool that is left alone", () => {
  it("has its nodes asked of the next one", () => {
    const standing = { spot: { ...THREE_NEVER_CAME, health: failing("NoCapacity") }, od: { nodes: 0 } };
    expect(spreading({ want: 3, standing })).toEqual({
      pools: { spot: 0, od: 3 },
      reason: "FellBack",
      detail: `spot is left alone for 4m: ${NO_NODE}; spot 3 → 0, od 0 → 3`,
    });
  });

  it("gives up what never came, and nobody falls back while the next one has enough", () => {
    const standing = { spot: { ...THREE_NEVER_CAME, health: failing("NoCapacity") }, od: { nodes: 3 } };
    expect(spreading({ want: 3, standing })).toEqual({
      pools: { spot: 0, od: 3 },
      reason: "BackingOff",
      detail: `spot is left alone for 4m: ${NO_NODE}; spot 3 → 0`,
    });
  });

  it("is told although nothing changes", () => {
    const standing = { spot: { nodes: 0, health: failing("NoCapacity") }, od: { nodes: 3 } };
    expect(spreading({ want: 3, standing })).toEqual({
      pools: { spot: 0, od: 3 },
      reason: "BackingOff",
      detail: `spot is left alone for 4m: ${NO_NODE}; the pools stay as they are`,
    });
  });

  it("is told although a pool before it has taken what was wanted", () => {
    const standing = { spot: { nodes: 1 }, od: { nodes: 0, health: failing("NoCapacity") } };
    expect(spreading({ want: 2, standing })).toEqual({
      pools: { spot: 2, od: 0 },
      reason: "BackingOff",
      detail: `od is left alone for 4m: ${NO_NODE}; spot 1 → 2`,
    });
  });

  it.each([
    ["NoCapacity", 1, NO_NODE],
    ["NoCapacity", 2, `${NO_NODE} (2 times in a row)`],
    ["QuotaExceeded", 1, "the account's quota is used up"],
    ["QuotaExceeded", 5, "the account's quota is used up (5 times in a row)"],
    ["NoProgress", 1, "nothing came for too long"],
    ["NoProgress", 3, "nothing came for too long (3 times in a row)"],
  ] as const)("for %s, %i in a row: %s", (trouble, failures, why) => {
    const standing = { spot: { nodes: 0, health: failing(trouble, failures) }, od: { nodes: 3 } };
    expect(spreading({ want: 3, standing }).detail).toBe(
      `spot is left alone for 4m: ${why}; the pools stay as they are`,
    );
  });

  it.each([
    [1, "1s"],
    [0.2, "1s"],
    [90.5, "1m31s"],
    [1800, "30m"],
  ])("for %d more seconds is so for %s", (left, text) => {
    const health = { ...failing("NoCapacity"), backoffUntil: NOON + left };
    const { detail } = spreading({ want: 3, standing: { spot: { nodes: 0, health }, od: { nodes: 3 } } });
    expect(detail).toBe(`spot is left alone for ${text}: ${NO_NODE}; the pools stay as they are`);
  });
});

describe("a pool that has been left alone for long enough", () => {
  it.each([
    [1, ""],
    [2, " (2 times in a row)"],
  ])("is tried with one node after %i failures, while what replaces it stays", (failures, times) => {
    const standing = { spot: { nodes: 0, health: tried("NoCapacity", failures) }, od: { nodes: 3 } };
    expect(spreading({ want: 3, standing })).toEqual({
      pools: { spot: 1, od: 3 },
      reason: "BackingOff",
      detail: `spot is tried with one node: ${NO_NODE}${times}; spot 0 → 1`,
    });
  });
});

describe("nodes that no pool may be asked for", () => {
  it.each([
    ["NoCapacity", "NoCapacity", NO_NODE],
    ["QuotaExceeded", "QuotaExceeded", "the account's quota is used up"],
    ["NoProgress", "NoCapacity", "nothing came for too long"],
  ] as const)("after %s are told by the reason %s", (trouble, reason, why) => {
    const standing = { spot: { ...THREE_NEVER_CAME, health: failing(trouble) } };
    expect(spreading({ want: 3, pools: [spotPool("spot")], standing })).toEqual({
      pools: { spot: 0 },
      reason,
      detail: `no pool may be asked for 3 more; spot is left alone for 4m: ${why}`,
    });
  });

  it("are told with each pool's trouble, and by the first one's reason", () => {
    const standing = {
      spot: { nodes: 0, health: failing("NoCapacity", 2) },
      od: { nodes: 1, health: failing("QuotaExceeded") },
    };
    expect(spreading({ want: 3, standing })).toEqual({
      pools: { spot: 0, od: 1 },
      reason: "NoCapacity",
      detail: `no pool may be asked for 2 more; spot is left alone for 4m: ${NO_NODE} (2 times in a row); od is left alone for 4m: the account's quota is used up`,
    });
  });

  it("are told of pools in trouble alone, though others have no room either", () => {
    const pools = [spotPool("full"), ...SPOT_FIRST];
    const standing = {
      full: { nodes: 1, max: 1 },
      spot: { nodes: 0, health: tried("QuotaExceeded", 1) },
      od: { nodes: 1, health: failing("NoCapacity") },
    };
    // One stays on `full` and one on `od`, and `spot` is tried with one.
    expect(spreading({ want: 5, pools, standing })).toEqual({
      pools: { full: 1, spot: 1, od: 1 },
      reason: "QuotaExceeded",
      detail: `no pool may be asked for 2 more; spot is tried with one node: the account's quota is used up; od is left alone for 4m: ${NO_NODE}`,
    });
  });

  it("are told as well while all pools are full and none is in trouble", () => {
    const standing = { spot: { nodes: 1, max: 2 }, od: { nodes: 1, max: 1 } };
    expect(spreading({ want: 5, standing })).toEqual({
      pools: { spot: 2, od: 1 },
      reason: "NoCapacity",
      detail: "no pool has room for 2 more",
    });
  });

  it("are told before an interruption", () => {
    const standing = { od: { nodes: 2, noticed: 1, max: 2 } };
    expect(spreading({ want: 3, pools: [onDemandPool("od")], standing })).toMatchObject({
      reason: "NoCapacity",
      detail: "no pool has room for 2 more",
    });
  });
});
