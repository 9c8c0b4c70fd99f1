import { DEFAULT_HEADROOM } from "../../policy/limits.ts";
import type { Gpu } from "../../policy/schema/workload.ts";
import type { Bytes } from "../../policy/units.ts";
import { type CardUse, usesOf } from "./card-use.ts";
import { type Card, cardsOfNode } from "./gpu-counts.ts";
import { copiesOf, type ModelSize, type PlacedModel, usableMemory } from "./models.ts";
import { isExact, type Method, pack } from "./packing.ts";

/** Nodes on which models can be placed, and how. */
export interface NodesFloor {
  readonly nodes: number;
  readonly method: Method;
  /** Whether no fewer nodes would do. */
  readonly certain: boolean;
  /** What the cards that hold models hold, node by node. */
  readonly cards: readonly CardUse[];
}

export type NodesForModels =
  /** So many nodes hold every model. */
  | ({ readonly kind: "nodes" } & NodesFloor)
  /** `models` fit no card even alone, so nodes never help them. The floor is that of the others. */
  | ({
      readonly kind: "doesNotFit";
      readonly models: readonly PlacedModel[];
      readonly largestCard: Bytes;
    } & NodesFloor)
  /** The policy says neither how much VRAM a card has nor how MIG cuts it. */
  | { readonly kind: "memoryUnknown" };

/**
 * Nodes that place every model of a workload on physical GPUs (or MIG slices), keeping `headroom` of each free.
 * Time-slicing and MPS change nothing here: they add no VRAM.
 */
export function nodesForModels(models: readonly ModelSize[], gpu: Gpu, headroom = DEFAULT_HEADROOM): NodesForModels {
  const cards = cardsOfNode(gpu, 0);
  const largest = cards?.[0];
  if (cards === null || largest === undefined) return { kind: "memoryUnknown" };

  const limit = usableMemory(largest.memory, headroom);
  const copies = copiesOf(models);
  const tooLarge = copies.filter((copy) => copy.memory > limit);
  const floor = floorFor(
    copies.filter((copy) => copy.memory <= limit),
    (node) => cardsOfNode(gpu, node) ?? [],
    headroom,
  );
  if (tooLarge.length === 0) return { kind: "nodes", ...floor };
  return { kind: "doesNotFit", models: tooLarge, largestCard: largest.memory, ...floor };
}

/** The fewest nodes that hold these models, each of which fits the largest card. */
function floorFor(
  models: readonly PlacedModel[],
  cardsOf: (node: number) => readonly Card[],
  headroom: number,
): NodesFloor {
  const sizes = models.map((model) => model.memory);
  // Never more nodes than models; nor, in one node, more cards than models, and the largest stand first.
  const perNode = Math.min(cardsOf(0).length, models.length);
  const cards = models.flatMap((_, node) => cardsOf(node).slice(0, perNode));
  const usable = cards.map((card) => usableMemory(card.memory, headroom));
  // No placement takes fewer nodes than the models' memory together does.
  const least = Math.ceil(total(sizes) / Math.max(1, total(usable.slice(0, perNode))));

  const packing = pack(sizes, usable, least * perNode);
  const nodes = Math.ceil(packing.cards / Math.max(1, perNode));
  return {
    nodes,
    method: packing.method,
    certain: nodes <= least || isExact(sizes),
    cards: usesOf(cards, models, packing.cardOf).filter((use) => use.models.length > 0),
  };
}

const total = (sizes: readonly Bytes[]) => sizes.reduce((sum, size) => sum + size, 0);
