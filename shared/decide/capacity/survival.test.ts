import { describe, expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import type { LearnedPool } from "../../model/learned.ts";
import { EMPTY_MEMORY } from "../../model/memory.ts";
import type { PoolState } from "../../model/pool.ts";
import { sizeOf } from "../size.ts";
import { spotPool } from "./pools.fixture.ts";
import { comingOf, hazardOf, lookAt } from "./survival.ts";

const HOUR = 3600;

/** A spot pool as it is seen after `last`, `after` seconds past noon. */
function seen(
  last: LearnedPool | undefined,
  after: number,
  desired: number,
  ready: number,
  more: Partial<PoolState> = {},
) {
  const workload = workloadIn(fleetOf({ pools: [spotPool("spot")] }));
  const observation = {
    workload: "llm",
    trigger: "tick" as const,
    signals: {},
    pools: { spot: poolOf(desired, ready, more) },
    others: null,
  };
  const [part] = sizeOf(workload, observation, EMPTY_MEMORY, NOON).pools;
  if (part === undefined) throw new Error("no pool");
  return lookAt(last, part, more.capacityError ?? null, NOON + after - 60, NOON + after);
}

describe("a spot pool's hazard", () => {
  it("falls as its nodes live on", () => {
    const pool = seen(undefined, 0, 2, 2);
    expect(hazardOf(pool, NOON + 3 * HOUR)).toBeLessThan(hazardOf(pool, NOON + HOUR));
    expect(hazardOf(pool, NOON + HOUR)).toBeLessThan(hazardOf(pool, NOON));
  });

  it("is higher where nodes were lost young than where they lived", () => {
    const lostAfter = (age: number) => {
      const notice = seen(seen(undefined, 0, 2, 2), age, 2, 2, { noticed: 2 });
      return hazardOf(notice, NOON + age);
    };
    expect(lostAfter(60)).toBeGreaterThan(lostAfter(10 * HOUR));
  });
});

describe("what a pool is known to do", () => {
  it("a notice shuts it and counts once", () => {
    const first = seen(seen(undefined, 0, 2, 2), 600, 2, 2, { noticed: 2 });
    expect(first).toMatchObject({ shut: true, losses: 1, upSince: null });
    expect(seen(first, 660, 2, 2, { noticed: 2 }).losses).toBe(1);
    expect(seen(first, 720, 2, 0).losses).toBe(1);
  });

  it("nodes that go without notice count as lost, and those we took do not", () => {
    const pool = seen(undefined, 0, 4, 4);
    expect(seen(pool, 60, 4, 2).losses).toBe(1);
    expect(seen(pool, 60, 2, 2).losses).toBe(0);
  });

  it("a refusal shuts it, and what it owes is not coming", () => {
    const asked = seen(seen(undefined, 0, 1, 1), 60, 3, 1, { nodes: [{ id: "a", ready: true, noticed: false }] });
    expect(comingOf(asked)).toBe(3);
    const refused = seen(asked, 120, 3, 1, { capacityError: NOON + 100 });
    expect(refused).toMatchObject({ shut: true, refusals: 1 });
    expect(comingOf(refused)).toBe(1);
    expect(seen(refused, 180, 3, 1, { capacityError: NOON + 100 }).refusals).toBe(1);
  });

  it("while it is shut, what it held when it refused more is known to be there, and no more", () => {
    const node = (id: string) => ({ id, ready: true, noticed: false });
    const full = seen(undefined, 0, 3, 2, { nodes: [node("a"), node("b")] });
    const refused = seen(full, 60, 3, 2, { capacityError: NOON + 50, nodes: [node("a"), node("b")] });
    expect(refused).toMatchObject({ shut: true, limit: 2 });
    const shrunk = seen(refused, 120, 1, 1, { capacityError: NOON + 50, nodes: [node("a")] });
    expect(shrunk).toMatchObject({ shut: true, limit: 2 });
    expect(comingOf(shrunk)).toBe(1);
    const regrown = seen(shrunk, 180, 2, 1, { capacityError: NOON + 50, nodes: [node("a")] });
    expect(comingOf(regrown)).toBe(2);
    expect(seen(regrown, 240, 2, 1, { capacityError: NOON + 210, nodes: [node("a")] })).toMatchObject({ limit: 1 });
    expect(seen(full, 60, 3, 2, { noticed: 2, nodes: [node("a"), node("b")] })).toMatchObject({ limit: 0 });
  });

  it("a probe that is granted opens it before the node is ready", () => {
    const refused = seen(seen(undefined, 0, 1, 0), 60, 1, 0, { capacityError: NOON + 50 });
    const probed = { ...refused, probing: true, triedAt: NOON + 400 };
    const granted = seen(probed, 460, 1, 0, { nodes: [{ id: "a", ready: false, noticed: false }] });
    expect(granted).toMatchObject({ shut: false, refusals: 0, upSince: NOON + 460 });
  });

  it("where nodes are not listed, a minute of silence is a yes", () => {
    const refused = seen(seen(undefined, 0, 1, 0), 60, 0, 0, { capacityError: NOON + 50 });
    const probed = { ...refused, probing: true, triedAt: NOON + 400 };
    expect(seen(probed, 460, 1, 0).shut).toBe(false);
    expect(seen(probed, 460, 1, 0, { capacityError: NOON + 430 }).shut).toBe(true);
  });

  it("orders are remembered until they are filled or withdrawn", () => {
    const asked = seen(seen(undefined, 0, 0, 0), 60, 3, 0);
    expect(asked.orders).toEqual([{ at: NOON, nodes: 3 }]);
    expect(seen(asked, 300, 3, 2).orders).toEqual([{ at: NOON, nodes: 1 }]);
    expect(seen(asked, 300, 1, 0).orders).toEqual([{ at: NOON, nodes: 1 }]);
  });
});
