import { describe, expect, test } from "vitest";
import { DEMAND_SHAPES, generateDemand } from "./generated-demand.ts";
import { generateSpot } from "./generated-spot.ts";
import { PLENTY } from "./spot.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const MONDAY = Date.UTC(2026, 0, 5) / 1000;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Lengths of a zone's spells, in hours. */
function spellsOf(up: readonly boolean[], interval: number) {
  const spells: { readonly up: boolean; readonly hours: number }[] = [];
  let from = 0;
  for (let i = 1; i <= up.length; i += 1) {
    if (i < up.length && up[i] === up[from]) continue;
    spells.push({ up: up[from] === true, hours: ((i - from) * interval) / HOUR });
    from = i;
  }
  const hours = (of: boolean) => spells.filter((spell) => spell.up === of).map((spell) => spell.hours);
  return { up: hours(true), down: hours(false) };
}

function correlation(a: readonly boolean[], b: readonly boolean[]): number {
  const [x, y] = [a.map(Number), b.map(Number)];
  const [mx, my] = [mean(x), mean(y)];
  const covariance = mean(x.map((value, i) => (value - mx) * ((y[i] ?? 0) - my)));
  return covariance / Math.sqrt(mx * (1 - mx) * my * (1 - my));
}

describe("generated spot capacity, over 120 days", () => {
  const ZONES = [..."abcdefghi"];
  const spot = generateSpot({ zones: ZONES, length: 120 * DAY, seed: 4 });
  const nodes = ZONES.map((zone) => spot.zones[zone] ?? []);
  const up = nodes.map((zone) => zone.map((count) => count > 0));
  const spells = up.map((zone) => spellsOf(zone, 300));

  test("is up for 0.7 to 10 hours in the mean, and zones differ by far", () => {
    const means = spells.map((zone) => mean(zone.up)).toSorted((a, b) => a - b);
    expect(means[0]).toBeGreaterThan(0.7);
    expect(means[0]).toBeLessThan(1.5);
    expect(means.at(-1)).toBeLessThan(10);
    expect(means.at(-1)).toBeGreaterThan(4);
  });

  test("is up for 20 minutes to 1.4 hours in the median, within a factor of two at the good end", () => {
    const medians = spells.map((zone) => median(zone.up)).toSorted((a, b) => a - b);
    expect(medians[0]).toBeGreaterThanOrEqual(0.25);
    expect(median(medians)).toBeLessThan(1.4);
    expect(medians.at(-1)).toBeLessThan(2.8);
  });

  test("is gone for less than an hour mostly, and for days at times", () => {
    const downs = spells.flatMap((zone) => zone.down);
    expect(median(downs)).toBeLessThan(1);
    expect(mean(downs)).toBeGreaterThan(2 * median(downs));
    expect(Math.max(...downs)).toBeGreaterThan(30);
    expect(Math.max(...downs)).toBeLessThan(110);
  });

  test("goes together: two zones correlate by about 0.22", () => {
    const pairs = up.flatMap((a, i) => up.slice(i + 1).map((b) => correlation(a, b)));
    expect(mean(pairs)).toBeGreaterThan(0.15);
    expect(mean(pairs)).toBeLessThan(0.3);
  });

  test("is plenty or nothing nearly always", () => {
    const binary = nodes.flat().filter((count) => count === 0 || count === PLENTY).length;
    expect(binary / nodes.flat().length).toBeGreaterThan(0.9);
    expect(binary).toBeLessThan(nodes.flat().length);
  });

  test("is the same for the same seed, and another for another", () => {
    const of = (seed: number) => generateSpot({ zones: ["a", "b"], length: DAY, seed });
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
  });
});

describe("generated demand", () => {
  const WEEK = { length: 7 * DAY, seed: 1, wall: MONDAY };
  const countsOf = (shape: "day" | "bursts" | "steady" | "ramp", more: object = {}): readonly number[] => {
    const trace = generateDemand({ shape, ...WEEK, ...more }, 40);
    return trace.kind === "requests" ? trace.counts : [];
  };
  const between = (counts: readonly number[], from: number, to: number) =>
    mean(counts.slice((from * HOUR) / 60, (to * HOUR) / 60));

  test.each(DEMAND_SHAPES)("%s is the same for the same seed, and another for another", (shape) => {
    const of = (seed: number) => generateDemand({ shape, length: DAY, seed, wall: MONDAY }, 10);
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });

  test.each(["day", "bursts", "steady", "ramp"] as const)("%s has its busiest ten minutes at the peak", (shape) => {
    const counts = countsOf(shape);
    const tens = counts.slice(9).map((_, i) => mean(counts.slice(i, i + 10)) / 60);
    expect(Math.max(...tens)).toBeCloseTo(40, 6);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  test("day has a hump before and one after noon, a low night and a low weekend", () => {
    const counts = countsOf("day");
    const [night, morning, noon, afternoon] = [2, 10, 12.6, 15].map((hour) => between(counts, hour, hour + 1));
    expect(morning).toBeGreaterThan(3 * (night ?? 0));
    expect(noon).toBeLessThan(0.8 * (morning ?? 0));
    expect(afternoon).toBeGreaterThan(1.1 * (noon ?? 0));
    const saturday = between(counts, 5 * 24 + 10, 5 * 24 + 11);
    expect(saturday).toBeLessThan(0.6 * (morning ?? 0));
  });

  test("day follows the wall clock at the start", () => {
    const later = countsOf("day", { wall: MONDAY + 8 * HOUR });
    expect(between(later, 2, 3)).toBeGreaterThan(3 * between(later, 18, 19));
  });

  test("bursts come out of quiet and pass; steady stays; ramp rises", () => {
    const bursts = countsOf("bursts");
    expect(median(bursts)).toBeLessThan(0.35 * Math.max(...bursts));
    const steady = countsOf("steady");
    expect(Math.max(...steady) / Math.min(...steady)).toBeLessThan(1.4);
    const ramp = countsOf("ramp");
    expect(between(ramp, 160, 168)).toBeGreaterThan(5 * between(ramp, 0, 8));
  });

  test("jobs come in order, by day, each with its seconds", () => {
    const trace = generateDemand({ shape: "jobs", ...WEEK }, 3);
    const jobs = trace.kind === "jobs" ? trace.jobs : [];
    expect(jobs.map((job) => job.at)).toEqual(jobs.map((job) => job.at).toSorted((a, b) => a - b));
    expect(Math.min(...jobs.map((job) => job.exec))).toBeGreaterThanOrEqual(1);
    expect(median(jobs.map((job) => job.exec))).toBeCloseTo(25, -1);
    const work = (from: number, to: number) =>
      jobs.filter(({ at }) => at >= from * HOUR && at < to * HOUR).reduce((sum, { exec }) => sum + exec, 0) / HOUR;
    expect(work(10, 11)).toBeGreaterThan(1);
    expect(work(10, 11)).toBeGreaterThan(2 * work(2, 3));
  });
});
