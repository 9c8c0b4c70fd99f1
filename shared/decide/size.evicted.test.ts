import { expect, it } from "vitest";
import { fleetOf, NOON, poolOf, workloadIn } from "../../test/support/fleet.ts";
import { OPEN_INTENT } from "../../test/support/open-intent.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../model/memory.ts";
import { NEVER_FAILED } from "./capacity/health.ts";
import { sizeOf } from "./size.ts";

const aks = {
  subscription: "00000000-0000-0000-0000-000000000000",
  resourceGroup: "ml",
  cluster: "prod",
  agentPool: "gpuspot",
};
const eks = { region: "eu-central-1", cluster: "prod", nodegroup: "n" };
const onAks = (capacity: "spot" | "on-demand") => workloadIn(fleetOf({ pools: [{ name: "llm", capacity, aks }] }));
const ON_EKS = workloadIn(fleetOf({ pools: [{ name: "llm", capacity: "spot", eks }] }));

/** What is seen of a pool that its cloud counts as `now` nodes. */
function look(now: number, memory: WorkloadMemory, workload = onAks("spot")) {
  const pools = { llm: poolOf(now) };
  const observation = { workload: "llm", trigger: "tick" as const, signals: {}, pools, others: null };
  const size = sizeOf(workload, observation, memory, NOON);
  return { evicted: size.pools[0]?.evicted, total: size.total, desired: size.desired };
}

/** A memory of a pool that had `seen` nodes and was last to be asked for `asked`. */
function had(seen: number, asked: number): WorkloadMemory {
  const footing = (nodes: number) => ({ size: nodes, total: nodes });
  return {
    ...EMPTY_MEMORY,
    pools: { llm: { at: NOON - 60, desired: seen, ready: seen, health: NEVER_FAILED } },
    assigned: { before: footing(seen), after: footing(asked), pools: { llm: asked } },
  };
}

it.each([
  ["all that it lacks of what it had", 4, 4, 2, 2],
  ["nothing while it has them all", 4, 4, 4, 0],
  ["nothing while somebody gave it more", 4, 4, 5, 0],
  ["nothing that we took from it ourselves", 4, 2, 2, 0],
  ["what it lacks beyond what we took from it", 4, 2, 1, 1],
  ["nothing of what has not come yet", 2, 4, 2, 0],
  ["what it lacks of those that had come", 2, 4, 1, 1],
])("evictions took from an AKS spot pool %s: %i had, %i asked for, %i now", (_, seen, asked, now, evicted) => {
  expect(look(now, had(seen, asked))).toEqual({ evicted, total: now + evicted, desired: now + evicted });
});

const taken = { evicted: 2, total: 4, desired: 4 };
const given = { evicted: 0, total: 2, desired: 2 };

it("evictions take nothing from a pool's count on another cloud, nor from on-demand pools", () => {
  expect(look(2, had(4, 4), ON_EKS)).toEqual(given);
  expect(look(2, had(4, 4), onAks("on-demand"))).toEqual(given);
});

it("a call of ours that is open explains a pool's count, but not another pool's", () => {
  expect(look(2, { ...had(4, 4), intents: [OPEN_INTENT] })).toEqual(given);
  expect(look(2, { ...had(4, 4), intents: [{ ...OPEN_INTENT, pool: "other" }] })).toEqual(taken);
  expect(look(2, { ...had(4, 4), intents: [{ ...OPEN_INTENT, pool: "other" }, OPEN_INTENT] })).toEqual(given);
});

it.each([
  ["at first sight", EMPTY_MEMORY],
  ["that was seen and never asked for anything", { ...had(4, 4), assigned: null }],
  ["that was asked for and never seen", { ...had(4, 4), pools: {} }],
])("nobody can tell what evictions took from a pool %s", (_, memory) => {
  expect(look(2, memory)).toEqual(given);
});

it("a pool is where the last decision wanted it, though evictions took some of it", () => {
  const memory: WorkloadMemory = {
    ...had(2, 2),
    // One node less is wanted, and the pool keeps both for now.
    assigned: { before: { size: 2, total: 2 }, after: { size: 1, total: 2 }, pools: { llm: 2 } },
    lastDecision: { at: NOON - 60, current: 2, want: 1, reason: "RuleMatched", detail: "" },
  };
  expect(look(1, memory)).toEqual({ evicted: 1, total: 2, desired: 1 });
});
