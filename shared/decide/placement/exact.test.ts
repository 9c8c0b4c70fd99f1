import fc from "fast-check";
import { expect, test } from "vitest";
import { fewestCards } from "./exact.ts";

test("a small card is kept for the model that fits it, when that saves a card", () => {
  expect(fewestCards([7, 5, 4, 4], [8, 13])).toEqual(expect.arrayContaining([0, 1]));
  expect(fewestCards([9, 3], [8, 13])).toEqual([1, 0]);
});

test("no placement is null, and no models need no card", () => {
  expect(fewestCards([5, 5, 5], [9, 9])).toBeNull();
  expect(fewestCards([5], [])).toBeNull();
  expect(fewestCards([], [9])).toEqual([]);
});

test("it takes as few cards from the front as any placement can, and overfills none", () => {
  const sizes = fc
    .array(fc.integer({ min: 1, max: 9 }), { maxLength: 7 })
    .map((list) => list.toSorted((a, b) => b - a));
  const usable = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 5 });
  fc.assert(
    fc.property(sizes, usable, (models, cards) => {
      const cardOf = fewestCards(models, cards);

      expect(cardOf === null ? null : 1 + Math.max(-1, ...cardOf)).toBe(bruteForce(models, cards));
      for (const [card, room] of cards.entries()) {
        const used = models.filter((_, index) => cardOf?.[index] === card).reduce((sum, size) => sum + size, 0);
        expect(used).toBeLessThanOrEqual(room);
      }
    }),
    { numRuns: 300 },
  );
});

/** The shortest prefix of the cards that holds the models, by trying everything. */
function bruteForce(sizes: readonly number[], usable: readonly number[]): number | null {
  const fits = (next: number, room: readonly number[]): boolean => {
    const size = sizes[next];
    if (size === undefined) return true;
    return room.some((left, card) => size <= left && fits(next + 1, room.with(card, left - size)));
  };
  const prefixes = [...Array(usable.length + 1).keys()];
  return prefixes.find((count) => fits(0, usable.slice(0, count))) ?? null;
}
