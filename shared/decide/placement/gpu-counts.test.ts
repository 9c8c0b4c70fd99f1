import { expect, test } from "vitest";
import type { Gpu } from "../../policy/schema/workload.ts";
import { cardsOfNode, gpuCounts, migMemory } from "./gpu-counts.ts";

const GIB = 2 ** 30;
const A100: Gpu = { model: "A100-40GB", perNode: 8, memory: 40 * GIB };
const T4: Gpu = { model: "T4", perNode: 1, memory: 16 * GIB };

test.each<[string, Gpu, number, number, number]>([
  ["whole cards", A100, 3, 24, 24],
  ["time-slicing", { ...T4, sharing: { timeSlicing: 2 } }, 5, 5, 10],
  ["MPS", { ...T4, sharing: { mps: 4 } }, 2, 2, 8],
  ["MIG", { ...A100, sharing: { mig: { "1g.5gb": 3, "3g.20gb": 1 } } }, 2, 16, 64],
  ["no nodes", A100, 0, 0, 0],
])("%s: physical and logical GPUs [F63]", (_, gpu, nodes, physical, logical) => {
  expect(gpuCounts(gpu, nodes)).toEqual({ physical, logical });
});

test("MIG slices are cards of their own, the largest first", () => {
  const cards = cardsOfNode({ ...A100, perNode: 1, sharing: { mig: { "1g.5gb": 2, "3g.20gb": 1 } } }, 4);

  expect(cards).toEqual([
    { memory: 20e9, label: "node 4 gpu 0 3g.20gb" },
    { memory: 5e9, label: "node 4 gpu 0 1g.5gb" },
    { memory: 5e9, label: "node 4 gpu 0 1g.5gb" },
  ]);
});

test.each<[string, Gpu["sharing"]]>([
  ["time-slicing", { timeSlicing: 4 }],
  ["MPS", { mps: 4 }],
])("%s adds no VRAM: the node keeps its one card [F63]", (_, sharing) => {
  expect(cardsOfNode({ ...T4, sharing }, 0)).toEqual([{ memory: 16 * GIB, label: "node 0 gpu 0" }]);
});

test("the cards of a policy that does not say their memory are unknown, unless MIG says it", () => {
  expect(cardsOfNode({ model: "L4", perNode: 2 }, 0)).toBeNull();
  expect(cardsOfNode({ model: "A30", perNode: 1, sharing: { mig: { "4g.24gb": 1 } } }, 0)).toHaveLength(1);
});

test("a MIG profile gives decimal gigabytes", () => {
  expect(migMemory("1g.5gb")).toBe(5e9);
  expect(migMemory("7g.80gb")).toBe(80e9);
  expect(migMemory("5gb")).toBeNaN();
});
