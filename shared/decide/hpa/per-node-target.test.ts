import { expect, test } from "vitest";
import { HPA_EXACT, NODE_DEFAULTS } from "./deviations.ts";
import { type NodeLoad, perNodeTarget, tallyAverage, tallyLoads, tallyUses } from "./per-node-target.ts";
import type { NodeCounts } from "./proposal.ts";

const TARGET = { measure: "average", target: 100 } as const;
const weigh = (deviations = HPA_EXACT) => ({ tolerance: { up: 0.1, down: 0.1 }, deviations });
const counts = (current: number, upcoming = 0): NodeCounts => ({
  current,
  reported: current,
  ready: current - upcoming,
  upcoming,
});
const nodes = (count: number, load: number): NodeLoad[] =>
  Array.from({ length: count }, () => ({ class: "counted", load }));
const silent = (count: number, is: "missing" | "unready" | "ignored"): NodeLoad[] =>
  Array.from({ length: count }, () => ({ class: is, load: 0 }));

function size(loads: readonly NodeLoad[], current: number): number | string {
  const tallied = tallyLoads(loads, TARGET.target);
  if (tallied.kind === "failed") return tallied.failure;
  const proposal = perNodeTarget(TARGET, tallied.tally, counts(current), weigh());
  return proposal.kind === "proposed" ? proposal.nodes : proposal.failure;
}

test.each([
  [
    "unready nodes are left out when shrinking, and do not push a met target out of tolerance",
    [...nodes(4, 95), ...silent(4, "unready")],
    8,
    8,
  ],
  ["unready nodes are idle when growing", [...nodes(4, 300), ...silent(4, "unready")], 8, 12],
  ["growth with unready nodes never ends below what was asked for", [...nodes(2, 300), ...silent(1, "unready")], 9, 9],
  ["missing nodes are busy when shrinking", [...nodes(4, 10), ...silent(4, "missing")], 8, 5],
  ["missing nodes are idle when growing", [...nodes(4, 300), ...silent(4, "missing")], 8, 12],
  ["a correction damps growth to nothing rather than reverse it", [...nodes(1, 120), ...silent(3, "missing")], 4, 4],
  ["ignored nodes count for nothing", [...nodes(4, 200), ...silent(4, "ignored")], 4, 8],
  ["no sample of any node is a failure", silent(4, "missing"), 4, "noSamples"],
  ["no node is a failure", [], 4, "noSamples"],
])("%s", (_, loads, current, expected) => {
  expect(size(loads, current)).toBe(expected);
});

test("an average alone is every ready node carrying it", () => {
  expect(tallyAverage(130, 3)).toEqual(tallyLoads(nodes(3, 130), TARGET.target));
  expect(tallyAverage(130, 0)).toEqual({ kind: "failed", failure: "noSamples" });
  expect(tallyAverage(Number.NaN, 3)).toEqual({ kind: "failed", failure: "notFinite" });
});

test("a node whose request is unknown fails utilization, and so do nodes that offer nothing", () => {
  const use = { class: "counted", load: 50, request: 100 } as const;
  expect(tallyUses([use, { ...use, request: null }], 80)).toEqual({ kind: "failed", failure: "noRequest" });
  expect(tallyUses([{ ...use, request: 0 }], 80)).toEqual({ kind: "failed", failure: "noRequest" });
});

test("a node under way offers what a counted one does, when utilization asks for growth", () => {
  const utilization = { measure: "utilization", targetPercent: 50 } as const;
  const use = { class: "counted", load: 1800, request: 2000 } as const;
  const tallied = tallyUses([use, use], 50);
  if (tallied.kind === "failed") throw new Error(tallied.failure);
  // 90 % on two nodes is 45 % on the four that were asked for, and 60 % on three.
  const grown = (upcoming: number) =>
    perNodeTarget(utilization, tallied.tally, counts(2 + upcoming, upcoming), weigh(NODE_DEFAULTS));
  expect(grown(2)).toEqual({ kind: "proposed", nodes: 4, measured: 90 });
  expect(grown(1)).toEqual({ kind: "proposed", nodes: 4, measured: 90 });
  expect(grown(0)).toEqual({ kind: "proposed", nodes: 4, measured: 90 });
});
