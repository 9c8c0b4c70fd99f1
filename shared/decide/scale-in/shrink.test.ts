import { describe, expect, it } from "vitest";
import { fleetOf, NOON, steady, unknown, workloadIn } from "../../../test/support/fleet.ts";
import { busyFleet, contextOf, type Given, readingsAt } from "../../../test/support/shrinking.ts";
import type { PoolObservation } from "../../model/pool.ts";
import { busy, IDLE, shrinkIn, shrunk, standing, stay } from "./shrink.fixture.ts";
import { type Kept, mayGoAnyhow, type Shrink } from "./shrink.ts";

const OBJECTIVE = { arrivals: "util", backlog: "queue", maxWait: "60s" };
/** The cloud's own autoscaler sizes it; vramp sets its bounds. */
const BOUNDED = workloadIn(fleetOf()).pools.map((pool) => ({ ...pool, control: "bounds" as const }));
const AT_REST = readingsAt({ a: 0, b: 0, c: 0 });
const ONE_WORKS = readingsAt({ a: 0, b: 1, c: 0 });

/** A plain size, and what stays. */
const bySize = (to: number, ...kept: readonly Kept[]): Shrink => ({ to, remove: [], kept, forced: null });

describe("any node may go, without a question to anybody,", () => {
  it.each([
    { interruptible: false, objective: false, signal: false, may: false },
    { interruptible: false, objective: false, signal: true, may: false },
    { interruptible: false, objective: true, signal: false, may: true },
    { interruptible: false, objective: true, signal: true, may: false },
    { interruptible: true, objective: false, signal: false, may: true },
    { interruptible: true, objective: false, signal: true, may: true },
    { interruptible: true, objective: true, signal: false, may: true },
    { interruptible: true, objective: true, signal: true, may: true },
  ])("where interruptible is $interruptible, an objective $objective, a busy signal $signal: $may", (row) => {
    const scaleIn = { interruptible: row.interruptible, ...(row.signal ? { busy: "busy" } : {}) };
    const policy = busyFleet({ scaleIn, ...(row.objective ? { objective: OBJECTIVE } : {}) });
    expect(mayGoAnyhow(workloadIn(policy))).toBe(row.may);
  });

  it("and then the size is what was asked for, and no node is named or waited for", () => {
    const policy = busyFleet({ scaleIn: { busy: "busy", interruptible: true } });
    const working = standing({ a: busy(1), b: IDLE, c: busy(3) });
    expect(shrunk({ ...working, policy, asked: 1 })).toEqual(bySize(1));
    expect(shrunk({ ...working, policy, asked: 1 }, true)).toEqual(bySize(1));
  });
});

describe("where the cloud lists no node, nothing that came goes while one may work", () => {
  it.each<[string, Given, Shrink]>([
    ["a size is enough when every node is idle", { desired: 3, asked: 1, signals: { busy: AT_REST } }, bySize(1)],
    [
      "all stay while one works",
      { desired: 3, asked: 1, signals: { busy: ONE_WORKS } },
      bySize(3, stay(2, "BusyNodes")),
    ],
    [
      "all stay while nobody can be asked",
      { desired: 3, asked: 1, signals: { busy: unknown } },
      bySize(3, stay(2, "BusyNodes")),
    ],
    [
      "those that never came go whatever the others do",
      { desired: 5, asked: 3, state: { ready: 3 }, signals: { busy: ONE_WORKS } },
      bySize(3),
    ],
    [
      "of those that never came only as many go as should",
      { desired: 5, asked: 4, state: { ready: 3 }, signals: { busy: ONE_WORKS } },
      bySize(4),
    ],
    [
      "those that never came go, and the others are waited for",
      { desired: 5, asked: 2, state: { ready: 3 }, signals: { busy: ONE_WORKS } },
      bySize(3, stay(1, "BusyNodes")),
    ],
    [
      "no more is asked for, even where more are ready than were asked for",
      { desired: 3, asked: 2, state: { ready: 4 }, signals: { busy: ONE_WORKS } },
      bySize(3, stay(1, "BusyNodes")),
    ],
  ])("%s", (_, given, expected) => {
    expect(shrunk(given)).toEqual(expected);
  });

  it("and it is said which node works, among how many that should go", () => {
    const { kept } = shrunk({ desired: 5, asked: 2, state: { ready: 3 }, signals: { busy: ONE_WORKS } });
    expect(kept.map(({ detail }) => detail)).toEqual([
      "1 of 3 nodes that should go may be busy, for none is known to be idle (b is busy)",
    ]);
  });
});

describe("where the cloud's own autoscaler keeps a size for three zones, the bound", () => {
  const policy = busyFleet({ pools: BOUNDED });

  it.each<[string, Given, Shrink]>([
    [
      "keeps what never came in one zone while a node of another works",
      { ...standing({ a: IDLE, b: busy(1), c: IDLE }), desired: 6, asked: 3 },
      bySize(6, stay(3, "BusyNodes")),
    ],
    [
      "gives up what never came when every node is idle",
      { ...standing({ a: IDLE, b: IDLE, c: IDLE }), desired: 6, asked: 3 },
      bySize(3),
    ],
    [
      "gives up all where none ever came, for none can work",
      { nodes: [], signals: { busy: unknown }, desired: 6, asked: 0 },
      bySize(0),
    ],
  ])("%s", (_, given, expected) => {
    expect(shrunk({ ...given, policy, state: { step: 3 } })).toEqual(expected);
  });
});

describe("no node is named", () => {
  const nodes = { a: IDLE, b: busy(1), c: IDLE };

  it("where the cloud's own autoscaler keeps the size: all stay while one works", () => {
    const policy = busyFleet({ pools: BOUNDED });
    expect(shrunk({ ...standing(nodes), policy, asked: 1 })).toEqual(bySize(3, stay(2, "BusyNodes")));
    expect(shrunk({ ...standing({ ...nodes, b: IDLE }), policy, asked: 1 })).toEqual(bySize(1));
  });

  it("where no signal says which node works: all stay until demand is zero", () => {
    const given = { ...standing(nodes), policy: busyFleet({ scaleIn: {} }), asked: 1 };
    const asked = (queue: number) => shrunk({ ...given, signals: { queue: steady(queue, NOON) } });
    expect(asked(0)).toEqual(bySize(1));
    expect(asked(4)).toEqual({
      to: 3,
      remove: [],
      kept: [
        {
          nodes: 2,
          reason: "BusyNodes",
          detail: "2 of 2 nodes that should go may be busy, for none is known to be idle (queue is 4)",
        },
      ],
      forced: null,
    });
  });

  it("and one that is listed has come, ready or not, so it does not go with those that never came", () => {
    const unready = { ...nodes, a: { ...IDLE, ready: false } };
    const given = { ...standing(unready), policy: busyFleet({ scaleIn: {} }), desired: 4, asked: 1 };
    const signals = { queue: steady(4, NOON) };
    expect(shrunk({ ...given, signals })).toEqual(bySize(3, stay(2, "BusyNodes")));
  });

  it.each<[string, Readonly<Record<string, PoolObservation>>]>([
    ["cannot be seen", { llm: { kind: "unseen", error: { kind: "Unavailable", message: "no answer" } } }],
    ["was not looked at", {}],
  ])("of a pool that %s, and it stays while a node may work", (_, pools) => {
    const context = contextOf({ ...standing(nodes), asked: 1 });
    const blind = { ...context, observation: { ...context.observation, pools } };
    expect(shrinkIn(blind, 1)).toEqual(bySize(3, stay(2, "BusyNodes")));
  });
});
