import { type Row, table } from "./lint.fixture.ts";

table("GPUs", [
  ...["A2", "T4", "nvidia-tesla-v100", "P100", "NVIDIA A10G", "L4", "RTX 4090"].map(
    (model): Row => [
      `MIG on ${model}`,
      ["model: A100-40GB", `model: ${model}`],
      [`error workloads.llm.gpu.sharing.mig: the ${model} has no MIG`],
    ],
  ),
  ...["H100", "A30", "RTX PRO 6000"].map(
    (model): Row => [`MIG on ${model}`, ["model: A100-40GB", `model: ${model}`], []],
  ),
  [
    "more slices than a GPU has",
    ["1g.5gb: 7", "1g.5gb: 4, 4g.20gb: 1"],
    ["error workloads.llm.gpu.sharing.mig: these profiles take 8 slices"],
  ],
  [
    "models without the card's memory",
    ["memory: 40Gi, ", ""],
    ["error workloads.llm.models: there are models, but `gpu.memory` is not given"],
  ],
  [
    "a model larger than a card offers",
    ["small, memory: 4Gi", "large, memory: 33Gi"],
    ["warning workloads.llm.models[0].memory: `large` takes 33Gi, and one GPU offers 32Gi"],
  ],
]);
