import { describe, expect, it } from "vitest";
import { settledAt } from "../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, workloadIn } from "../../test/support/fleet.ts";
import type { Assignment, WorkloadMemory } from "../model/memory.ts";
import { recordAccepted, recordChange } from "./history.ts";

const workload = workloadIn(fleetOf());
const EARLIER = NOON - 20 * MINUTE;

describe("a change of the size turns round", () => {
  const after = (change: readonly [from: number, to: number] | null): WorkloadMemory => ({
    ...settledAt(3),
    turns: [EARLIER],
    lastChange: change === null ? null : { at: EARLIER, from: change[0], to: change[1], settledAt: EARLIER },
  });

  it.each([
    ["that shrinks after growing", [1, 3], [3, 2], [EARLIER, NOON]],
    ["that grows after shrinking", [3, 1], [1, 2], [EARLIER, NOON]],
    ["but none that goes on growing", [1, 3], [3, 5], [EARLIER]],
    ["but none that goes on shrinking", [3, 1], [1, 0], [EARLIER]],
    ["but not the first", null, [3, 2], [EARLIER]],
    ["but none after one that changed nothing: growing", [3, 3], [3, 4], [EARLIER]],
    ["but none after one that changed nothing: shrinking", [3, 3], [3, 2], [EARLIER]],
    ["but none that changes nothing after growing", [1, 3], [3, 3], [EARLIER]],
    ["but none that changes nothing after shrinking", [3, 1], [1, 1], [EARLIER]],
  ] as const)("%s", (_, last, [from, to], turns) => {
    expect(recordChange(after(last), workload, from, to, NOON).turns).toEqual(turns);
  });
});

describe("the growths that are remembered", () => {
  const made = [30, 20, 10].map((ago) => ({ at: NOON - ago * MINUTE, causes: { queue: ago } }));
  const asked = (growths: typeof made): WorkloadMemory => ({
    ...settledAt(3),
    growth: { causes: { queue: 120 }, made: growths },
  });
  const now = { at: NOON, causes: { queue: 120 } };

  it.each([
    ["none before", [], [now]],
    ["two before", made.slice(1), [...made.slice(1), now]],
    ["three before, of which the oldest goes", made, [...made.slice(1), now]],
  ])("are the newest, oldest first: %s", (_, before, growths) => {
    const { growth } = recordChange(asked(before), workload, 3, 4, NOON);
    expect(growth).toEqual({ causes: { queue: 120 }, made: growths });
  });

  it("stay as they are when the size shrinks", () => {
    expect(recordChange(asked(made), workload, 4, 3, NOON).growth).toEqual({ causes: { queue: 120 }, made });
  });
});

describe("changes of the pools that the cloud has accepted", () => {
  const external = { at: EARLIER, from: 4, to: 3, pools: ["llm"] };
  const assigned = (after: Assignment["after"]): WorkloadMemory => ({
    ...settledAt(3),
    external,
    lastChange: { at: EARLIER, from: 2, to: 3, settledAt: EARLIER },
    assigned: { before: { size: 3, total: 3 }, after, pools: { llm: after.total } },
  });

  it("are no change of the size while they only replace nodes, and end what somebody else set", () => {
    const memory = assigned({ size: 3, total: 5 });
    expect(recordAccepted(memory, workload, { from: 3, to: 5 }, NOON)).toEqual({ ...memory, external: null });
    expect(recordAccepted(memory, workload, { from: 5, to: 3 }, NOON)).toEqual({ ...memory, external: null });
  });

  it.each([
    ["by as many, when nothing is replaced", { size: 5, total: 5 }, { from: 3, to: 5 }, { from: 3, to: 5 }],
    ["by fewer, when some only replace others", { size: 4, total: 6 }, { from: 3, to: 6 }, { from: 3, to: 4 }],
    ["as far as a part of them goes", { size: 6, total: 6 }, { from: 3, to: 4 }, { from: 3, to: 4 }],
    ["downwards, though the pools grow in sum", { size: 2, total: 4 }, { from: 3, to: 4 }, { from: 3, to: 2 }],
  ])("change the size %s", (_, after, totals, change) => {
    const memory = recordAccepted(assigned(after), workload, totals, NOON);
    expect(memory).toMatchObject({ external: null, lastChange: { at: NOON, ...change, settledAt: null } });
    const nodes = change.to - change.from;
    const event = [{ at: NOON, change: Math.abs(nodes) }];
    expect([memory.scaleUps, memory.scaleDowns]).toEqual(nodes > 0 ? [event, []] : [[], event]);
  });

  it("are changes of the size where nothing was ever assigned", () => {
    const { lastChange } = recordAccepted(settledAt(3), workload, { from: 3, to: 4 }, NOON);
    expect(lastChange).toEqual({ at: NOON, from: 3, to: 4, settledAt: null });
  });
});
