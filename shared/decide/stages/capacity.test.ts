import { describe, expect, it } from "vitest";
import { onDemandPool, spotPool } from "../capacity/pools.fixture.ts";
import { failing, SPOT_FIRST, type Spreading, spreading } from "./capacity.fixture.ts";

const ON_DEMAND = { spot: { nodes: 0 }, od: { nodes: 3 } };

describe("without trouble the pools follow the size", () => {
  it.each([
    ["grows on spot", { spot: { nodes: 1 }, od: { nodes: 0 } }, 2, { spot: 2, od: 0 }, "spot 1 → 2"],
    ["shrinks on spot", { spot: { nodes: 3 }, od: { nodes: 0 } }, 2, { spot: 2, od: 0 }, "spot 3 → 2"],
    ["stays", { spot: { nodes: 3 }, od: { nodes: 0 } }, 3, { spot: 3, od: 0 }, "the pools stay as they are"],
    [
      "shrinks on demand while spot is full",
      { spot: { nodes: 0, max: 0 }, od: { nodes: 3 } },
      2,
      { spot: 0, od: 2 },
      "od 3 → 2",
    ],
    [
      "grows past what spot has room for",
      { spot: { nodes: 0, max: 2 }, od: { nodes: 0 } },
      3,
      { spot: 2, od: 1 },
      "spot 0 → 2, od 0 → 1",
    ],
  ] as const)("a size that %s", (_, standing, want, pools, detail) => {
    expect(spreading({ want, standing })).toEqual({ pools, reason: "Unaffected", detail });
  });

  it("a size that shrinks where no pool is spot, towards the preferred one", () => {
    const pools = [onDemandPool("a"), onDemandPool("b")];
    expect(spreading({ want: 3, pools, standing: { a: { nodes: 2 }, b: { nodes: 2 } } })).toEqual({
      pools: { a: 3, b: 1 },
      reason: "Unaffected",
      detail: "a 2 → 3, b 2 → 1",
    });
  });

  it("a size whose on-demand base is already there", () => {
    const standing = { spot: { nodes: 1 }, od: { nodes: 2 } };
    expect(spreading({ want: 3, standing, workload: { spot: { onDemandBase: 2 } } })).toEqual({
      pools: { spot: 1, od: 2 },
      reason: "Unaffected",
      detail: "the pools stay as they are",
    });
  });
});

describe("going back to spot", () => {
  it("asks spot for its share at once, and on-demand nodes wait for it", () => {
    expect(spreading({ want: 3, standing: ON_DEMAND })).toEqual({
      pools: { spot: 3, od: 3 },
      reason: "ReturnedToSpot",
      detail: "on-demand nodes give way to spot; spot 0 → 3",
    });
  });

  it.each([
    [0, 3, "the pools stay as they are"],
    [1, 2, "od 3 → 2"],
    [3, 0, "od 3 → 0"],
  ])("with %i spot nodes ready %i on-demand ones stay", (ready, od, changes) => {
    // The six nodes are the three of the size and the three that replace them.
    expect(spreading({ want: 3, standing: { spot: { nodes: 3, ready }, od: { nodes: 3 } } })).toEqual({
      pools: { spot: 3, od },
      reason: "ReturnedToSpot",
      detail: `on-demand nodes give way to spot; ${changes}`,
    });
  });

  it("leaves the on-demand base", () => {
    const workload = { spot: { onDemandBase: 1 } };
    expect(spreading({ want: 3, standing: ON_DEMAND, workload })).toEqual({
      pools: { spot: 2, od: 3 },
      reason: "ReturnedToSpot",
      detail: "on-demand nodes give way to spot; spot 0 → 2",
    });
  });

  it("is stopped by a guard against switching, and by no other", () => {
    const guard = { reason: "GuardActive", detail: "guard release" } as const;
    expect(spreading({ want: 3, standing: ON_DEMAND, draft: { blocks: { capacitySwitch: guard } } })).toEqual({
      pools: { spot: 0, od: 3 },
      reason: "Unaffected",
      detail: "the pools stay as they are",
    });
    const others = { scaleUp: guard, scaleDown: guard, scaleToZero: guard, packing: guard };
    expect(spreading({ want: 3, standing: ON_DEMAND, draft: { blocks: others } })).toMatchObject({
      pools: { spot: 3, od: 3 },
      reason: "ReturnedToSpot",
    });
  });

  it("is stopped by an operator who paused growing", () => {
    const pausedUp = { reason: "Paused", detail: "scaling out paused" } as const;
    expect(spreading({ want: 3, standing: ON_DEMAND, draft: { pausedUp } })).toMatchObject({
      pools: { spot: 0, od: 3 },
      detail: "on-demand nodes give way to spot; the pools stay as they are",
    });
  });
});

describe("a budget by the hour", () => {
  // Three on-demand nodes cost 9 USD an hour, and each spot node on top 1.
  it.each([
    [9, 0, "the pools stay as they are"],
    [10, 1, "spot 0 → 1"],
    [11, 2, "spot 0 → 2"],
  ])("of %i USD pays for %i replacements at a time", (budget, spot, changes) => {
    expect(spreading({ want: 3, standing: ON_DEMAND, budget })).toEqual({
      pools: { spot, od: 3 },
      reason: "BudgetReached",
      detail: `this step would take the fleet to 12.00 USD an hour; budget.perHour is ${budget}.00 USD; ${changes}`,
    });
  });

  it("that is just reached says nothing", () => {
    expect(spreading({ want: 3, standing: ON_DEMAND, budget: 12 })).toMatchObject({
      pools: { spot: 3, od: 3 },
      reason: "ReturnedToSpot",
    });
  });

  it("is told before a pool's trouble", () => {
    const standing = { spot: { nodes: 3, ready: 1, health: failing("NoCapacity") }, od: { nodes: 0 } };
    // Two on demand beside the one on spot come to 7 USD; with one of them it is 4.
    expect(spreading({ want: 3, standing, budget: 5 })).toEqual({
      pools: { spot: 1, od: 1 },
      reason: "BudgetReached",
      detail: "this step would take the fleet to 7.00 USD an hour; budget.perHour is 5.00 USD; spot 3 → 1, od 0 → 1",
    });
  });
});

describe("an interruption", () => {
  const aks = {
    subscription: "00000000-0000-0000-0000-000000000000",
    resourceGroup: "ml",
    cluster: "prod",
    agentPool: "gpuspot",
  };
  const azure = { name: "azure", capacity: "spot" as const, pricePerHour: 1, aks };

  it.each<[string, Spreading, object, string]>([
    [
      "that is announced asks for the node once more",
      { want: 3, standing: { spot: { nodes: 3, noticed: 1 }, od: { nodes: 0 } } },
      { spot: 4, od: 0 },
      "an interruption takes 1 of spot; spot 3 → 4",
    ],
    [
      "of two pools names both, and not the one it spares",
      {
        want: 5,
        pools: [spotPool("a"), spotPool("b"), spotPool("c")],
        standing: { a: { nodes: 2, noticed: 1, max: 2 }, b: { nodes: 1 }, c: { nodes: 2, noticed: 2 } },
      },
      { a: 2, b: 4, c: 2 },
      "an interruption takes 1 of a, 2 of c; b 1 → 4",
    ],
    [
      "that took nodes off a pool's own count asks for them again",
      { want: 4, pools: [azure], standing: { azure: { nodes: 2, before: 4 } } },
      { azure: 4 },
      "an interruption takes 2 of azure; azure 2 → 4",
    ],
    [
      "counts what it took and what it will take",
      { want: 4, pools: [azure], standing: { azure: { nodes: 3, before: 4, noticed: 1 } } },
      { azure: 5 },
      "an interruption takes 2 of azure; azure 3 → 5",
    ],
    [
      "that needs no replacement changes nothing",
      { want: 2, standing: { spot: { nodes: 3, noticed: 1 }, od: { nodes: 0 } } },
      { spot: 3, od: 0 },
      "an interruption takes 1 of spot; the pools stay as they are",
    ],
    [
      "is told before a pool's trouble and a return to spot",
      {
        want: 3,
        pools: [spotPool("bad"), ...SPOT_FIRST],
        standing: {
          bad: { nodes: 0, health: failing("NoCapacity") },
          spot: { nodes: 1, noticed: 1 },
          od: { nodes: 2 },
        },
      },
      { bad: 0, spot: 4, od: 2 },
      "an interruption takes 1 of spot; spot 1 → 4",
    ],
  ])("%s", (_, given, pools, detail) => {
    expect(spreading(given)).toEqual({ pools, reason: "Interrupted", detail });
  });
});
