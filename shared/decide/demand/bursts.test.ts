import { describe, expect, it } from "vitest";
import { addBurst, lateAlone } from "./bursts.ts";

const DAY = 86_400;
/** A node serves one job in 20 s, so fifteen within the five minutes that they may wait. */
const sample = { came: 0, elapsed: 60, rate: 0.05, maxWait: 300 };
const left = (seconds: number) => Math.exp(-seconds / DAY);

describe("the line that one node would have", () => {
  it.each([
    ["is what came and was not served yet", 4, 5, 6],
    ["is never less than none", 1, 0, 0],
    ["is never longer than what is served within the wait", 10, 20, 15],
  ])("%s", (_, line, came, expected) => {
    expect(addBurst({ line, late: 0, watched: 0 }, { ...sample, came }).line).toBeCloseTo(expected, 6);
  });

  it("begins with none", () => {
    expect(addBurst(null, { ...sample, came: 5 })).toEqual({ line: 2, late: 0, watched: 60 });
  });
});

describe("what would have been late", () => {
  it("is what does not fit in", () => {
    // Three are served, and two of the twenty are too many.
    expect(addBurst({ line: 0, late: 0, watched: 0 }, { ...sample, came: 20 }).late).toBeCloseTo(2, 6);
    expect(addBurst({ line: 0, late: 0, watched: 0 }, { ...sample, came: 18 }).late).toBe(0);
  });

  it("counts less as work goes on, and keeps its weight while there is none", () => {
    const past = { line: 0, late: 4, watched: DAY };
    expect(addBurst(past, { ...sample, came: 1 })).toEqual({
      line: 0,
      late: expect.closeTo(4 * left(60), 5),
      watched: expect.closeTo(DAY * left(60) + 60, 0),
    });
    expect(addBurst({ ...past, line: 5 }, sample).late).toBeCloseTo(4 * left(60), 5);
    expect(addBurst({ ...past, line: 2 }, sample)).toEqual({ ...past, line: 0 });
  });

  it.each([
    ["nothing before anything is known", null, 0],
    ["reckoned with an hour in which there was none", { line: 0, late: 6, watched: 2 * 3600 }, 2],
    ["next to nothing after a short time", { line: 0, late: 1, watched: 0 }, 1],
  ])("is %s", (_, bursts, expected) => {
    expect(lateAlone(bursts)).toBeCloseTo(expected, 9);
  });
});
