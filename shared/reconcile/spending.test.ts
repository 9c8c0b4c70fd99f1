import { beforeEach, describe, expect, it } from "vitest";
import { fleetOf, MINUTE, NOON, poolOf, steady, workloadIn } from "../../test/support/fleet.ts";
import { NEVER_FAILED } from "../decide/capacity/health.ts";
import { MemoryUnavailable } from "../memory/errors.ts";
import { createInMemory } from "../memory/in-memory.ts";
import type { Memory } from "../memory/memory.ts";
import { EMPTY_MEMORY, type Spending } from "../model/memory.ts";
import type { SignalObservation } from "../model/signal.ts";
import type { Policy, PolicyInput } from "../policy/schema/policy.ts";
import type { NodePools } from "../pools/node-pools.ts";
import { NO_STOP } from "../stop/stop.ts";
import { SILENT } from "../telemetry/telemetry.ts";
import type { ReconcileDeps } from "./deps.ts";
import { SPENDING_COUNTS_FOR } from "./limits.ts";
import { reconcile } from "./reconcile.ts";
import { sumOfOthers } from "./spending.ts";

const HOUR = 60 * MINUTE;
const TODAY = "2026-11-18";
const BUDGET = { perHour: 10 };
const WAKE = { workload: "llm", trigger: "tick", cause: "tick", at: NOON, key: "k" } as const;

/** A fleet of `llm`, at 1 USD an hour for a node, and two workloads more. */
function fleet(more: Partial<PolicyInput> = {}): Policy {
  const llm = workloadIn(fleetOf());
  const priced = { ...llm, pools: llm.pools.map((pool) => ({ ...pool, pricePerHour: 1 })) };
  return { ...fleetOf({}, more), workloads: { llm: priced, embedding: llm, rl: llm } };
}

const noted = (perHour: number, spent: number, at = NOON - 30, day = TODAY): Spending => ({ day, at, perHour, spent });

describe("what the other workloads cost", () => {
  const others = (notes: Readonly<Record<string, Spending>>, more: Partial<PolicyInput> = {}) =>
    sumOfOthers(notes, fleet({ budget: BUDGET, ...more }), "llm", NOON);

  it.each([
    ["nobody has noted anything", {}, [0, 0]],
    ["each counts but the one itself", { llm: noted(99, 99), embedding: noted(2, 5), rl: noted(3, 7) }, [5, 12]],
    ["one that left the policy does not count", { gone: noted(2, 5), rl: noted(3, 7) }, [3, 7]],
    ["a note of yesterday counts for the hour", { rl: noted(3, 7, NOON - 13 * HOUR, "2026-11-17") }, [3, 0]],
    ["a note of a whole day ago still counts", { rl: noted(3, 7, NOON - SPENDING_COUNTS_FOR, "2026-11-17") }, [3, 0]],
    ["an older one counts for nothing", { rl: noted(3, 7, NOON - SPENDING_COUNTS_FOR - 1, "2026-11-17") }, [0, 0]],
  ])("%s", (_what, notes: Readonly<Record<string, Spending>>, [perHour, today]) => {
    expect(others(notes)).toEqual({ perHour, today });
  });

  it("counts for today by the day of the policy's zone", () => {
    const notes = { rl: noted(3, 7, NOON - 30, "2026-11-19") };
    expect(others(notes, { timeZone: "Pacific/Kiritimati" })).toEqual({ perHour: 3, today: 7 });
    expect(others(notes)).toEqual({ perHour: 3, today: 0 });
  });
});

describe("a run of a fleet with a budget", () => {
  let memory: Memory;
  let requests: string[];
  let queue: SignalObservation;
  let nodes: number;
  beforeEach(() => {
    memory = createInMemory();
    requests = [];
    queue = steady(120, NOON);
    nodes = 1;
  });

  const pools: NodePools = {
    observe: async () => {
      const seen = poolOf(nodes);
      if (seen.kind === "seen") return seen.state;
      throw new Error("not seen");
    },
    resize: async (pool) => ({ pool: pool.name, token: "t" }),
    remove: async (pool) => ({ pool: pool.name, token: "t" }),
    poll: async () => ({ kind: "succeeded" }),
  };

  async function run(policy: Policy, more: Partial<Memory> = {}, warn: (message: string) => void = () => {}) {
    const counted: Memory = {
      ...memory,
      spendingOf: (...args) => {
        requests.push("read");
        return (more.spendingOf ?? memory.spendingOf)(...args);
      },
      noteSpending: (...args) => {
        requests.push("note");
        return (more.noteSpending ?? memory.noteSpending)(...args);
      },
    };
    const deps: ReconcileDeps = {
      policy: async () => ({ policy, revision: "r1" }),
      sources: { open: async () => ({ fetch: async () => queue }) },
      pools,
      memory: counted,
      telemetry: { ...SILENT, warn },
      clock: () => NOON,
      stop: NO_STOP,
      newId: () => `id-${requests.length}`,
    };
    const outcome = await reconcile(WAKE, deps);
    if (outcome.kind !== "done") throw new Error(outcome.kind);
    return outcome.decision;
  }

  it("reads what the others spend once, and notes its own once", async () => {
    await run(fleet({ budget: BUDGET }));
    expect(requests).toEqual(["read", "note"]);
    expect(await memory.spendingOf("test")).toEqual({ llm: { day: TODAY, at: NOON, perHour: 1, spent: 0 } });
  });

  it("asks for nothing more when there is no budget", async () => {
    expect(await run(fleet())).toMatchObject({ want: 3 });
    expect(requests).toEqual([]);
  });

  it("grows as far as the others leave room, by the hour", async () => {
    await memory.noteSpending("test", "rl", noted(8, 0));
    expect(await run(fleet({ budget: BUDGET }))).toMatchObject({ want: 2, reason: "BudgetReached" });
  });

  it("grows as far as the others leave room, by the day", async () => {
    await memory.noteSpending("test", "rl", noted(0, 99));
    expect(await run(fleet({ budget: { perDay: 100 } }))).toMatchObject({ want: 1, reason: "BudgetReached" });
  });

  const down = () => Promise.reject(new MemoryUnavailable("DynamoDB table t throttles"));

  it("does not grow while it cannot tell what the others spend", async () => {
    const decision = await run(fleet({ budget: BUDGET }), { spendingOf: down });
    expect(decision).toMatchObject({ want: 1, reason: "SpendingUnknown" });
    expect(decision.detail).toContain("DynamoDB table t throttles");
  });

  it("keeps its size then, though it may be far over any budget", async () => {
    nodes = 4;
    queue = steady(30, NOON);
    const policy = fleet({ budget: { perHour: 1 } });
    expect(await run(policy, { spendingOf: down })).toMatchObject({ current: 4, want: 4 });
  });

  it("shrinks when demand asks for less, whether or not the others are known", async () => {
    nodes = 4;
    queue = steady(0, NOON);
    const settled = {
      ...EMPTY_MEMORY,
      recommendations: [{ at: NOON - HOUR, nodes: 3 }],
      pools: { llm: { at: NOON - MINUTE, desired: 4, ready: 4, health: NEVER_FAILED } },
      lastChange: { at: NOON - HOUR, from: 3, to: 4, settledAt: NOON - HOUR },
    };
    await memory.save("llm", settled, 0);
    expect(await run(fleet({ budget: BUDGET }), { spendingOf: down })).toMatchObject({ current: 4, want: 3 });
  });

  it("does what it decided when its own spending cannot be noted, and warns", async () => {
    const warnings: string[] = [];
    const decision = await run(fleet({ budget: BUDGET }), { noteSpending: down }, (text) => void warnings.push(text));
    expect(decision).toMatchObject({ want: 3 });
    expect((await memory.load("llm")).value.intents).toMatchObject([{ to: 3 }]);
    expect(warnings).toEqual(["spending not noted"]);
  });

  it("notes nothing while a node has no price", async () => {
    await run({ ...fleet({ budget: BUDGET }), workloads: fleetOf().workloads });
    expect(requests).toEqual(["read"]);
  });
});
