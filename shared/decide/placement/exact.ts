import type { Bytes } from "../../policy/units.ts";

interface Kind {
  readonly size: Bytes;
  readonly count: number;
  /** Position of the first model of this size. */
  readonly first: number;
  /** What one more placed model of this size adds to the number of a combination. */
  readonly stride: number;
}

/**
 * Places models on the fewest cards, counted from the front of the list: for each model the position of its card, or
 * null if no placement exists.
 *
 * Dynamic programming over combinations of placed models, models of one size being interchangeable. Of the ways to place
 * a combination only the best is kept: the one that reaches the earliest card, and fills it least. No other can lead
 * further, because a card not yet reached is empty. This is the bin-packing recurrence over subsets (Held and Karp's
 * scheme), which holds for cards of different sizes as long as they are taken in one fixed order.
 *
 * @param sizes bytes, models of one size together
 * @param usable bytes that models may use on each card
 */
export function fewestCards(sizes: readonly Bytes[], usable: readonly Bytes[]): readonly number[] | null {
  const kinds = kindsOf(sizes);
  const nextWithRoom = kinds.map((kind) => nextCardWithRoom(kind.size, usable));
  const combinations = kinds.reduce((product, kind) => product * (kind.count + 1), 1);
  const cards = new Int32Array(combinations).fill(usable.length);
  const fills = new Float64Array(combinations);
  const lastKind = new Int32Array(combinations);
  cards[0] = 0;

  for (let from = 0; from < combinations; from++) {
    const card = cards[from] ?? usable.length;
    const fill = fills[from] ?? 0;
    if (from > 0 && card === usable.length) continue;
    kinds.forEach((kind, index) => {
      if (placed(kind, from) === kind.count) return;
      const stays = fill + kind.size <= (usable[card] ?? -1);
      const nextCard = stays ? card : (nextWithRoom[index]?.[card + 1] ?? usable.length);
      const nextFill = stays ? fill + kind.size : kind.size;
      const to = from + kind.stride;
      const best = cards[to] ?? 0;
      if (nextCard > best || (nextCard === best && nextFill >= (fills[to] ?? 0))) return;
      cards[to] = nextCard;
      fills[to] = nextFill;
      lastKind[to] = index;
    });
  }
  return retrace(kinds, cards, lastKind, usable.length);
}

/** The cards of all models, read backwards from the full combination. */
function retrace(kinds: readonly Kind[], cards: Int32Array, lastKind: Int32Array, none: number) {
  const cardOf: number[] = [];
  let combination = cards.length - 1;
  while (combination > 0) {
    const card = cards[combination] ?? none;
    const kind = kinds[lastKind[combination] ?? 0];
    if (card === none || kind === undefined) return null;
    cardOf[kind.first + placed(kind, combination) - 1] = card;
    combination -= kind.stride;
  }
  return cardOf;
}

/** How many models of a kind a combination has placed. */
const placed = (kind: Kind, combination: number) => Math.floor(combination / kind.stride) % (kind.count + 1);

function kindsOf(sizes: readonly Bytes[]): readonly Kind[] {
  const kinds: Kind[] = [];
  let stride = 1;
  for (const [first, size] of sizes.entries()) {
    if (size === sizes[first - 1]) continue;
    const end = sizes.findIndex((other, index) => index > first && other !== size);
    const count = (end === -1 ? sizes.length : end) - first;
    kinds.push({ size, count, first, stride });
    stride *= count + 1;
  }
  return kinds;
}

/** For each position, the first card from there on that could hold the model if it were empty. */
function nextCardWithRoom(size: Bytes, usable: readonly Bytes[]): Int32Array {
  const next = new Int32Array(usable.length + 1).fill(usable.length);
  for (let card = usable.length - 1; card >= 0; card--)
    next[card] = size <= (usable[card] ?? 0) ? card : (next[card + 1] ?? usable.length);
  return next;
}
