import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, stepped, unknown } from "../../../test/support/fleet.ts";
import type { SignalObservation } from "../../model/signal.ts";

type Blocked = "scaleUp" | "scaleDown" | "scaleToZero" | "packing" | "capacitySwitch";
const when = { signal: "util", above: 80, for: "5m" };
const guarded = (...guards: { name: string; blocks: Blocked[] }[]) =>
  fleetOf({
    nodes: { min: 0, max: 6 },
    scaleDown: { any: [{ signal: "queue", below: 10 }], remove: 5 },
    guards: guards.map((g) => ({ ...g, when })),
  });

const ON = steady(95, NOON);
const OFF = steady(10, NOON);
const SOON = stepped(10, 95, NOON - MINUTE, NOON);

const sized = (policy: ReturnType<typeof guarded>, queue: number, util: SignalObservation, nodes = 3) =>
  decided({ policy, signals: { queue: steady(queue, NOON), util }, pool: poolOf(nodes), memory: settledAt(nodes) });

describe("a guard that is", () => {
  it.each([
    ["active", ON, "scaleUp", 120, 3, "GuardActive"],
    ["active", ON, "scaleUp", 0, 0, "RuleMatched"],
    ["active", ON, "scaleDown", 0, 3, "GuardActive"],
    ["active", ON, "scaleDown", 120, 5, "RuleMatched"],
    ["active", ON, "scaleToZero", 0, 1, "GuardActive"],
    ["active", ON, "packing", 0, 0, "RuleMatched"],
    ["active", ON, "capacitySwitch", 0, 0, "RuleMatched"],
    ["not active", OFF, "scaleDown", 0, 0, "RuleMatched"],
    ["pending", SOON, "scaleDown", 0, 0, "RuleMatched"],
    ["unknown", unknown, "scaleUp", 120, 5, "RuleMatched"],
    ["unknown", unknown, "scaleDown", 0, 3, "SignalUnknown"],
    ["unknown", unknown, "scaleToZero", 0, 1, "SignalUnknown"],
    ["stale", steady(95, NOON - 5 * MINUTE), "scaleDown", 0, 3, "SignalStale"],
  ] as const)("%s (%o) and blocks %s turns a queue of %i into %i nodes: %s", (_, util, blocks, queue, want, reason) => {
    const { decision } = sized(guarded({ name: "training", blocks: [blocks] }), queue, util);
    expect(decision).toMatchObject({ want, reason });
  });

  it("absent, because there are no nodes, forbids nothing", () => {
    const policy = guarded({ name: "training", blocks: ["scaleUp"] });
    expect(sized(policy, 120, { kind: "empty" }, 0).decision.want).toBe(2);
  });
});

describe("several guards", () => {
  it("add up", () => {
    const policy = guarded({ name: "a", blocks: ["scaleUp"] }, { name: "b", blocks: ["scaleDown", "packing"] });
    expect(sized(policy, 0, ON).decision.want).toBe(3);
    expect(sized(policy, 120, ON).decision.want).toBe(3);
  });

  it("leave the last node where only zero is forbidden", () => {
    const policy = guarded({ name: "a", blocks: ["scaleToZero"] });
    expect(sized(policy, 0, ON, 6).decision.want).toBe(1);
    expect(sized(policy, 0, ON, 1).decision.want).toBe(1);
    expect(sized(policy, 0, ON, 0).decision.want).toBe(0);
  });
});

describe("the trace", () => {
  const trace = (util: SignalObservation, ...guards: { name: string; blocks: Blocked[] }[]) =>
    stageOf(sized(guarded(...guards), 30, util), "guards");

  it("tells what an active guard forbids, although nothing moves", () => {
    const said = trace(ON, { name: "training", blocks: ["scaleDown", "packing"] });
    expect(said).toMatchObject({ want: 3, reason: "GuardActive" });
    expect(said.detail).toMatch(/^guard training: util above 80 for 5m: yes.* \(forbids scaleDown and packing\)$/);
    expect(said.conditions).toMatchObject([{ signal: "util", verdict: "true" }]);
  });

  it("tells that a guard cannot be judged", () => {
    const said = trace(unknown, { name: "training", blocks: ["scaleDown"] });
    expect(said.reason).toBe("SignalUnknown");
    expect(said.detail).toContain("guard training cannot be judged: util above 80 for 5m: unknown");
  });

  it.each([[OFF], [SOON]])("says so when none is active", (util) => {
    const said = trace(util, { name: "training", blocks: ["scaleDown"] });
    expect(said).toMatchObject({ reason: "Unaffected", detail: "no guard is active" });
    expect(said.conditions).toHaveLength(1);
  });

  it("names the active one among several", () => {
    const policy = fleetOf({
      guards: [
        { name: "calm", when: { signal: "util", below: 5 }, blocks: ["scaleDown"] },
        { name: "vram-headroom", when, blocks: ["scaleDown"] },
      ],
    });
    const said = stageOf(sized(policy, 30, ON), "guards");
    expect(said.reason).toBe("HeadroomLow");
    expect(said.detail).toContain("guard vram-headroom: ");
  });

  it("says when there are none", () => {
    expect(trace(ON)).toMatchObject({ reason: "Unaffected", detail: "the workload has no guards" });
    expect(trace(ON).conditions).toBeUndefined();
  });
});

it("a guard whose signal flaps faster than its window forbids nothing [F58]", () => {
  const samples = Array.from({ length: 121 }, (_, i) => [NOON - 1800 + i * 15, i % 2 === 0 ? 95 : 10] as const);
  const flapping: SignalObservation = { kind: "series", series: { samples, validity: 15 } };
  const policy = guarded({ name: "training", blocks: ["scaleDown"] });
  expect(sized(policy, 0, flapping).decision.want).toBe(0);
});

describe("a guard that keeps the size", () => {
  it("says so, and nothing else that it forbids", () => {
    const policy = guarded({ name: "training", blocks: ["packing", "scaleDown"] });
    const said = stageOf(sized(policy, 0, ON), "guards");
    expect(said).toMatchObject({ want: 3, reason: "GuardActive" });
    expect(said.detail).toMatch(/^guard training: util above 80 for 5m: yes, util is 95 and has been for 30m$/);
  });

  it("is the one that is named, though others are active before it", () => {
    const policy = guarded({ name: "calm", blocks: ["packing"] }, { name: "vram-headroom", blocks: ["scaleDown"] });
    const { decision } = sized(policy, 0, ON);
    expect(decision).toMatchObject({ want: 3, reason: "HeadroomLow" });
    expect(decision.detail).toMatch(/^guard vram-headroom: /);
  });

  it.each([["scaleUp"], ["scaleDown"]] as const)("of %s did not do it where nothing would move", (blocks) => {
    const said = stageOf(sized(guarded({ name: "training", blocks: [blocks] }), 30, ON), "guards");
    expect(said).toMatchObject({ want: 3, reason: "GuardActive" });
    expect(said.detail).toContain(` (forbids ${blocks})`);
  });
});
