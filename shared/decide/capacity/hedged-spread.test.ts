import { describe, expect, it } from "vitest";
import { NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import type { LearnedPool } from "../../model/learned.ts";
import { EMPTY_MEMORY } from "../../model/memory.ts";
import type { PoolObservation, PoolState } from "../../model/pool.ts";
import { type Context, createContext } from "../context.ts";
import { POOL, policyWith } from "../demand/learn.fixture.ts";
import { NEVER_FAILED } from "./health.ts";
import { careAt } from "./hedged.fixture.ts";
import { hedgedSpread, lastingText } from "./hedged-spread.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";
import { type PoolInput, sizeWith, UNSEEN } from "./sizes.fixture.ts";

/** How a pool stands, and what was learned of it: nothing when null. As its cloud says, unless it was last seen so. */
interface Standing {
  readonly input: PoolInput;
  readonly desired?: number;
  readonly state?: Partial<PoolState>;
  readonly learned?: Partial<LearnedPool> | null;
  readonly unseen?: boolean;
}

/** One request a second and node; a loss leaves a gap of 800 s. `arriving` requests a second come in. */
function contextOf(pools: readonly Standing[], { arriving = 0, care = 0 } = {}): Context {
  const policy = policyWith({ perNode: 1, maxWait: "0s" });
  const workload = { ...workloadIn(policy), pools: pools.map(({ input }) => sizeWith(input).pool) };
  const seen = pools.map(({ input, desired = 0, state = {}, unseen = false }): [string, PoolObservation] => [
    input.name,
    unseen ? { kind: "unseen", error: UNSEEN } : poolOf(desired, desired, state),
  ]);
  const remembered = pools.map(({ input, desired = 0 }) => {
    const asSeen = { at: NOON - 60, desired, ready: desired, health: NEVER_FAILED };
    return [input.name, asSeen] as const;
  });
  const memory = { ...EMPTY_MEMORY, pools: Object.fromEntries(remembered) };
  const observation = {
    workload: "llm",
    trigger: "tick" as const,
    signals: {},
    pools: Object.fromEntries(seen),
    others: null,
  };
  const context = createContext(policy, workload, observation, memory, NOON);
  if (context.lesson === null) throw new Error("nothing was learned of a workload with an objective");
  const { lesson } = context;
  const learned = pools.flatMap(({ input, desired = 0, state = {}, learned: more = {} }) => {
    const noticed = state.noticed ?? 0;
    const known = { ...POOL, desired, ready: desired, noticed, given: desired - noticed, upSince: null };
    return more === null ? [] : [[input.name, { ...known, ...more }] as const];
  });
  return {
    ...context,
    lesson: {
      ...lesson,
      rate: 1,
      care,
      forecast: { ...lesson.forecast, level: arriving },
      learned: { ...lesson.learned, boot: 840, pools: Object.fromEntries(learned) },
    },
  };
}

const a = (more: Omit<Standing, "input"> = {}): Standing => ({ input: spotPool("a"), ...more });
const od = (more: Omit<Standing, "input"> = {}): Standing => ({ input: onDemandPool("od"), ...more });

describe("a workload is spread by what was learned", () => {
  const context = contextOf([a(), od()]);

  it("and by the policy's order where nothing was", () => {
    expect(hedgedSpread({ ...context, lesson: null }, 2, true)).toBeNull();
  });

  it("and by the policy's order where it is not known what a node serves", () => {
    const lesson = context.lesson === null ? null : { ...context.lesson, rate: null };
    expect(hedgedSpread({ ...context, lesson }, 2, true)).toBeNull();
  });

  it("and by the policy's order where it has no objective", () => {
    const { objective: _, ...workload } = context.workload;
    expect(hedgedSpread({ ...context, workload }, 2, true)).toBeNull();
  });
});

describe("the wanted nodes go", () => {
  const SHUT = { shut: true, limit: 2 };
  it.each<[string, readonly Standing[], number, Record<string, number>]>([
    ["where they are cheapest", [a(), od()], 3, { a: 3, od: 0 }],
    [
      "elsewhere where nothing is known of a pool, which keeps what it has",
      [a({ desired: 1, learned: null }), od()],
      3,
      { a: 1, od: 2 },
    ],
    [
      "elsewhere where a pool cannot be seen, which keeps what it has",
      [a({ desired: 1, unseen: true }), od()],
      3,
      { a: 1, od: 2 },
    ],
    ["to a pool as far as its cloud accepts", [a({ state: { max: 2 } }), od()], 3, { a: 2, od: 1 }],
    [
      "to a pool as far as its cloud accepts beside those under notice",
      [a({ desired: 1, state: { max: 3, noticed: 1 } }), od()],
      3,
      { a: 2, od: 1 },
    ],
    [
      "to a pool that is shut as far as it is known to have room",
      [a({ desired: 1, learned: SHUT }), od()],
      4,
      { a: 2, od: 2 },
    ],
    [
      "to a pool that is shut as far as its cloud accepts",
      [a({ learned: { ...SHUT, limit: 5 }, state: { max: 2 } }), od()],
      4,
      { a: 2, od: 2 },
    ],
    ["beyond nodes.max where they are wanted", [a(), od()], 8, { a: 8, od: 0 }],
  ])("%s", (_where, pools, want, ideal) => {
    expect(hedgedSpread(contextOf(pools), want, true)).toMatchObject({ ideal, unplaced: 0 });
  });

  it("nowhere where no pool may take them, and it is said how many", () => {
    const none = contextOf([a({ state: { max: 2 } }), od({ state: { max: 1 } })]);
    expect(hedgedSpread(none, 5, true)).toMatchObject({ ideal: { a: 2, od: 1 }, next: { a: 2, od: 1 }, unplaced: 2 });
  });

  it("make before break, within nodes.max", () => {
    const moving = hedgedSpread(contextOf([a(), od({ desired: 3 })]), 3, true);
    expect(moving).toMatchObject({ ideal: { a: 3, od: 0 }, next: { a: 3, od: 3 } });
    const still = hedgedSpread(contextOf([a(), od({ desired: 3 })]), 3, false);
    expect(still).toMatchObject({ ideal: { a: 0, od: 3 }, next: { a: 0, od: 3 } });
  });
});

describe("a spare node stands by", () => {
  // A spot pool that nothing is known to have happened to is reckoned to be lost four times an hour, which costs 4 dollars
  // while one node alone serves all there is. A node on each of two pools costs a dollar more, and then nothing is late.
  const b = (more: Omit<Standing, "input"> = {}): Standing => ({ input: spotPool("b"), ...more });

  it.each<[string, readonly Standing[], Record<string, number>]>([
    ["for a spot node", [a({ desired: 1 }), b()], { a: 1, b: 1 }],
    ["for no on-demand node", [od({ desired: 1 }), { input: onDemandPool("more") }], { od: 1, more: 0 }],
    ["for no node that cannot be seen", [a({ desired: 1, unseen: true }), b()], { a: 1, b: 0 }],
  ])("%s", (_what, pools, ideal) => {
    const context = contextOf(pools, {
      arriving: 1,
      care: careAt(pools.some(({ input }) => input.name === "od") ? 3 : 1),
    });
    expect(hedgedSpread(context, 1, true)).toMatchObject({ ideal, unplaced: 0 });
  });
});

describe("nodes of which the first that is ready stays", () => {
  const need = { nodes: 3, spare: 0, rushed: false, inCase: true, second: false };
  const ideal = (pools: readonly Standing[], want: number, inCase: boolean) => {
    const context = contextOf(pools);
    const lesson = context.lesson === null ? null : { ...context.lesson, need: { ...need, inCase } };
    return hedgedSpread({ ...context, lesson }, want, true)?.ideal;
  };

  it("are asked of no spot pool alone, for it may have none", () => {
    expect(ideal([a(), od()], 4, false)).toEqual({ a: 4, od: 0 });
    expect(ideal([a(), od()], 4, true)).toEqual({ a: 2, od: 2 });
    expect(ideal([a(), od()], 3, true)).toEqual({ a: 2, od: 1 });
    expect(ideal([a(), { input: spotPool("b") }, od()], 4, true)).toEqual({ a: 2, b: 2, od: 0 });
  });

  it("stay where they were given", () => {
    expect(ideal([a({ desired: 4 }), od()], 4, true)).toEqual({ a: 4, od: 0 });
    // Once it gave one, it is likely to give the others too.
    expect(ideal([a({ desired: 1 }), od()], 4, true)).toEqual({ a: 4, od: 0 });
  });

  it("are asked of a shut pool as far as it is known to have room", () => {
    expect(ideal([a({ learned: { shut: true, limit: 1 } }), od()], 4, true)).toEqual({ a: 1, od: 3 });
  });
});

describe("a shut pool that is probed", () => {
  const CLOSED = { shut: true, limit: 0, probing: true };
  it.each<[string, Omit<Standing, "input">, number, Record<string, number>]>([
    ["is asked for a node that nobody counts on", { learned: CLOSED }, 2, { a: 1, od: 2 }],
    ["is asked for a node beyond what it has", { desired: 2, learned: CLOSED }, 3, { a: 3, od: 1 }],
    ["is asked for a step", { state: { step: 2 }, learned: CLOSED }, 2, { a: 2, od: 2 }],
    ["is asked for no more where it is to have that anyway", { learned: { ...CLOSED, limit: 2 } }, 2, { a: 2, od: 0 }],
    ["is asked for the last node that its cloud accepts", { state: { max: 1 }, learned: CLOSED }, 2, { a: 1, od: 2 }],
    ["is asked for none beyond that", { desired: 2, state: { max: 2 }, learned: CLOSED }, 3, { a: 2, od: 1 }],
    [
      "is asked for none beyond that beside those under notice",
      { desired: 3, state: { max: 3, noticed: 1 }, learned: CLOSED },
      3,
      { a: 2, od: 1 },
    ],
    ["is asked for none where no node is wanted", { learned: CLOSED }, 0, { a: 0, od: 0 }],
    ["is asked for none before its time", { learned: { ...CLOSED, probing: false } }, 2, { a: 0, od: 2 }],
  ])("%s", (_what, standing, want, ideal) => {
    expect(hedgedSpread(contextOf([a(standing), od()]), want, true)).toMatchObject({ ideal, unplaced: 0 });
  });

  it("is asked at once, and counts for nothing until it has answered", () => {
    const noneElse = contextOf([a({ learned: CLOSED }), od({ state: { max: 1 } })]);
    expect(hedgedSpread(noneElse, 2, true)).toMatchObject({ next: { a: 1, od: 1 }, unplaced: 1 });
  });
});

describe("the pools", () => {
  it("come in the order in which they are filled, and stand as they can be seen", () => {
    const zones = [spotPool("z1", { zone: "z1", pricePerHour: 2 }), spotPool("z2", { zone: "z2", pricePerHour: 1 })];
    const [dear, cheap] = zones.map((input) => ({ input }));
    if (dear === undefined || cheap === undefined) throw new Error("two zones were named");
    const spread = hedgedSpread(contextOf([dear, { ...cheap, unseen: true }, od()]), 1, true);
    expect(spread?.order.map(({ size, standing }) => [size.pool.name, standing])).toEqual([
      ["z2", "unseen"],
      ["z1", "free"],
      ["od", "free"],
    ]);
  });
});

describe("how long spot pools are likely to last", () => {
  const b = (more: Omit<Standing, "input"> = {}): Standing => ({ input: spotPool("b"), ...more });
  // Four losses an hour at first, one more for each; (1 + ln 2) / 2 hours, 50 minutes and 48 seconds, after 15 minutes.
  it.each<[string, readonly Standing[], string]>([
    ["four times an hour at first", [a({ desired: 1 })], "; a is likely to last 15m"],
    [
      "longer once they have lasted",
      [a({ desired: 1, learned: { upSince: NOON - 900 } })],
      "; a is likely to last 51m",
    ],
    [
      "each that holds nodes",
      [a({ desired: 1 }), b({ desired: 2, learned: { losses: 2 } })],
      "; a is likely to last 15m, b is likely to last 5m",
    ],
    ["not where a pool holds none", [a(), b({ desired: 1 })], "; b is likely to last 15m"],
    [
      "not where nothing is known of it",
      [a({ desired: 1, learned: null }), b({ desired: 1 })],
      "; b is likely to last 15m",
    ],
    ["not on-demand", [od({ desired: 2 })], ""],
  ])("is said: %s", (_what, pools, text) => {
    expect(lastingText(contextOf(pools))).toBe(text);
  });

  it("is not said where nothing is learned", () => {
    expect(lastingText({ ...contextOf([a({ desired: 1 })]), lesson: null })).toBe("");
  });
});
