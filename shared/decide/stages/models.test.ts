import { describe, expect, it } from "vitest";
import { decided, settledAt, stageOf } from "../../../test/support/decided.ts";
import { fleetOf, NOON, poolOf, steady } from "../../../test/support/fleet.ts";
import { models as modelsStage } from "./models.ts";
import { contextOf, draftOf } from "./stage.fixture.ts";

const models = (...memory: string[]) => memory.map((each, i) => ({ name: `m${i}`, memory: each }));
/** One card of 40 Gi in each node, of which 32 may be filled. */
const fleet = (memory: string[], more: object = {}) =>
  fleetOf({
    gpu: { model: "A100-40GB", perNode: 1, memory: "40Gi" },
    nodes: { min: 0, max: 6 },
    models: models(...memory),
    ...more,
  });
const sized = (policy: ReturnType<typeof fleetOf>, queue: number, nodes: number) =>
  decided({ policy, signals: { queue: steady(queue, NOON) }, pool: poolOf(nodes), memory: settledAt(nodes) });

describe("models", () => {
  it.each([
    [["30Gi"], 30, 1, 1, "NoRuleMatched"],
    [["30Gi", "30Gi"], 30, 1, 2, "ModelsNeedRoom"],
    [["30Gi", "30Gi", "30Gi"], 0, 3, 3, "ModelsNeedRoom"],
    [["30Gi", "30Gi", "30Gi"], 0, 5, 4, "RuleMatched"],
    [["16Gi", "16Gi"], 0, 2, 1, "RuleMatched"],
  ])("of %o with a queue of %i take %i nodes to %i: %s", (memory, queue, nodes, want, reason) => {
    expect(sized(fleet(memory), queue, nodes).decision).toMatchObject({ want, reason });
  });

  it("let go of all nodes once demand needs none", () => {
    expect(sized(fleet(["30Gi", "30Gi"]), 30, 0).decision.want).toBe(0);
  });

  it("come back to as many nodes as they need", () => {
    const policy = fleet(["30Gi", "30Gi", "30Gi"], { scaleUp: { any: [{ signal: "queue", above: 50 }], add: 1 } });
    expect(sized(policy, 120, 0).decision).toMatchObject({ want: 3, reason: "ModelsNeedRoom" });
  });

  it.each([
    [1, 2, "ModelsNeedRoom"],
    [2, 2, "Unaffected"],
    [3, 3, "Unaffected"],
  ])("that need two nodes turn %i into %i: %s", (nodes, want, reason) => {
    const made = stageOf(sized(fleet(["30Gi", "30Gi"]), 30, nodes), "models");
    expect(made).toMatchObject({ want, reason, detail: "2 models need 2 nodes with the headroom kept" });
  });

  it("say how many nodes they need", () => {
    expect(stageOf(sized(fleet(["30Gi"]), 30, 2), "models").detail).toBe("1 models need 1 node with the headroom kept");
    expect(stageOf(sized(fleet(["30Gi", "30Gi"]), 30, 2), "models").detail).toContain("2 models need 2 nodes");
  });
});

describe("a model that fits no card [F64]", () => {
  const policy = fleet(["30Gi", "39Gi"]);

  it("forbids growing, for more cards do not help", () => {
    const { decision } = sized(policy, 120, 2);
    expect(decision).toMatchObject({ want: 2, reason: "ModelDoesNotFit" });
    expect(decision.detail).toBe("m1 fits no card of this kind with the headroom kept; more nodes would not help");
  });

  it("says so to what comes later, beside what others forbid", () => {
    const packing = { reason: "GuardActive", detail: "guard training" } as const;
    const context = contextOf({ policy, pools: { llm: poolOf(2) } });
    const { draft, detail } = modelsStage(draftOf(3, { blocks: { packing } }), context);
    expect(draft.blocks).toEqual({ packing, scaleUp: { reason: "ModelDoesNotFit", detail } });
  });

  it("lets the size shrink", () => {
    expect(sized(policy, 0, 3).decision).toMatchObject({ want: 2, reason: "RuleMatched" });
  });
});

describe("without what it takes to place models", () => {
  it.each([
    [
      "no memory of a card",
      fleet(["30Gi", "30Gi"], { gpu: { model: "A100-40GB", perNode: 1 } }),
      "gpu.memory is not stated",
    ],
    ["no models", fleet([]), "the policy lists no models"],
  ])("%s leaves the size to demand", (_, policy, text) => {
    const made = sized(policy, 120, 1);
    expect(made.decision).toMatchObject({ want: 3, reason: "RuleMatched" });
    expect(stageOf(made, "models")).toMatchObject({ reason: "Unaffected" });
    expect(stageOf(made, "models").detail).toContain(text);
  });
});
