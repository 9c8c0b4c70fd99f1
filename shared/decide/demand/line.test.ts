import { describe, expect, it } from "vitest";
import { NOON } from "../../../test/support/fleet.ts";
import type { Line } from "../../model/learned.ts";
import { follow, isSparse, isStale } from "./line.ts";

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
});
