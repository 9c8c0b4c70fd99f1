import type { Seconds } from "../../shared/policy/units.ts";
import { createRandom, logNormal, normal, poisson, type Random } from "../world/random.ts";
import type { DemandTrace, TracedJob } from "./demand.ts";

/** What demand may be made up: a day's two humps, bursts out of quiet, always the same, jobs by day, and one long rise. */
export const DEMAND_SHAPES = ["day", "bursts", "steady", "jobs", "ramp"] as const;
export type DemandShapeName = (typeof DEMAND_SHAPES)[number];

/** What demand is to be made. */
export interface DemandShape {
  readonly shape: DemandShapeName;
  readonly length: Seconds;
  readonly seed: number;
  /** What the wall clock shows at the start: seconds since 1970 as if the place kept UTC. */
  readonly wall: number;
}

const MINUTE: Seconds = 60;
const HOUR: Seconds = 3600;
const DAY: Seconds = 24 * HOUR;

/** Day 0 of 1970 was a Thursday. */
const weekday = (wall: number): number => (Math.floor(wall / DAY) + 4) % 7;
const isWeekend = (wall: number): boolean => weekday(wall) === 0 || weekday(wall) === 6;

const hump = (hour: number, at: number, width: number): number => Math.exp(-(((hour - at) / width) ** 2) / 2);

/** An office's day: a hump before and one after lunch, a low night, and less than half of it at the weekend. From 0 to 1. */
function dayLevel(wall: number): number {
  const hour = (wall % DAY) / HOUR;
  const busy = Math.max(hump(hour, 10.5, 1.8), 0.9 * hump(hour, 15.5, 2.4), 0.35 * hump(hour, 20.5, 1.5));
  return 0.12 + 0.88 * busy * (isWeekend(wall) ? 0.4 : 1);
}

/** Slow unrest: factors about 1, of this deviation, that are forgotten over so many minutes. */
function createUnrest(random: Random, deviation: number, over: number): () => number {
  const keep = Math.exp(-1 / over);
  let level = deviation * normal(random);
  return () => {
    level = keep * level + deviation * Math.sqrt(1 - keep * keep) * normal(random);
    return Math.exp(level);
  };
}

/** Bursts: every three hours or so demand jumps within a minute and ebbs away over ten to forty. */
function createBursts(random: Random): () => number {
  const [quiet, every] = [0.12, 180];
  let [height, fade] = [0, 1];
  return () => {
    height *= fade;
    if (random.next() < 1 / every) {
      height = Math.max(height, 0.3 + 0.7 * random.next());
      fade = Math.exp(-1 / (10 + 30 * random.next()));
    }
    return quiet + (1 - quiet) * height;
  };
}

/** How demand goes, minute by minute; only its form matters. */
function levelsOf({ shape, length, wall }: DemandShape, random: Random): readonly number[] {
  const minutes = Math.ceil(length / MINUTE);
  const unrest = createUnrest(random, shape === "steady" ? 0.03 : 0.08, 30);
  const bursts = createBursts(random);
  const level = (minute: number): number => {
    switch (shape) {
      case "day":
      case "jobs":
        return dayLevel(wall + minute * MINUTE);
      case "bursts":
        return bursts();
      case "steady":
        return 1;
      case "ramp":
        return 0.1 + (0.9 * minute) / minutes;
      default:
        return shape satisfies never;
    }
  };
  return Array.from({ length: minutes }, (_, minute) => level(minute) * unrest());
}

/** Seconds that jobs take: half of them less than the median, some ten times as long. */
const JOB = { median: 25, sigma: 1 } as const;

function jobsOf(levels: readonly number[], busiest: number, random: Random): readonly TracedJob[] {
  const mean = JOB.median * Math.exp(JOB.sigma ** 2 / 2);
  return levels.flatMap((level, minute) => {
    const count = poisson(random, (level * busiest * MINUTE) / mean);
    return Array.from({ length: count }, () => ({
      at: minute * MINUTE + random.next() * MINUTE,
      exec: Math.max(1, Math.round(logNormal(random, JOB.median, JOB.sigma))),
    })).toSorted((a, b) => a.at - b.at);
  });
}

/** Over what the busiest time is taken. */
const BUSIEST_OVER = 10;

/** The largest mean over ten minutes one after the other. */
function busiestOf(levels: readonly number[]): number {
  let [best, sum] = [0, 0];
  levels.forEach((level, i) => {
    sum += level - (levels[i - BUSIEST_OVER] ?? 0);
    if (i >= Math.min(BUSIEST_OVER, levels.length) - 1)
      best = Math.max(best, sum / Math.min(BUSIEST_OVER, levels.length));
  });
  return best;
}

/**
 * Demand that is made up: the same for the same seed. Its busiest ten minutes bring `peak`: of requests so many a second, of
 * jobs so many nodes' worth of work (in the mean).
 */
export function generateDemand(wanted: DemandShape, peak: number): DemandTrace {
  const random = createRandom(wanted.seed * 7 + 3);
  const levels = levelsOf(wanted, random);
  const scale = peak / busiestOf(levels);
  const base = { start: null, notes: [] };
  if (wanted.shape === "jobs") return { kind: "jobs", jobs: jobsOf(levels, scale, random), ...base };
  return { kind: "requests", interval: MINUTE, counts: levels.map((level) => level * scale * MINUTE), ...base };
}
