import type { Bytes } from "../../policy/units.ts";
import type { Card } from "./gpu-counts.ts";
import type { PlacedModel } from "./models.ts";

/** What one card holds. */
export interface CardUse {
  readonly label: string;
  readonly memory: Bytes;
  readonly models: readonly PlacedModel[];
  readonly used: Bytes;
  /** Share of the card that stays free, 0 to 1. */
  readonly free: number;
}

/** What each card holds when the model at each position is on the card at `cardOf` that position. */
export function usesOf(
  cards: readonly Card[],
  models: readonly PlacedModel[],
  cardOf: readonly (number | undefined)[],
): readonly CardUse[] {
  return cards.map(({ label, memory }, card) => {
    const here = models.filter((_, index) => cardOf[index] === card);
    const used = here.reduce((sum, model) => sum + model.memory, 0);
    return { label, memory, models: here, used, free: memory === 0 ? 0 : 1 - used / memory };
  });
}
