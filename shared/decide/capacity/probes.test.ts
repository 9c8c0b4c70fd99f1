import { describe, expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import type { LearnedPool } from "../../model/learned.ts";
import { EMPTY_MEMORY } from "../../model/memory.ts";
import { sizeOf } from "../size.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";
import { budgetNow, probe } from "./probes.ts";
import { sizeWith, UNSEEN } from "./sizes.fixture.ts";
import { shutPool } from "./survival.fixture.ts";
import { lookAt } from "./survival.ts";

function fleetWith(onDemand: number, shut: Partial<LearnedPool>) {
  const workload = workloadIn(fleetOf({ pools: [spotPool("a"), onDemandPool("od")] }));
  const seen = { a: poolOf(0), od: poolOf(onDemand) };
  const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools: seen, others: null };
  const { pools: sizes } = sizeOf(workload, observation, EMPTY_MEMORY, NOON);
  const pools = Object.fromEntries(
    sizes.map((p) => {
      const pool = lookAt(undefined, p, null, NOON, NOON);
      return [p.pool.name, p.pool.name === "a" ? { ...pool, shut: true, ...shut } : pool];
    }),
  );
  return { sizes, pools };
}

const probingAfter = (seconds: number, shut: Partial<LearnedPool>, probes = 2): boolean | undefined => {
  const { sizes, pools } = fleetWith(2, { triedAt: NOON, refusals: 1, ...shut });
  return probe(sizes, { probes, pools }, NOON + seconds).pools.a?.probing;
};

it("a shut pool is tried once its time has come, and later the more often it refused", () => {
  expect(probingAfter(60, {})).toBe(false);
  expect(probingAfter(600, {})).toBe(true);
  expect(probingAfter(600, { refusals: 4 })).toBe(false);
  expect(probingAfter(3600, { refusals: 4 })).toBe(true);
});

it("nothing is tried beyond the budget", () => {
  expect(probingAfter(3600, {}, 0.9)).toBe(false);
});

it("a probe that is left open is taken back", () => {
  expect(probingAfter(30, { probing: true })).toBe(true);
  expect(probingAfter(100, { probing: true })).toBe(false);
});

describe("the budget", () => {
  const quiet = { refusals: 0, nodes: 1, elapsed: 3600, thrift: 1 };
  it.each([
    ["grows by one and a half an hour with a node", 0, {}, 1.5],
    ["grows with each node", 0, { nodes: 3 }, 4.5],
    ["grows without any node as with one", 0, { nodes: 0 }, 1.5],
    ["grows the less the more thrift there is", 0, { nodes: 3, thrift: 3 }, 1.5],
    ["grows to six", 2, { nodes: 100, elapsed: 36_000 }, 6],
    ["is spent on refusals, also from the most there is", 6, { refusals: 2 }, 4],
    ["may be overspent", 0, { refusals: 2, elapsed: 0 }, -2],
  ])("%s", (_, left, more, expected) => {
    expect(budgetNow(left, { ...quiet, ...more })).toBeCloseTo(expected, 9);
  });
});

describe("of several shut pools", () => {
  const NAMES = ["a", "b", "c", "d"] as const;
  interface Fleet {
    /** Since when each of a, b, c, d was tried: five minutes ago is due, exactly. Others are open, and have a node each. */
    readonly tried: Partial<Record<(typeof NAMES)[number], number>>;
    readonly onDemand?: number;
    readonly probes?: number;
    readonly pools?: Partial<Record<(typeof NAMES)[number], Partial<LearnedPool>>>;
    readonly unseen?: string;
    /** Nodes in each open pool. */
    readonly open?: number;
  }
  const probed = ({ tried, onDemand = 0, probes = 2, pools: more = {}, unseen = "", open = 1 }: Fleet) => {
    const spots = NAMES.map((name) =>
      sizeWith(spotPool(name), {
        desired: tried[name] === undefined ? open : 0,
        unseen: name === unseen ? UNSEEN : null,
      }),
    );
    const pools = Object.fromEntries(
      NAMES.map((name) => {
        const ago = tried[name];
        const shut = ago !== undefined;
        return [name, { ...shutPool(), shut, refusals: 1, triedAt: NOON - (ago ?? 0), ...more[name] }];
      }),
    );
    return probe([...spots, sizeWith(onDemandPool("od"), { desired: onDemand })], { probes, pools }, NOON);
  };
  const triedOf = (fleet: Fleet): string => {
    const { pools } = probed(fleet);
    return NAMES.filter((name) => pools[name]?.probing === true && pools[name]?.triedAt === NOON).join(" ");
  };
  const ALL = { a: 400, b: 600, c: 300, d: 500 };

  it.each<[string, Fleet, string]>([
    ["three are tried while on-demand bridges, those that waited longest", { tried: ALL, onDemand: 1 }, "a b d"],
    ["two are tried otherwise", { tried: ALL }, "b d"],
    ["two are tried beside one that is open", { tried: { b: 600, c: 300, d: 500 }, open: 2 }, "b d"],
    ["one is tried beside two that are open", { tried: { c: 1200, d: 1300 }, open: 2 }, "d"],
    ["none is tried beside as many that are open as there are nodes", { tried: { c: 1300, d: 1300 } }, ""],
    ["none is tried beside two so soon", { tried: { c: 1199, d: 1199 }, open: 2 }, ""],
    ["none is tried before five minutes", { tried: { a: 299, b: 299, c: 299, d: 299 } }, ""],
    ["none is tried that cannot be seen", { tried: ALL, unseen: "b" }, "a d"],
    ["none is tried that is being tried", { tried: ALL, pools: { b: { probing: true, triedAt: NOON - 60 } } }, "a d"],
    ["one is tried with what is left for it", { tried: ALL, probes: 1 }, "b"],
  ])("%s", (_, fleet, tried) => {
    expect(triedOf(fleet)).toBe(tried);
  });

  it("each costs half of a refusal", () => {
    expect(probed({ tried: ALL, onDemand: 1 }).probes).toBe(0.5);
  });

  it("a probe is taken back after a minute and a half", () => {
    const probing = (ago: number) =>
      probed({ tried: { a: ago }, pools: { a: { probing: true } }, open: 0 }).pools.a?.probing;
    expect(probing(89)).toBe(true);
    expect(probing(90)).toBe(false);
  });
});
