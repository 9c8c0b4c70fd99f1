import type { Schedule } from "../../policy/schema/schedules.ts";
import { type Boundaries, boundaries } from "./boundaries.ts";

// What the tests of this folder share.

/** Epoch seconds of an ISO time. */
export const at = (text: string) => Date.parse(text) / 1000;
export const iso = (seconds: number | null) => (seconds === null ? null : new Date(seconds * 1000).toISOString());

/** A schedule with this start, of which nothing else matters. */
export const daily = (start: string, more: Partial<Schedule> = {}): Schedule => ({
  name: "daily",
  start,
  end: "0 0 * * *",
  nodes: { min: 1 },
  ...more,
});

/** The boundaries of a schedule that can be followed. */
export function around(schedule: Schedule, zone: string, now: number, holidays = new Set<string>()): Boundaries {
  const found = boundaries(schedule, zone, now, holidays);
  if (found.kind !== "known") throw new Error(found.detail);
  return found;
}

/** Office hours on weekdays with a wake ahead of them, and zero from 22:00 on: the pair of the domain documents. */
export const OFFICE: readonly Schedule[] = [
  { name: "office-hours", start: "0 9 * * 1-5", end: "0 22 * * 1-5", nodes: { min: 2 }, lead: 900 },
  { name: "off-hours", start: "0 22 * * *", end: "0 9 * * 1-5", nodes: { exactly: 0 } },
];
