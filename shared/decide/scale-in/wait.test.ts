import { describe, expect, it } from "vitest";
import { MINUTE, NOON, workloadIn } from "../../../test/support/fleet.ts";
import { busyFleet } from "../../../test/support/shrinking.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../model/memory.ts";
import { ranOut } from "./wait.ts";

const HOUR = 60 * MINUTE;
const workload = workloadIn(busyFleet({ scaleIn: { busy: "busy", maxWait: "1h" } }));
/** A memory that was left so long ago, of a wait that began so long ago. */
const left = (ago: number, waiting: number | null): WorkloadMemory => ({
  ...EMPTY_MEMORY,
  scaleIn: waiting === null ? null : { since: NOON - waiting },
  lastDecision: { at: NOON - ago, current: 3, want: 1, reason: "BusyNodes", detail: "" },
});

describe("a wait for busy nodes", () => {
  it.each<[string, boolean, WorkloadMemory, WorkloadMemory]>([
    ["ran out between this look and the one before", true, left(MINUTE, HOUR), left(0, HOUR)],
    ["goes on", false, left(MINUTE, HOUR - 1), left(0, HOUR - 1)],
    ["was over before", false, left(MINUTE, HOUR + MINUTE), left(0, HOUR + MINUTE)],
    ["is none any more", false, left(MINUTE, HOUR), left(0, null)],
    ["is over at the first look of all", true, EMPTY_MEMORY, left(0, HOUR)],
  ])("%s: %s", (_, expected, before, after) => {
    expect(ranOut(before, after, workload, NOON)).toBe(expected);
  });
});
