import { describe, expect, it } from "vitest";
import { NOON } from "../../../test/support/fleet.ts";
import type { Line } from "../../model/learned.ts";
import { canFollow, follow, isSparse, isStale } from "./line.ts";

const MAX_WAIT = 300;

/** Samples who waits and who came in the last minute, each so long after the other, and returns the line and who was late in all. */
function followed(samples: readonly (readonly [waiting: number, minute: number])[], every = 60, maxWait = MAX_WAIT) {
  let line: Line | null = null;
  let late = 0;
  samples.forEach(([waiting, minute], i) => {
    const made = follow(line, { at: NOON + i * every, elapsed: every, waiting, rate: minute / 60, maxWait });
    line = made.line;
    late += made.late;
  });
  return { line, late, now: NOON + (samples.length - 1) * every };
}

describe("a line that is followed", () => {
  it("has nobody late who left in time", () => {
    expect(
      followed([
        [1, 1],
        [2, 1],
        [2, 0],
        [1, 0],
        [0, 0],
      ]).late,
    ).toBe(0);
  });

  it("counts who waits too long, once, whether served or not", () => {
    const waits = Array.from({ length: 12 }, (_, i) => [2, i === 0 ? 2 : 0] as const);
    expect(followed(waits).late).toBe(2);
    expect(followed([...waits, [0, 0]]).late).toBe(2);
  });

  it("lets those leave first who came first", () => {
    const steady = Array.from({ length: 30 }, () => [3, 1] as const);
    expect(followed(steady).late).toBe(0);
    const slow = Array.from({ length: 30 }, () => [8, 1] as const);
    expect(followed(slow).late).toBeGreaterThan(15);
  });

  it("believes the line where it is longer than what was said to come", () => {
    expect(followed([[5, 0]]).line).toMatchObject({ entries: [{ nodes: 5 }] });
  });

  it("counts who came once, though each is in the rate of several samples", () => {
    // One came and waits for six minutes; for a minute four samples tell of it.
    const alone = Array.from({ length: 24 }, (_, i) => [1, i < 4 ? 1 : 0] as const);
    expect(followed(alone, 15).late).toBe(1);
    expect(followed(alone.slice(0, 18), 15).late).toBe(0);
  });

  it.each([
    ["in time", 60, 0],
    ["late", 40, 1],
  ])("tells by its samples whether a short wait was kept: %s", (_, maxWait, share) => {
    // 10 a second come in and wait for 50 seconds each.
    const steady = Array.from({ length: 40 }, () => [500, 600] as const);
    const { late } = followed([[0, 600], [150, 600], [300, 600], [450, 600], ...steady], 15, maxWait);
    expect(late / (40 * 150)).toBeCloseTo(share, 0);
  });

  it("stays bounded", () => {
    const many = Array.from({ length: 500 }, (_, i) => [i + 1, 1] as const);
    const { line, late } = followed(many);
    expect(JSON.stringify(line).length).toBeLessThan(2000);
    expect(late).toBeGreaterThan(480);
  });
});

it("a line is stale once the first has waited for half of the wait", () => {
  const young = followed([
    [1, 1],
    [1, 0],
  ]);
  expect(isStale(young.line, MAX_WAIT, young.now)).toBe(false);
  const old = followed(Array.from({ length: 5 }, (_, i) => [1, i === 0 ? 1 : 0] as const));
  expect(isStale(old.line, MAX_WAIT, old.now)).toBe(true);
  expect(isStale(null, MAX_WAIT, NOON)).toBe(false);
});

it("demand is sparse while one node would do, and the wait lasts for several looks", () => {
  const hour = { arrived: 100, watched: 3600 };
  expect(isSparse(hour, 0.04, 300)).toBe(true);
  expect(isSparse(hour, 0.04, 60)).toBe(false);
  expect(isSparse(hour, 0.02, 300)).toBe(false);
  expect(isSparse(hour, null, 300)).toBe(false);
  expect(isSparse({ arrived: 0, watched: 3600 }, null, 300)).toBe(false);
});

describe("a sample of a line", () => {
  const EMPTY: Line = { overdue: 0, entries: [], came: [] };
  /** Twenty seconds after the one before, at noon: its middle is ten seconds before noon. */
  const sample = { at: NOON, elapsed: 20, waiting: 0, rate: 0, maxWait: MAX_WAIT };
  const at = (after: number, nodes: number) => ({ at: NOON + after, nodes });

  it("takes who came in more than a minute by the rate, in the middle of it", () => {
    expect(follow(null, { ...sample, elapsed: 60, waiting: 2, rate: 0.05 })).toEqual({
      line: { overdue: 0, entries: [at(-30, 2)], came: [at(0, 3)] },
      late: 0,
      came: 3,
    });
  });

  it.each([
    ["less than a minute, without those of the minute that were seen to come", 59, [at(-59, 2)], 4],
    ["less than a minute, with those who came a minute ago", 59, [at(-60, 2)], 6],
    ["a minute", 60, [at(-30, 2)], 6],
    ["two minutes", 120, [at(-30, 2)], 12],
    ["less than a minute, when more were seen to come than did", 20, [at(-30, 7)], 0],
  ])("counts who came in %s", (_, elapsed, came, fresh) => {
    const { line } = follow({ ...EMPTY, came }, { ...sample, elapsed, rate: 0.1 });
    expect(line.came.at(-1)).toEqual(at(0, fresh));
  });

  it("keeps of who came the last minute", () => {
    const came = [at(-61, 1), at(-60, 2), at(-59, 3)];
    expect(follow({ ...EMPTY, came }, sample).line.came).toEqual([at(-59, 3), at(0, 0)]);
  });

  it("lets those leave first who came first", () => {
    const past = { overdue: 0, entries: [at(-100, 1), at(-50, 2)], came: [at(-40, 2)] };
    // Four came, so that seven stood there, and four of them left.
    expect(follow(past, { ...sample, rate: 0.1, waiting: 3 })).toEqual({
      line: { overdue: 0, entries: [at(-10, 3)], came: [at(-40, 2), at(0, 4)] },
      late: 0,
      came: 4,
    });
    expect(follow(past, { ...sample, rate: 0.1, waiting: 5 }).line.entries).toEqual([at(-50, 1), at(-10, 4)]);
    expect(follow(past, { ...sample, rate: 0.1, waiting: 7 }).line.entries).toEqual([
      at(-100, 1),
      at(-50, 2),
      at(-10, 4),
    ]);
  });

  it("believes that more came where more wait than stood there", () => {
    const past = { overdue: 1, entries: [at(-100, 1)], came: [] };
    expect(follow(past, { ...sample, waiting: 9 }).line).toEqual({
      overdue: 1,
      entries: [at(-100, 1), at(-10, 7)],
      came: [at(0, 7)],
    });
  });

  it("lets those leave first who are late, and counts them once", () => {
    const past = { overdue: 3, entries: [at(-100, 2)], came: [] };
    expect(follow(past, { ...sample, waiting: 3 })).toMatchObject({
      line: { overdue: 1, entries: [at(-100, 2)] },
      late: 0,
    });
    expect(follow(past, { ...sample, waiting: 1 })).toMatchObject({
      line: { overdue: 0, entries: [at(-100, 1)] },
      late: 0,
    });
    expect(follow(past, { ...sample, waiting: 0 })).toMatchObject({ line: { overdue: 0, entries: [] }, late: 0 });
  });

  it.each([
    ["who stays just as long as the wait is in time", -300, 4, 0, { overdue: 0, entries: [at(-300, 4)] }],
    ["who stays longer is late", -301, 4, 4, { overdue: 4, entries: [] }],
    ["who left after just the wait was in time", -310, 1, 1, { overdue: 1, entries: [] }],
    ["who left later than that was late", -311, 1, 4, { overdue: 1, entries: [] }],
    ["who left in time is not late, though those who stay are", -305, 3, 3, { overdue: 3, entries: [] }],
  ])("%s", (_, came, waiting, late, line) => {
    const past = { ...EMPTY, entries: [at(came, 4)] };
    expect(follow(past, { ...sample, waiting })).toMatchObject({ line, late });
  });

  it("adds who becomes late to those who are", () => {
    const past = { overdue: 2, entries: [at(-400, 3), at(-350, 1)], came: [] };
    expect(follow(past, { ...sample, waiting: 6 })).toMatchObject({ line: { overdue: 6, entries: [] }, late: 4 });
    expect(follow(past, { ...sample, waiting: 2 })).toMatchObject({ line: { overdue: 2, entries: [] }, late: 4 });
  });

  it.each([
    ["are one entry when closer than a 32nd of the wait", 319, [at(-19, 3)]],
    ["are two when not", 288, [at(-19, 1), at(-10, 2)]],
    ["are one when just closer than that", 289, [at(-19, 3)]],
  ])("who came close together %s", (_, maxWait, entries) => {
    const past = { ...EMPTY, entries: [at(-19, 1)] };
    expect(follow(past, { ...sample, waiting: 3, maxWait }).line.entries).toEqual(entries);
  });

  it("holds the last 16 who came", () => {
    const came = Array.from({ length: 20 }, (_, i) => at(-40 + i, 1));
    expect(follow({ ...EMPTY, came }, sample).line.came).toEqual([...came.slice(5), at(0, 0)]);
  });

  it("holds the newest 32 entries", () => {
    // As many as there can be, and one who comes at this very time.
    const entries = Array.from({ length: 32 }, (_, i) => at(-320 + i * 10, 1));
    const { line } = follow({ ...EMPTY, entries }, { ...sample, elapsed: 0, maxWait: 320, waiting: 33 });
    expect(line.entries).toEqual([...entries.slice(1), at(0, 1)]);
  });

  it("holds six digits", () => {
    const { line } = follow({ ...EMPTY, entries: [at(-100, 1 / 3)] }, { ...sample, waiting: 1 });
    expect(line).toEqual({ overdue: 0, entries: [at(-100, 0.333333), at(-10, 0.666667)], came: [at(0, 0.666667)] });
    expect(follow({ ...EMPTY, entries: [at(-400, 1 / 3)] }, { ...sample, waiting: 1 / 3 }).line.overdue).toBe(0.333333);
  });
});

it.each([
  ["nobody waits", { overdue: 0, entries: [] }, false],
  ["somebody is late", { overdue: 1, entries: [] }, true],
  ["the first has waited for just half of the wait", { overdue: 0, entries: [{ at: NOON - 150, nodes: 1 }] }, false],
  ["the first has waited longer", { overdue: 0, entries: [{ at: NOON - 151, nodes: 1 }] }, true],
])("whether a line is stale when %s", (_, line, stale) => {
  expect(isStale({ ...line, came: [] }, MAX_WAIT, NOON)).toBe(stale);
});

it("a line can be followed where the wait is longer than two minutes", () => {
  expect([119, 120, 121].map(canFollow)).toEqual([false, false, true]);
});

it("demand is sparse where just as much comes as one node serves", () => {
  expect(isSparse({ arrived: 90, watched: 3600 }, 0.025, 300)).toBe(true);
  expect(isSparse({ arrived: 91, watched: 3600 }, 0.025, 300)).toBe(false);
  expect(isSparse({ arrived: 0, watched: 0 }, 0.025, 121)).toBe(true);
  expect(isSparse({ arrived: 0, watched: 0 }, 0.025, 120)).toBe(false);
});
