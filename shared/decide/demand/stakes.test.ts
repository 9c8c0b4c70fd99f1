import { describe, expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import type { Learned } from "../../model/learned.ts";
import { EMPTY_MEMORY } from "../../model/memory.ts";
import { onDemandPool, spotPool } from "../capacity/pools.fixture.ts";
import { createContext } from "../context.ts";
import { bootVarianceOf, coldStartOf } from "./stakes.ts";

const POLICY = fleetOf({
  nodes: { min: 0, max: 20 },
  scaleUp: undefined,
  scaleDown: undefined,
  // 4 $ and 1 $ an hour.
  pools: [onDemandPool("dear", { pricePerHour: 4 }), spotPool("cheap")],
  objective: { arrivals: "queue", backlog: "queue", perNode: 4, maxWait: "60s" },
});

type Nodes = readonly [desired: number, noticed: number];
interface Seen {
  readonly dear?: Nodes;
  readonly cheap?: Nodes;
  /** The pools that are known to be shut, or to be open. */
  readonly shut?: Readonly<Record<string, boolean>>;
  readonly learned?: Partial<Learned>;
}

/**
 * A boot of 300 s that never deviates, against a wait of as long: 2.2 requests are late at 0.04 a second for each node, the
 * first and what follows in a minute. Each costs what serving one takes on the dearest pool: 1 / 36 $.
 */
const WEIGHED = { rate: 0.04, care: 1, maxWait: 300 };
const LATE = 2.2 / 36;
const BOOT = 300;
const HOUR = 3600;

function coldStart(
  { dear = [0, 0], cheap = [0, 0], shut = {}, learned = {} }: Seen,
  weighed: Partial<typeof WEIGHED> = {},
) {
  const poolWith = ([desired, noticed]: Nodes) => poolOf(desired, desired, { noticed });
  const pools = { dear: poolWith(dear), cheap: poolWith(cheap) };
  const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools, others: null };
  const { lesson, size } = createContext(POLICY, workloadIn(POLICY), observation, EMPTY_MEMORY, NOON);
  if (lesson === null) throw new Error("nothing was learned");
  const known = Object.entries(lesson.learned.pools).flatMap(([name, pool]) => {
    const is = shut[name];
    return is === undefined ? [] : [[name, { ...pool, shut: is }] as const];
  });
  const past = { ...lesson.learned, boot: BOOT, bootVariance: 0, pools: Object.fromEntries(known), ...learned };
  return coldStartOf(past, size.pools, { ...WEIGHED, ...weighed });
}

it.each([
  ["a third of a boot before any was seen", null, 80 ** 2],
  ["what was seen", 100, 100],
  ["nothing where none was seen to deviate", 0, 0],
])("a boot deviates by %s", (_, bootVariance, expected) => {
  expect(bootVarianceOf({ boot: 240, bootVariance })).toBeCloseTo(expected, 9);
});

describe("the price of keeping a node", () => {
  const open = { dear: false, cheap: false };
  it.each<[string, Seen, number]>([
    ["of the pool that holds one", { dear: [1, 0], shut: open }, 4],
    ["of the cheapest that holds one", { dear: [1, 0], cheap: [1, 0], shut: open }, 1],
    ["of no pool whose nodes are all under notice", { dear: [1, 0], cheap: [2, 2], shut: open }, 4],
    ["of a pool that keeps some", { dear: [1, 0], cheap: [2, 1], shut: open }, 1],
    ["of the cheapest that is open, where none is held", { shut: open }, 1],
    ["of one that is open, where the cheaper is shut", { shut: { dear: false, cheap: true } }, 4],
    ["of one that is open, where the cheaper is not known", { shut: { dear: false } }, 4],
    ["of the cheapest, where all are shut", { shut: { dear: true, cheap: true } }, 1],
    ["of the cheapest, where none is known", {}, 1],
  ])("is that %s", (_, seen, hourly) => {
    expect(coldStart(seen).stakes.keeping).toBeCloseTo(hourly / HOUR, 12);
  });
});

describe("the price of a start", () => {
  it("is what is late, where a boot is due either way", () => {
    expect(coldStart({ shut: { dear: false, cheap: true } }).stakes.starting).toBeCloseTo(LATE, 9);
    expect(coldStart({ dear: [1, 1] }).stakes.starting).toBeCloseTo(LATE, 9);
  });

  // Half an hour of the cheapest node.
  const CALLS = 1 / 2;
  it("is that, a boot of its own and the calls, where a node is held", () => {
    expect(coldStart({ dear: [1, 0] }).stakes.starting).toBeCloseTo((4 / HOUR) * BOOT + CALLS + LATE, 9);
    expect(coldStart({ cheap: [1, 0] }).stakes.starting).toBeCloseTo((1 / HOUR) * BOOT + CALLS + LATE, 9);
  });

  it("rises with thrift, where a node is held", () => {
    const thrifty = { learned: { thrift: 3 } };
    expect(coldStart({ dear: [1, 0], ...thrifty }).stakes.starting).toBeCloseTo(
      (4 / HOUR) * BOOT + 3 * CALLS + LATE,
      9,
    );
    expect(coldStart({ dear: [1, 1], ...thrifty }).stakes.starting).toBeCloseTo(LATE, 9);
  });

  it("rises with care, and is nothing where all may wait", () => {
    expect(coldStart({}, { care: 3 }).stakes.starting).toBeCloseTo(3 * LATE, 9);
    expect(coldStart({}, { maxWait: HOUR }).stakes.starting).toBeCloseTo(0, 9);
    expect(coldStart({}, { rate: 0.08 }).stakes.starting).toBeCloseTo(3.4 / 72, 9);
  });
});

describe("the nodes that are best asked for together", () => {
  // A boot of 240 s that deviates by 80 s: 1.11, 0.41, 0.19 or 0.11 are late with one to four, each at care / 36 $.
  const usual = { boot: 240, bootVariance: null };
  it.each([
    // Boots cost 1 / 15 $ each on the cheap pool, 4 / 15 $ on the dear one.
    ["one where a late request costs about a boot", 3, {}, 1],
    ["two where it costs four boots", 9, {}, 2],
    ["three where it costs eight", 18, {}, 3],
    ["four where it costs more", 60, {}, 4],
    ["fewer where boots are dear", 9, { dear: false }, 1],
  ])("are %s", (_, care, shut, nodes) => {
    expect(coldStart({ shut, learned: usual }, { care }).together).toBe(nodes);
  });

  it("are one where no boot deviates", () => {
    expect(coldStart({}, { care: 50 }).together).toBe(1);
  });
});

describe("a second node", () => {
  // Of thirty an hour that would be late, a boot of 375 s leaves (375 + 60 - 300) / 375 to be saved, each for 1 / 36 $.
  const boot = 375;
  const often = { line: 0, late: 180, watched: 5 * HOUR };
  const worth = (30 * (135 / 375)) / 36;
  const seen = { cheap: [1, 0] as const, learned: { boot, bursts: often } };
  const secondAt = (hourly: number, more: Partial<Seen> = {}, share = 1) =>
    coldStart({ ...seen, ...more }, { care: (share * hourly) / worth }).second;

  it("is worth keeping where it saves more than it costs", () => {
    expect(secondAt(1, {}, 1.01)).toBe(true);
    expect(secondAt(1, {}, 0.99)).toBe(false);
    expect(secondAt(4, { cheap: [0, 0], dear: [1, 0] }, 1.01)).toBe(true);
    expect(secondAt(4, { cheap: [0, 0], dear: [1, 0] }, 0.99)).toBe(false);
  });

  it("that is there stays while it saves half of that", () => {
    expect(secondAt(1, { cheap: [2, 0] }, 0.51)).toBe(true);
    expect(secondAt(1, { cheap: [2, 0] }, 0.49)).toBe(false);
    expect(secondAt(1, { cheap: [2, 1] }, 0.51)).toBe(false);
  });

  it("saves nothing where all may wait for another, or where there are no bursts", () => {
    expect(coldStart({ ...seen, learned: { boot: 240, bursts: often } }, { care: 50 }).second).toBe(false);
    expect(coldStart({ ...seen, learned: { boot, bursts: null } }, { care: 50 }).second).toBe(false);
  });

  it("is paid for as well while there is no work", () => {
    expect(coldStart(seen, { care: 50 }).stakes.keeping).toBeCloseTo(2 / HOUR, 12);
    expect(coldStart(seen, { care: 0.5 }).stakes.keeping).toBeCloseTo(1 / HOUR, 12);
  });
});
