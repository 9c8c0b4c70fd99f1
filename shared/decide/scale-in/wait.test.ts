import { describe, expect, it } from "vitest";
import { MINUTE, NOON, workloadIn } from "../../../test/support/fleet.ts";
import { busyFleet, contextOf, FORCING } from "../../../test/support/shrinking.ts";
import type { StageTrace } from "../../model/decision.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../model/memory.ts";
import { ranOut, type Wait, waitAfter, waitOf, waitText } from "./wait.ts";

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

const WAITING_POLICY = busyFleet({ scaleIn: { busy: "busy", maxWait: "1h" } });
const FORCING_POLICY = busyFleet({ scaleIn: FORCING });
const waitedFor = (ago: number): WorkloadMemory => ({ ...EMPTY_MEMORY, scaleIn: { since: NOON - ago } });

describe("nodes that work may be taken only where the policy says `force`, and only once the wait of an hour is over", () => {
  it.each<[string, typeof WAITING_POLICY, WorkloadMemory, Wait]>([
    ["a wait that has not begun begins now", FORCING_POLICY, EMPTY_MEMORY, { since: NOON, over: false, force: false }],
    ["a second before", FORCING_POLICY, waitedFor(HOUR - 1), { since: NOON - HOUR + 1, over: false, force: false }],
    ["after an hour", FORCING_POLICY, waitedFor(HOUR), { since: NOON - HOUR, over: true, force: true }],
    ["long after it", FORCING_POLICY, waitedFor(9 * HOUR), { since: NOON - 9 * HOUR, over: true, force: true }],
    ["never under `notify`", WAITING_POLICY, waitedFor(HOUR), { since: NOON - HOUR, over: true, force: false }],
    ["nor before the hour", WAITING_POLICY, waitedFor(MINUTE), { since: NOON - MINUTE, over: false, force: false }],
  ])("%s", (_, policy, memory, wait) => {
    expect(waitOf(contextOf({ policy, memory, asked: 0 }))).toEqual(wait);
  });
});

describe("a wait is remembered as long as the stage finds nodes to wait for, and no longer", () => {
  const trace = (stage: string, reason: StageTrace["reason"]): StageTrace => ({ stage, reason, want: 1, detail: "" });
  const demand = trace("demand", "RuleMatched");

  it.each<[string, WorkloadMemory, readonly StageTrace[], WorkloadMemory["scaleIn"]]>([
    ["it begins", EMPTY_MEMORY, [demand, trace("scale-in", "BusyNodes")], { since: NOON }],
    [
      "it goes on from where it began",
      waitedFor(HOUR),
      [demand, trace("scale-in", "BusyNodes")],
      { since: NOON - HOUR },
    ],
    ["it ends when every node may go", waitedFor(HOUR), [demand, trace("scale-in", "Unaffected")], null],
    ["it ends when the others leave by themselves", waitedFor(HOUR), [demand, trace("scale-in", "Interrupted")], null],
    ["another stage's reason is no wait", waitedFor(HOUR), [trace("demand", "BusyNodes")], null],
    ["a decision without the stage has none", waitedFor(HOUR), [demand], null],
  ])("%s", (_, memory, stages, remembered) => {
    const context = contextOf({ policy: WAITING_POLICY, memory, asked: 0 });
    expect(waitAfter(context, { stages })).toEqual(remembered);
  });
});

describe("what is said of a wait tells since when, and whether anything is taken", () => {
  const policy = busyFleet();
  const since = NOON - HOUR;

  it.each<[string, string, Omit<Wait, "since">, string]>([
    ["while it lasts", "UTC", { over: false, force: false }, "waiting since Wed 11:00 UTC, at most 2h"],
    [
      "once a person is to decide",
      "UTC",
      { over: true, force: false },
      "waiting since Wed 11:00 UTC; the wait of 2h is over and a person is to decide",
    ],
    [
      "once nodes are taken",
      "UTC",
      { over: true, force: true },
      "waiting since Wed 11:00 UTC; the wait of 2h is over and they are taken by force",
    ],
    [
      "by the clock of the policy's zone",
      "Europe/Berlin",
      { over: false, force: false },
      "waiting since Wed 12:00 Europe/Berlin, at most 2h",
    ],
    [
      "by UTC where the runtime knows no such zone",
      "Nowhere/Town",
      { over: false, force: false },
      "waiting since Wed 11:00 UTC, at most 2h",
    ],
  ])("%s", (_, timeZone, wait, text) => {
    const context = contextOf({ policy: { ...policy, timeZone }, asked: 0 });
    expect(waitText({ since, ...wait }, context)).toBe(text);
  });
});
