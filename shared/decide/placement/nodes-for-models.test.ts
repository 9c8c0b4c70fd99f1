import fc from "fast-check";
import { expect, test } from "vitest";
import type { Gpu } from "../../policy/schema/workload.ts";
import { nodesForModels } from "./nodes-for-models.ts";
import { placeModels } from "./place-models.ts";

const GIB = 2 ** 30;
const THREE = [
  { name: "qwen_32b", memory: 16 * GIB },
  { name: "mistral_7b", memory: 4 * GIB },
  { name: "llama3_8b", memory: 5 * GIB },
];
const gpu = (perNode: number, gibibytes: number, sharing?: Gpu["sharing"]): Gpu => ({
  model: "test",
  perNode,
  memory: gibibytes * GIB,
  sharing,
});

test.each<[string, Gpu, number]>([
  ["one 24Gi card per node", gpu(1, 24), 2],
  ["two 24Gi cards per node", gpu(2, 24), 1],
  ["one 40Gi card per node", gpu(1, 40), 1],
  ["time-slicing, which adds no VRAM", gpu(1, 24, { timeSlicing: 4 }), 2],
  ["MPS, which adds no VRAM", gpu(1, 24, { mps: 4 }), 2],
])("three models on %s", (_, kind, nodes) => {
  expect(nodesForModels(THREE, kind)).toMatchObject({ kind: "nodes", nodes, method: "firstFit", certain: true });
});

test("a MIG slice is a wall: a model larger than the largest slice fits nowhere, though the card could hold it", () => {
  const sliced = gpu(1, 80, { mig: { "3g.40gb": 2 } });

  expect(nodesForModels([{ name: "big", memory: 48 * GIB }], gpu(1, 80))).toMatchObject({ kind: "nodes", nodes: 1 });
  expect(nodesForModels([{ name: "big", memory: 48 * GIB }], sliced)).toMatchObject({
    kind: "doesNotFit",
    models: [{ name: "big" }],
    largestCard: 40e9,
    nodes: 0,
  });
});

test("nodes with slices of several sizes are counted whole", () => {
  const sliced = gpu(1, 40, { mig: { "3g.20gb": 1, "1g.5gb": 2 } });
  const models = [
    { name: "large", memory: 15e9, replicas: 3 },
    { name: "small", memory: 4e9, replicas: 6 },
  ];

  expect(nodesForModels(models, sliced)).toMatchObject({ kind: "nodes", nodes: 3 });
});

test("the others' floor stands beside a model that fits no card [F64]", () => {
  const result = nodesForModels([...THREE, { name: "huge", memory: 70 * GIB }], gpu(1, 24));

  expect(result).toMatchObject({
    kind: "doesNotFit",
    models: [{ name: "huge", memory: 70 * GIB }],
    largestCard: 24 * GIB,
    nodes: 2,
  });
});

test("it says which card holds what", () => {
  const result = nodesForModels(THREE, gpu(1, 24));

  expect(result).toMatchObject({
    cards: [
      { label: "node 0 gpu 0", used: 16 * GIB, models: [{ name: "qwen_32b" }] },
      { label: "node 1 gpu 0", used: 9 * GIB, free: 0.625, models: [{ name: "llama3_8b" }, { name: "mistral_7b" }] },
    ],
  });
});

test("a floor that first-fit alone found is not claimed to be the lowest", () => {
  const models = Array.from({ length: 40 }, (_, index) => ({ name: `m${index}`, memory: (51 + index / 9) * 2 ** 20 }));

  expect(nodesForModels(models, { model: "small", perNode: 1, memory: 100 * 2 ** 20 }, 0)).toMatchObject({
    kind: "nodes",
    nodes: 40,
    method: "firstFit",
    certain: false,
  });
});

test("no models need no nodes", () => {
  expect(nodesForModels([], gpu(8, 40))).toMatchObject({ kind: "nodes", nodes: 0 });
});

test("without the cards' memory nothing is claimed", () => {
  expect(nodesForModels(THREE, { model: "L4", perNode: 1 })).toEqual({ kind: "memoryUnknown" });
});

test("the floor is enough, and one node fewer is not", () => {
  const models = fc.array(fc.record({ name: fc.constant("m"), memory: fc.integer({ min: 1, max: 8 * GIB }) }), {
    minLength: 1,
    maxLength: 10,
  });
  fc.assert(
    fc.property(models, fc.integer({ min: 1, max: 4 }), (sizes, perNode) => {
      const result = nodesForModels(sizes, gpu(perNode, 10), 0.2);
      const fits = (nodes: number) =>
        placeModels({ models: sizes, gpus: { perNode, memory: 10 * GIB, nodes }, headroom: 0.2 }).fits;

      expect(result.kind).toBe("nodes");
      if (result.kind !== "nodes") return;
      expect(fits(result.nodes)).toBe(true);
      expect(fits(result.nodes - 1)).toBe(false);
    }),
  );
});
