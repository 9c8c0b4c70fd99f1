import { describe, expect, test } from "vitest";
import { type PolicyInput, policy as policySchema } from "../../shared/policy/schema/policy.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import { plain, UserError } from "../output.ts";
import { fitList, fitWorkload } from "./fit.ts";
import { parseGpus, parseHeadroom, parseModels } from "./fit-input.ts";
import { memoryText, toText } from "./fit-report.ts";

const GUIDE = "qwen_32b=16Gi,mistral_7b=4Gi,llama3_8b=5Gi";
type Gpu = PolicyInput["workloads"][string]["gpu"];

const workload = (gpu: Gpu, models: PolicyInput["workloads"][string]["models"], max = 3): Workload => {
  const { workloads } = policySchema.parse({
    version: 1,
    fleet: "test",
    workloads: {
      llm: {
        gpu,
        models,
        nodes: { min: 0, max },
        pools: [{ name: "p", capacity: "spot", eks: { region: "eu-central-1", cluster: "c", nodegroup: "n" } }],
      },
    },
  } satisfies PolicyInput);
  if (workloads.llm === undefined) throw new Error("the policy lost its workload");
  return workloads.llm;
};

describe("models and GPUs on the command line", () => {
  test("two cards of 24Gi hold the guide's three models, as a table", () => {
    const report = fitList(GUIDE, "2x24Gi", 0.2);

    expect(toText(report, plain)).toBe(
      [
        "GPU    MEMORY  USED  FREE   MODELS",
        "gpu 0  24Gi    16Gi  33.3%  qwen_32b",
        "gpu 1  24Gi    9Gi   62.5%  llama3_8b, mistral_7b",
        "",
        "fits: 3 models on 2 GPUs, 20% of every GPU kept free (first fit, largest model first)",
      ].join("\n"),
    );
  });

  test("one card of 24Gi does not, and one more would do", () => {
    const report = fitList(GUIDE, "24Gi", 0.2);

    expect(report).toMatchObject({ fits: false, moreGpus: 1, advice: ["needs 1 more GPU of 24Gi"] });
    expect(toText(report, plain)).toContain("does not fit: llama3_8b (5Gi), mistral_7b (4Gi); 20% of every GPU");
  });

  test("a model that fits no GPU is named with what would hold it", () => {
    const { advice } = fitList("huge=40Gi,qwen_32b=16Gi*2", "1x24Gi", 0.2);

    expect(advice).toEqual([
      expect.stringMatching(/^ModelDoesNotFit: huge \(40Gi\) is larger than the 19.2Gi .* GPU of at least 50Gi/),
      "needs 1 more GPU of 24Gi for the other models",
    ]);
  });

  test.each([
    ["a", "is not a model"],
    ["a=", "is not a model"],
    ["=4Gi", "is not a model"],
    ["a=4Gi*x", "is not a model"],
    ["a=4GB", "no amount of VRAM"],
    ["a=0Gi", "no amount of VRAM"],
    ["a=4Gi*0", "asks for no copy"],
    ["a=4Gi,,b=1Gi", "empty entry"],
    ["a=4Gi*1001", "the most is 1000"],
  ])("--models %s is refused", (text, why) => {
    expect(() => parseModels(text)).toThrow(UserError);
    expect(() => parseModels(text)).toThrow(why);
  });

  test.each([
    ["x24Gi", "is no number of GPUs"],
    ["0x24Gi", "is no number of GPUs"],
    ["2x24", "no amount of VRAM"],
    ["2x", "is no number of GPUs"],
    ["24 apples", "no amount of VRAM"],
    ["5000x1Gi", "the most is 4096"],
    ["", "empty entry"],
  ])("--gpus %j is refused", (text, why) => {
    expect(() => parseGpus(text)).toThrow(UserError);
    expect(() => parseGpus(text)).toThrow(why);
  });

  test("GPUs of several kinds stand in the order they are written in, and one needs no count", () => {
    expect(parseGpus("2x24Gi, 40Gi").map((card) => memoryText(card.memory))).toEqual(["24Gi", "24Gi", "40Gi"]);
  });

  test.each(["1", "20", "-0.1", "x", "", "1e-1", "0x1"])("--headroom %j is refused", (text) => {
    expect(() => parseHeadroom(text)).toThrow("is no share");
  });

  test("names may hold what model names hold", () => {
    expect(parseModels(" org/model:v1 = 4Gi *2, b=500Mi")).toEqual([
      { name: "org/model:v1", memory: 4 * 2 ** 30, replicas: 2 },
      { name: "b", memory: 500 * 2 ** 20, replicas: 1 },
    ]);
  });
});

describe("a workload of a policy", () => {
  const A10: Gpu = { model: "A10", perNode: 1, memory: "24Gi" };
  const THREE = [
    { name: "qwen_32b", memory: "16Gi" },
    { name: "mistral_7b", memory: "4Gi" },
    { name: "llama3_8b", memory: "5Gi" },
  ];

  test("fits when it may have the nodes that its models need", () => {
    const report = fitWorkload("llm", workload(A10, THREE), 0.2);

    expect(report).toMatchObject({ fits: true, nodes: { needed: 2, max: 3 } });
    expect(report.advice).toContain("needs 2 nodes of llm, which may have 3");
  });

  test("does not fit when it may not, and says so", () => {
    const report = fitWorkload("llm", workload(A10, THREE, 1), 0.2);

    expect(report).toMatchObject({ fits: false, unplaced: [] });
    expect(report.advice[0]).toBe("needs 2 nodes, and nodes.max of llm is 1; raise it, or take GPUs with more memory");
    expect(toText(report, plain)).toContain("does not fit: 2 nodes are more than 1; 20% of every GPU kept free");
  });

  test("says when a card would hold more models than pods can share it", () => {
    const advice = (gpu: Gpu) => fitWorkload("llm", workload(gpu, THREE), 0.2).advice.slice(1);

    expect(advice(A10)).toEqual([expect.stringMatching(/^node 1 gpu 0 would hold 2 models but offers 1 logical GPU/)]);
    expect(advice({ ...A10, sharing: { timeSlicing: 2 } })).toEqual([]);
    expect(advice({ ...A10, sharing: { mps: 2 } })).toEqual([
      expect.stringMatching(/^qwen_32b \(16Gi\) is larger than one of 2 equal parts/),
    ]);
  });

  test("a model larger than any MIG slice is refused whatever the card holds", () => {
    const sliced: Gpu = { model: "A100", perNode: 1, memory: "40Gi", sharing: { mig: { "1g.5gb": 7 } } };

    expect(fitWorkload("llm", workload(sliced, THREE), 0.2)).toMatchObject({
      fits: false,
      unplaced: [{ name: "qwen_32b" }, { name: "llama3_8b" }, { name: "mistral_7b" }],
    });
  });

  test("without models, or without the card's memory, there is nothing to say", () => {
    expect(() => fitWorkload("llm", workload(A10, []), 0.2)).toThrow("lists no models");
    expect(() => fitWorkload("llm", workload({ model: "L4", perNode: 1 }, THREE), 0.2)).toThrow("add `gpu.memory`");
  });
});

test.each([
  [24_576 * 2 ** 20, "24Gi"],
  [25_000 * 2 ** 20, "24.41Gi"],
  [500 * 2 ** 20, "500Mi"],
  [5e9, "4.66Gi"],
  [0, "0Mi"],
])("%d bytes read %s", (bytes, text) => {
  expect(memoryText(bytes)).toBe(text);
});
