import type { Reason } from "../../model/reasons.ts";
import type { Bytes } from "../../policy/units.ts";
import { type CardUse, usesOf } from "./card-use.ts";
import type { Card } from "./gpu-counts.ts";
import { copiesOf, type ModelSize, type PlacedModel, usableMemory } from "./models.ts";
import { isExact, type Method, pack } from "./packing.ts";

export interface PlacementRequest {
  readonly models: readonly ModelSize[];
  /** Physical cards (or MIG slices), each by itself or as so many alike per node. */
  readonly gpus:
    | readonly { readonly memory: Bytes; readonly label?: string }[]
    | { readonly perNode: number; readonly memory: Bytes; readonly nodes: number };
  /** Share of every card to keep free, 0 to 1. */
  readonly headroom: number;
}

export interface UnplacedModel extends PlacedModel {
  /** `ModelDoesNotFit`: larger than any card with nothing on it, so more cards never help. */
  readonly reason: Extract<Reason, "ModelDoesNotFit"> | "NotEnoughCards";
}

export interface Placement {
  readonly fits: boolean;
  readonly method: Method;
  /** False only where first-fit asks for more cards and the models were too many to consider every combination. */
  readonly certain: boolean;
  /** In the order they were given in. */
  readonly cards: readonly CardUse[];
  readonly unplaced: readonly UnplacedModel[];
  /** Further cards, each like the largest given, that the models which do fit a card need. The fewest, if `certain`. */
  readonly moreCards: number;
}

/**
 * Places whole models on physical GPUs, several to a card, keeping `headroom` free on each. The result does not depend on
 * the order of the input: the largest model goes first, on the largest card with room.
 *
 * @throws RangeError if there are no cards, or the headroom is not a share
 */
export function placeModels({ models, gpus, headroom }: PlacementRequest): Placement {
  const { given, like } = cardsOf(gpus);
  const limit = usableMemory(like, headroom);
  const copies = copiesOf(models);
  const tooLarge = copies.filter((copy) => copy.memory > limit);
  const placeable = copies.filter((copy) => copy.memory <= limit);

  const order = [...given.keys()].toSorted((a, b) => (given[b]?.memory ?? 0) - (given[a]?.memory ?? 0));
  const usable = [
    ...order.map((card) => usableMemory(given[card]?.memory ?? 0, headroom)),
    ...placeable.map(() => limit), // one further card for each model: always enough
  ];
  const sizes = placeable.map((copy) => copy.memory);
  const packing = pack(sizes, usable, given.length);
  const moreCards = Math.max(0, packing.cards - given.length);
  return {
    fits: tooLarge.length === 0 && moreCards === 0,
    method: packing.method,
    certain: moreCards === 0 || isExact(sizes),
    cards: usesOf(
      given,
      placeable,
      packing.cardOf.map((position) => order[position]),
    ),
    unplaced: [
      ...tooLarge.map((copy) => ({ ...copy, reason: "ModelDoesNotFit" as const })),
      ...placeable
        .filter((_, index) => (packing.cardOf[index] ?? 0) >= given.length)
        .map((copy) => ({ ...copy, reason: "NotEnoughCards" as const })),
    ],
    moreCards,
  };
}

/** The cards given, and the memory that a further one would have. */
function cardsOf(gpus: PlacementRequest["gpus"]): { given: readonly Card[]; like: Bytes } {
  if ("perNode" in gpus) {
    const { perNode, memory, nodes } = gpus;
    const labelOf = (index: number) => `node ${Math.floor(index / perNode)} gpu ${index % perNode}`;
    const given = Array.from({ length: perNode * nodes }, (_, index) => ({ memory, label: labelOf(index) }));
    return { given, like: memory };
  }
  if (gpus.length === 0) throw new RangeError("There are no GPUs to place models on; give at least one card.");
  const given = gpus.map(({ memory, label }, index) => ({ memory, label: label ?? `gpu ${index}` }));
  return { given, like: Math.max(...given.map((card) => card.memory)) };
}
