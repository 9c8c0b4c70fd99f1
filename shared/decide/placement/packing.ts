import type { Bytes } from "../../policy/units.ts";
import { fewestCards } from "./exact.ts";
import { EXACT_STATES } from "./limits.ts";

/** How a placement was found. */
export const METHODS = {
  firstFit: "first fit, largest model first",
  exact: "every combination was considered",
} as const;
export type Method = keyof typeof METHODS;

export interface Packing {
  /** For each model, the position of its card. */
  readonly cardOf: readonly number[];
  /** How many cards, counted from the front of the list, it takes. */
  readonly cards: number;
  readonly method: Method;
}

/**
 * Places models on the fewest cards, counted from the front of the list.
 *
 * First-fit-decreasing comes first: it is quick and its result is easy to follow. It is not always the best, so where it
 * takes more than `enough` cards the exact search has the last word, unless there are more than EXACT_STATES
 * combinations to consider.
 *
 * @param sizes bytes, largest first
 * @param usable bytes that models may use on each card; the list must be long enough for first-fit to place everything
 * @param enough as many cards are as good as fewer
 */
export function pack(sizes: readonly Bytes[], usable: readonly Bytes[], enough: number): Packing {
  const quick = packing(firstFit(sizes, usable), "firstFit");
  const exact = quick.cards > enough && isExact(sizes) ? fewestCards(sizes, usable) : null;
  return exact === null ? quick : packing(exact, "exact");
}

/** Whether there are few enough combinations of these models for the exact search. */
export function isExact(sizes: readonly Bytes[]): boolean {
  const counts = new Map<Bytes, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  return [...counts.values()].reduce((product, count) => product * (count + 1), 1) <= EXACT_STATES;
}

const packing = (cardOf: readonly number[], method: Method): Packing => ({
  cardOf,
  cards: 1 + cardOf.reduce((last, card) => Math.max(last, card), -1),
  method,
});

/** Each model on the first card with room. */
function firstFit(sizes: readonly Bytes[], usable: readonly Bytes[]): readonly number[] {
  const room = [...usable];
  return sizes.map((size) => {
    const card = room.findIndex((left) => size <= left);
    if (card === -1) throw new RangeError(`No card has room for a model of ${size} bytes; add cards to the list.`);
    room[card] = (room[card] ?? 0) - size;
    return card;
  });
}
