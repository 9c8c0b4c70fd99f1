import { describe, expect, it } from "vitest";
import { NOON } from "../../../test/support/fleet.ts";
import type { Line } from "../../model/learned.ts";
import { follow, isSparse, isStale } from "./line.ts";

const MAX_WAIT = 300;

/** Looks once a minute at who waits and who came, and returns the line and who was late in all. */
function followed(looks: readonly (readonly [waiting: number, arrived: number])[]) {
  let line: Line | null = null;
  let late = 0;
  looks.forEach(([waiting, arrived], i) => {
    const made = follow(line, { at: NOON + i * 60, elapsed: 60, waiting, arrived, maxWait: MAX_WAIT });
    line = made.line;
    late += made.late;
  });
  return { line, late, now: NOON + (looks.length - 1) * 60 };
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
