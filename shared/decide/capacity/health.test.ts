import { describe, expect, it } from "vitest";
import { fleetOf, MINUTE, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import { EMPTY_MEMORY, type PoolHealth, type PoolMemory } from "../../model/memory.ts";
import type { PoolState } from "../../model/pool.ts";
import { healthOf, NEVER_FAILED, noteRefusal } from "./health.ts";

const workload = workloadIn(fleetOf());

function stateOf(desired: number, ready: number, more: Partial<PoolState> = {}): PoolState {
  const seen = poolOf(desired, ready, more);
  if (seen.kind === "unseen") throw new Error("poolOf gives pools that are seen");
  return seen.state;
}

const lastSeen = (desired: number, ready: number, health: Partial<PoolHealth> = {}): PoolMemory => ({
  at: NOON - MINUTE,
  desired,
  ready,
  health: { ...NEVER_FAILED, ...health },
});

const look = (state: PoolState, last?: PoolMemory, now = NOON) => healthOf(state, last, workload, now);
const noCapacity = { kind: "NoCapacity", message: "no such node" } as const;

describe("a pool that owes nothing", () => {
  it("is well, whatever its cloud reported before", () => {
    expect(look(stateOf(3, 3, { issues: [noCapacity] }))).toEqual(NEVER_FAILED);
  });

  it("has heard a refusal that it got over, and does not take it for news later", () => {
    const over = look(stateOf(3, 3, { capacityError: NOON - 30 }));
    expect(over).toMatchObject({ failures: 0, heard: NOON - 30 });
    const owing = look(stateOf(4, 3, { capacityError: NOON - 30 }), lastSeen(3, 3, over));
    expect(owing.failures).toBe(0);
  });

  it.each([
    { heard: null, told: null, latest: null },
    { heard: NOON - 10, told: null, latest: NOON - 10 },
    { heard: null, told: NOON - 30, latest: NOON - 30 },
    { heard: NOON - 40, told: NOON - 30, latest: NOON - 30 },
    { heard: NOON - 10, told: NOON - 30, latest: NOON - 10 },
  ])(
    "has heard $latest, where it had heard $heard and its cloud tells of $told: the later",
    ({ heard, told, latest }) => {
      expect(look(stateOf(3, 3, { capacityError: told }), lastSeen(3, 3, { heard })).heard).toBe(latest);
    },
  );
});

describe("a pool that owes nodes", () => {
  it("fails once for each refusal, and backs off for twice as long each time up to the most [F78]", () => {
    let health = NEVER_FAILED;
    const waits: number[] = [];
    for (let now = NOON, i = 0; i < 5; i += 1) {
      health = look(stateOf(2, 0, { capacityError: now }), lastSeen(2, 0, health), now);
      expect(health).toMatchObject({ failures: i + 1, failedAt: now, trouble: "NoCapacity" });
      waits.push((health.backoffUntil ?? 0) - now);
      now = health.backoffUntil ?? 0;
    }
    expect(waits).toEqual([300, 600, 1200, 1800, 1800]);
  });

  it("is not blamed for refusals while it is left alone", () => {
    const failed = look(stateOf(2, 0, { capacityError: NOON }));
    const again = look(stateOf(2, 0, { capacityError: NOON + 60 }), lastSeen(2, 0, failed), NOON + 61);
    expect(again).toMatchObject({ failures: 1, backoffUntil: NOON + 300 });
    const later = look(stateOf(2, 0, { capacityError: NOON + 60 }), lastSeen(2, 0, again), NOON + 300);
    expect(later.failures).toBe(1);
  });

  it("is left alone for half an hour at least when a quota is used up [F79]", () => {
    const issues = [noCapacity, { kind: "QuotaExceeded", message: "vcpus" } as const];
    const health = look(stateOf(2, 0, { capacityError: NOON, issues }));
    expect(health).toMatchObject({ trouble: "QuotaExceeded", backoffUntil: NOON + 1800 });
  });

  it("fails when its cloud reports no capacity for a minute, and not at once", () => {
    const state = stateOf(2, 1, { issues: [noCapacity] });
    expect(look(state, lastSeen(2, 1, { owingSince: NOON - 59 })).failures).toBe(0);
    expect(look(state, lastSeen(2, 1, { owingSince: NOON - 60 }))).toMatchObject({
      failures: 1,
      trouble: "NoCapacity",
    });
  });

  it("does not fail for a problem that says nothing of its capacity", () => {
    const issues = [{ kind: "Forbidden", message: "no such role" } as const];
    const before = lastSeen(2, 1, { owingSince: NOON - 60 });
    expect(look(stateOf(2, 1, { issues }), before).failures).toBe(0);
    expect(look(stateOf(2, 1, { issues: [...issues, noCapacity] }), before).trouble).toBe("NoCapacity");
  });

  it("does not fail for a problem that stands on after the machines have come", () => {
    const nodes = ["a", "b"].map((id) => ({ id, ready: id === "a", noticed: false }));
    const state = stateOf(2, 1, { issues: [noCapacity], nodes });
    expect(look(state, lastSeen(2, 1, { owingSince: NOON - 60 })).failures).toBe(0);
  });

  it("fails when nothing has come for fallbackAfter", () => {
    expect(look(stateOf(2, 1), lastSeen(2, 1, { owingSince: NOON - 479 })).failures).toBe(0);
    expect(look(stateOf(2, 1), lastSeen(2, 1, { owingSince: NOON - 480 }))).toMatchObject({
      failures: 1,
      trouble: "NoProgress",
    });
  });

  it("has until provisionTimeout once the machines are there and only boot", () => {
    const nodes = ["a", "b"].map((id) => ({ id, ready: id === "a", noticed: false }));
    const booting = stateOf(2, 1, { nodes });
    expect(look(booting, lastSeen(2, 1, { owingSince: NOON - 899 })).failures).toBe(0);
    expect(look(booting, lastSeen(2, 1, { owingSince: NOON - 900 })).failures).toBe(1);
  });

  it("starts its time anew with each node that comes, and with each size that is asked for", () => {
    const old = { owingSince: NOON - 470 };
    expect(look(stateOf(3, 2), lastSeen(3, 1, old)).owingSince).toBe(NOON);
    expect(look(stateOf(4, 1), lastSeen(3, 1, old)).owingSince).toBe(NOON);
    expect(look(stateOf(3, 1), lastSeen(3, 1, old)).owingSince).toBe(NOON - 470);
  });

  it("is forgiven by a node that comes, and remembers when it failed", () => {
    const failed = { failures: 3, failedAt: NOON - 60, backoffUntil: NOON + 900, trouble: "NoCapacity" } as const;
    expect(look(stateOf(2, 1), lastSeen(2, 0, failed))).toMatchObject({
      failures: 0,
      failedAt: NOON - 60,
      backoffUntil: null,
    });
  });
});

describe("a call that the cloud refused", () => {
  const memory = { ...EMPTY_MEMORY, pools: { llm: lastSeen(1, 1) } };

  it("for want of room is a failure of the pool", () => {
    const noted = noteRefusal(memory, workload, "llm", "QuotaExceeded", NOON);
    expect(noted.pools.llm?.health).toMatchObject({ failures: 1, backoffUntil: NOON + 1800 });
  });

  it.each(["Throttled", "Busy", "Forbidden"] as const)("as %s says nothing of its capacity", (kind) => {
    expect(noteRefusal(memory, workload, "llm", kind, NOON)).toBe(memory);
  });

  it("counts once in a backoff, and for no pool that was never seen", () => {
    const noted = noteRefusal(memory, workload, "llm", "NoCapacity", NOON);
    expect(noteRefusal(noted, workload, "llm", "NoCapacity", NOON + 60)).toBe(noted);
    expect(noteRefusal(EMPTY_MEMORY, workload, "llm", "NoCapacity", NOON)).toBe(EMPTY_MEMORY);
  });
});
