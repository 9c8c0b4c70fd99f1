import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ModelSize } from "./models.ts";
import { type Placement, type PlacementRequest, placeModels } from "./place-models.ts";

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const QWEN = { name: "qwen_32b", memory: 16 * GIB };
const MISTRAL = { name: "mistral_7b", memory: 4 * GIB };
const LLAMA = { name: "llama3_8b", memory: 5 * GIB };
const THREE = [QWEN, MISTRAL, LLAMA];
const cards = (...gibibytes: number[]) => gibibytes.map((size) => ({ memory: size * GIB }));
const namesOf = (placement: Placement) => placement.cards.map((card) => card.models.map((model) => model.name));

describe("the operations guide's models", () => {
  test.each([0.2, 0])(
    "25,000 MB do not fit a 24,576 MB card with %d headroom, whatever the guide prints",
    (headroom) => {
      const models = [
        { name: "qwen_32b", memory: 16_000 * MIB },
        { name: "mistral_7b", memory: 4_000 * MIB },
        { name: "llama3_8b", memory: 5_000 * MIB },
      ];

      const placement = placeModels({ models, gpus: [{ memory: 24_576 * MIB }], headroom });

      expect(placement).toMatchObject({ fits: false, certain: true, moreCards: 1 });
    },
  );

  test("one card of 24Gi is not enough, and one more would be", () => {
    const placement = placeModels({ models: THREE, gpus: cards(24), headroom: 0.2 });

    expect(placement).toMatchObject({ fits: false, certain: true, moreCards: 1 });
    expect(placement.unplaced.map((model) => model.reason)).toEqual(["NotEnoughCards", "NotEnoughCards"]);
  });

  test("two cards of 24Gi hold Qwen, and Mistral beside Llama", () => {
    const placement = placeModels({ models: THREE, gpus: cards(24, 24), headroom: 0.2 });

    expect(placement).toMatchObject({ fits: true, method: "firstFit", moreCards: 0, unplaced: [] });
    expect(namesOf(placement)).toEqual([["qwen_32b"], ["llama3_8b", "mistral_7b"]]);
    expect(placement.cards.map((card) => Math.round(card.free * 100))).toEqual([33, 63]);
  });

  test("one card of 40Gi holds all three with 37 % free", () => {
    const placement = placeModels({ models: THREE, gpus: cards(40), headroom: 0.2 });

    expect(namesOf(placement)).toEqual([["qwen_32b", "llama3_8b", "mistral_7b"]]);
    expect(placement.cards[0]).toMatchObject({ used: 25 * GIB, free: 0.375 });
  });
});

test("a model that fits no card even alone is told apart from one that needs another card [F64]", () => {
  const placement = placeModels({
    models: [
      { name: "huge", memory: 20 * GIB },
      { ...QWEN, replicas: 2 },
    ],
    gpus: cards(24),
    headroom: 0.2,
  });

  expect(placement.unplaced).toEqual([
    { name: "huge", memory: 20 * GIB, reason: "ModelDoesNotFit" },
    { ...QWEN, reason: "NotEnoughCards" },
  ]);
  expect(placement).toMatchObject({ fits: false, moreCards: 1 });
});

test("a model that fills exactly what the headroom leaves fits", () => {
  const fitting = (memory: number, headroom: number) =>
    placeModels({ models: [{ name: "m", memory }], gpus: [{ memory: 10 * GIB }], headroom }).fits;

  expect(fitting(1 * GIB, 0.9)).toBe(true);
  expect(fitting(8 * GIB, 0.2)).toBe(true);
  expect(fitting(8 * GIB + 1, 0.2)).toBe(false);
});

test("GPUs may be given as so many alike per node, and none is a number of nodes too", () => {
  const gpus = { perNode: 2, memory: 24 * GIB, nodes: 2 };

  const placement = placeModels({ models: THREE, gpus, headroom: 0.2 });

  expect(placement.cards.map((card) => card.label)).toEqual([
    "node 0 gpu 0",
    "node 0 gpu 1",
    "node 1 gpu 0",
    "node 1 gpu 1",
  ]);
  expect(placeModels({ models: THREE, gpus: { ...gpus, nodes: 0 }, headroom: 0.2 }).moreCards).toBe(2);
});

test("what first-fit misses, the exact search finds", () => {
  const models = [4, 4, 3, 3, 3, 3].map((memory, index) => ({ name: `m${index}`, memory }));

  const placement = placeModels({ models, gpus: [{ memory: 10 }, { memory: 10 }], headroom: 0 });

  expect(placement).toMatchObject({ fits: true, method: "exact" });
  expect(placement.cards.map((card) => card.used)).toEqual([10, 10]);
});

test("too many combinations to consider: the refusal says that it is not certain", () => {
  const models = Array.from({ length: 40 }, (_, index) => ({ name: `m${index}`, memory: 1000 + index }));

  const placement = placeModels({ models, gpus: [{ memory: 40_000 }], headroom: 0 });

  expect(placement).toMatchObject({ fits: false, method: "firstFit", certain: false });
  const huge = { name: "huge", memory: 50_000 }; // beside it, the number of further cards is as uncertain
  expect(placeModels({ models: [...models, huge], gpus: [{ memory: 40_000 }], headroom: 0 }).certain).toBe(false);
});

test.each([-0.1, 1, Number.NaN])("a headroom of %d is refused", (headroom) => {
  expect(() => placeModels({ models: THREE, gpus: cards(24), headroom })).toThrow(/headroom is .*0 to below 1/);
});

test("no cards at all are refused", () => {
  expect(() => placeModels({ models: THREE, gpus: [], headroom: 0 })).toThrow("no GPUs");
});

describe("for any models and cards", () => {
  const models = fc.array(
    fc.record({ name: fc.constantFrom("a", "b", "c", "d"), memory: fc.integer({ min: 0, max: 30 }) }),
    { maxLength: 8 },
  );
  const tens = fc.constantFrom(10, 20, 30, 40); // tenths of them are whole bytes
  const gpus = fc.array(fc.record({ memory: tens }), { minLength: 1, maxLength: 5 });
  const headroom = fc.integer({ min: 0, max: 9 }).map((tenths) => tenths / 10);
  const request: fc.Arbitrary<PlacementRequest> = fc.record({ models, gpus, headroom });

  test("no card is over its limit, and every model is placed or refused exactly once", () => {
    fc.assert(
      fc.property(request, (given) => {
        const placement = placeModels(given);
        for (const card of placement.cards)
          expect(card.used).toBeLessThanOrEqual(Math.round(card.memory * (1 - given.headroom)));
        const seen = [...placement.cards.flatMap((card) => card.models), ...placement.unplaced];
        expect(seen.map(describeModel).toSorted()).toEqual(given.models.map(describeModel).toSorted());
        expect(placement.fits).toBe(placement.unplaced.length === 0);
      }),
    );
  });

  test("a refusal is never false: trying every placement agrees", () => {
    fc.assert(
      fc.property(request, (given) => {
        expect(placeModels(given).fits).toBe(bruteForceFits(given));
      }),
    );
  });

  test("one more card never makes it worse, and more headroom never fits more", () => {
    fc.assert(
      fc.property(request, tens, (given, memory) => {
        const { fits, unplaced } = placeModels(given);
        const more = placeModels({ ...given, gpus: [...listOf(given), { memory }] });
        const tighter = placeModels({ ...given, headroom: Math.min(0.9, given.headroom + 0.3) });
        expect(Number(more.fits)).toBeGreaterThanOrEqual(Number(fits));
        expect(neverFitting(more)).toBeLessThanOrEqual(neverFitting({ unplaced }));
        expect(Number(tighter.fits)).toBeLessThanOrEqual(Number(fits));
      }),
    );
  });

  test("as many further cards as it names make everything fit that fits a card", () => {
    fc.assert(
      fc.property(request, (given) => {
        const { moreCards, unplaced } = placeModels(given);
        const list = listOf(given);
        const like = { memory: Math.max(...list.map((card) => card.memory)) };
        const withMore = (count: number) => placeModels({ ...given, gpus: [...list, ...Array(count).fill(like)] });
        expect(withMore(moreCards).unplaced).toHaveLength(neverFitting({ unplaced }));
        if (moreCards > 0) expect(withMore(moreCards - 1).moreCards).toBe(1);
      }),
    );
  });

  test("the order of models and cards changes nothing", () => {
    fc.assert(
      fc.property(request, fc.infiniteStream(fc.nat()), (given, random) => {
        const contents = (placement: Placement) =>
          placement.cards.map((card) => `${card.memory}: ${card.models.map(describeModel)}`).toSorted();
        const shuffled = placeModels({
          ...given,
          models: shuffle(given.models, random),
          gpus: shuffle(listOf(given), random),
        });
        expect(contents(shuffled)).toEqual(contents(placeModels(given)));
      }),
    );
  });

  const listOf = ({ gpus }: PlacementRequest) => ("perNode" in gpus ? [] : gpus);
  const describeModel = ({ name, memory }: ModelSize) => `${name}=${memory}`;
  const neverFitting = ({ unplaced }: Pick<Placement, "unplaced">) =>
    unplaced.filter((model) => model.reason === "ModelDoesNotFit").length;
  const shuffle = <T>(items: readonly T[], random: Iterator<number>): T[] =>
    items
      .map((item) => ({ item, key: random.next().value }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ item }) => item);

  function bruteForceFits({ models, headroom, ...rest }: PlacementRequest): boolean {
    const room = listOf({ models, headroom, ...rest }).map((card) => Math.round(card.memory - card.memory * headroom));
    const place = (next: number): boolean => {
      const model = models[next];
      if (model === undefined) return true;
      return room.some((left, card) => {
        if (model.memory > left) return false;
        room[card] = left - model.memory;
        const placed = place(next + 1);
        room[card] = left;
        return placed;
      });
    };
    return place(0);
  }
});
