import { describe, expect, test } from "vitest";
import { resolveBehavior } from "./behavior-defaults.ts";
import { type Deviations, HPA_EXACT, NODE_DEFAULTS } from "./deviations.ts";
import { toMilli } from "./numbers.ts";
import { perNodeTarget, tallyAverage } from "./per-node-target.ts";
import type { MetricProposal, NodeCounts } from "./proposal.ts";
import { scaleDownLimit, scaleUpLimit } from "./rate-limit.ts";
import { hpaSync, type SyncLogs } from "./reconcile.ts";
import { totalPerNodeTarget, totalTarget } from "./total-target.ts";

const NOW = 1_700_000_000;
const TOLERANCE = { up: 0.1, down: 0.1 };

const only = (...names: (keyof Deviations)[]): Deviations => ({
  ...HPA_EXACT,
  ...Object.fromEntries(names.map((name) => [name, true])),
});
const weigh = (deviations: Deviations) => ({ tolerance: TOLERANCE, deviations });
const outcome = (p: MetricProposal<string>) => (p.kind === "proposed" ? p.nodes : p.failure);

test("every deviation is off for HPA and on for policies", () => {
  expect(Object.values(HPA_EXACT)).toEqual([false, false, false, false, false]);
  expect(Object.values(NODE_DEFAULTS)).toEqual([true, true, true, true, true]);
});

describe("exactIntegerPercent", () => {
  const percent = (value: number) => {
    const policies = [{ type: "Percent", value, periodSeconds: 60 } as const];
    return resolveBehavior({ scaleUp: { policies }, scaleDown: { policies } });
  };
  const differences = (limit: typeof scaleUpLimit, direction: "scaleUp" | "scaleDown", largest: number) => {
    const logs = { scaleUps: [], scaleDowns: [] };
    const found: number[] = [];
    for (let value = 1; value <= largest; value += 1) {
      const rules = percent(value)[direction];
      for (let nodes = 1; nodes <= 200; nodes += 1) {
        const exact = limit(nodes, rules, logs, NOW, only("exactIntegerPercent"));
        const hpa = limit(nodes, rules, logs, NOW, HPA_EXACT);
        if (exact !== hpa) found.push(hpa - exact);
      }
    }
    return found;
  };

  test("takes away the node too many that doubles add, in 113 of 40 000 cases", () => {
    expect(differences(scaleUpLimit, "scaleUp", 200)).toEqual(Array(113).fill(1));
  });
  test("gives back the node too many that doubles remove, in 119 of 20 000 cases", () => {
    expect(differences(scaleDownLimit, "scaleDown", 100)).toEqual(Array(119).fill(-1));
  });
});

describe("growthBasisMaxReadyCurrent", () => {
  // One node of three is ready, and carries almost twice its target.
  const counts = { current: 3, reported: 3, ready: 1, upcoming: 0 };
  const total = (deviations: Deviations, value = 1.95) =>
    outcome(totalTarget(toMilli(value), toMilli(1), counts, weigh(deviations)));
  const average = (deviations: Deviations, value = 1.95) => {
    const tallied = tallyAverage(toMilli(value), counts.ready);
    if (tallied.kind === "failed") return tallied.failure;
    return outcome(perNodeTarget({ measure: "average", target: 1000 }, tallied.tally, counts, weigh(deviations)));
  };

  test.each([
    ["a total", total],
    ["an average", average],
  ])("off: %s at twice its target shrinks 3 to 2, because 1 is ready", (_, propose) => {
    expect(propose(HPA_EXACT)).toBe(2);
  });
  test.each([
    ["a total", total],
    ["an average", average],
  ])("on: %s at twice its target grows what was asked for", (_, propose) => {
    expect(propose(only("growthBasisMaxReadyCurrent"))).toBe(6);
  });
  test("on: shrinking still multiplies the ready nodes", () => {
    expect(total(only("growthBasisMaxReadyCurrent"), 0.5)).toBe(1);
    expect(average(only("growthBasisMaxReadyCurrent"), 0.5)).toBe(1);
  });
});

describe("upcomingCountsAsCapacity", () => {
  // Three asked for, one ready, two booting.
  const booting: NodeCounts = { current: 3, reported: 1, ready: 1, upcoming: 2 };
  const total = (value: number, deviations: Deviations) =>
    outcome(totalTarget(toMilli(value), toMilli(1), booting, weigh(deviations)));
  const average = (value: number, deviations: Deviations) => {
    const tallied = tallyAverage(toMilli(value), booting.ready);
    if (tallied.kind === "failed") return tallied.failure;
    return outcome(perNodeTarget({ measure: "average", target: 1000 }, tallied.tally, booting, weigh(deviations)));
  };

  test.each([
    ["total", total],
    ["average", average],
  ])("a %s that the nodes under way will bring down asks for nothing more, and nothing less", (_, propose) => {
    expect(propose(2, HPA_EXACT)).toBe(2);
    expect(propose(2, only("growthBasisMaxReadyCurrent"))).toBe(6);
    expect(propose(2, only("upcomingCountsAsCapacity"))).toBe(3);
    expect(propose(2, NODE_DEFAULTS)).toBe(3);
  });
  test.each([
    ["total", total],
    ["average", average],
  ])("a %s beyond even the nodes under way asks for exactly what is missing", (_, propose) => {
    expect(propose(6, NODE_DEFAULTS)).toBe(6);
  });
  test("a total for each node is held against what was asked for, not against what is reported", () => {
    const propose = (deviations: Deviations) =>
      outcome(totalPerNodeTarget(toMilli(52), toMilli(50), { ...booting, current: 2 }, weigh(deviations)));
    expect(propose(HPA_EXACT)).toBe(1);
    expect(propose(only("upcomingCountsAsCapacity"))).toBe(2);
  });
});

describe("noneReadyIsUnknown", () => {
  const counts = { current: 3, reported: 3, ready: 0, upcoming: 0 };
  const total = (nodes: NodeCounts, deviations: Deviations) =>
    outcome(totalTarget(toMilli(5), toMilli(1), nodes, weigh(deviations)));

  test("off: five times the target and no node ready proposes zero", () => {
    expect(total(counts, HPA_EXACT)).toBe(0);
  });
  test("on: it is a failed metric, which takes nothing away", () => {
    expect(total(counts, only("noneReadyIsUnknown"))).toBe("noneReady");
  });
  test("either way: from zero the total decides, and with no node to be seen the metric fails", () => {
    for (const deviations of [HPA_EXACT, NODE_DEFAULTS]) {
      expect(total({ current: 0, reported: 0, ready: 0, upcoming: 0 }, deviations)).toBe(5);
      expect(total({ ...counts, reported: 0 }, deviations)).toBe("noNodes");
    }
  });
});

describe("rememberHolds", () => {
  const FAILED = { kind: "failed", failure: "unreadable" } as const;
  const ONE = { kind: "proposed", nodes: 1, measured: 0 } as const;
  const sync = (now: number, metric: MetricProposal<string>, logs: SyncLogs, deviations: Deviations) =>
    hpaSync({
      current: 8,
      bounds: { min: 1, max: 10 },
      behavior: resolveBehavior(undefined),
      proposals: [metric],
      logs,
      now,
      deviations,
    });
  /** Ten minutes without metrics, then one low reading. */
  const afterBlackout = (deviations: Deviations) => {
    let { logs } = sync(NOW, FAILED, { recommendations: null, scaleUps: [], scaleDowns: [] }, deviations);
    for (let minute = 1; minute < 10; minute += 1) ({ logs } = sync(NOW + 60 * minute, FAILED, logs, deviations));
    return sync(NOW + 600, ONE, logs, deviations).nodes;
  };

  test("off: the first low reading after a blackout drops the size to the minimum", () => {
    expect(afterBlackout(HPA_EXACT)).toBe(1);
  });
  test("on: it has to last one down window, as ever", () => {
    expect(afterBlackout(only("rememberHolds"))).toBe(8);
  });
});
