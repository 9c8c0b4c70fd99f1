import { describe, expect, it } from "vitest";
import type { PoolSize } from "../size.ts";
import { onDemandPool, spotPool } from "./pools.fixture.ts";
import { sizeWith, UNSEEN } from "./sizes.fixture.ts";
import { fillingOrder, idealSplit } from "./split.ts";

const zoned = (name: string, pricePerHour: number): PoolSize => sizeWith(spotPool(name, { pricePerHour, zone: name }));
const plain = (name: string, pricePerHour: number): PoolSize => sizeWith(spotPool(name, { pricePerHour }));

describe("pools are filled", () => {
  it.each<[string, readonly PoolSize[], string]>([
    ["from the cheapest zone", [zoned("a", 3), zoned("b", 1), zoned("c", 2)], "b c a"],
    ["as listed, where zones cost the same", [zoned("c", 1), zoned("a", 1), zoned("b", 1)], "c a b"],
    ["as listed, where the first has no zone", [plain("a", 3), zoned("b", 1)], "a b"],
    ["as listed, where the second has no zone", [zoned("a", 3), plain("b", 1)], "a b"],
    [
      "as listed, where the capacity type differs",
      [zoned("a", 3), sizeWith(onDemandPool("od", { pricePerHour: 1, zone: "b" }))],
      "a od",
    ],
    ["zone by zone, but not across what stands between", [zoned("a", 3), plain("p", 2), zoned("b", 1)], "a p b"],
    [
      "with zones that have no price last",
      [sizeWith({ ...spotPool("a", { zone: "a" }), pricePerHour: undefined }), zoned("b", 9)],
      "b a",
    ],
  ])("%s", (_how, pools, order) => {
    expect(
      fillingOrder(pools)
        .map((p) => p.pool.name)
        .join(" "),
    ).toBe(order);
  });
});

describe("the ideal split", () => {
  const spot = sizeWith(spotPool("spot"));
  const od = sizeWith(onDemandPool("od"));
  const second = sizeWith(onDemandPool("second"));
  const inTwos = sizeWith(spotPool("twos"), { step: 2 });
  const unseen = sizeWith(spotPool("unseen"), { desired: 2, unseen: UNSEEN });

  it.each<
    [
      string,
      { pools: readonly PoolSize[]; caps?: Record<string, number>; want: number; ceiling?: number; base?: number },
      Record<string, number>,
    ]
  >([
    ["fills the first, then the next", { pools: [spot, od], caps: { spot: 2 }, want: 5 }, { spot: 2, od: 3 }],
    ["leaves out what nobody may take", { pools: [spot, od], caps: { spot: 2, od: 1 }, want: 5 }, { spot: 2, od: 1 }],
    ["puts the base on on-demand first", { pools: [spot, od], want: 5, base: 2 }, { spot: 3, od: 2 }],
    [
      "puts the base on one on-demand pool",
      { pools: [spot, od, second], want: 6, base: 2 },
      { spot: 4, od: 2, second: 0 },
    ],
    [
      "puts what one may not take of the base on the next",
      { pools: [spot, od, second], caps: { od: 1 }, want: 6, base: 3 },
      { spot: 3, od: 1, second: 2 },
    ],
    ["needs no more of the base than is wanted", { pools: [spot, od], want: 1, base: 3 }, { spot: 0, od: 1 }],
    ["counts the base into the cap", { pools: [od], caps: { od: 3 }, want: 5, base: 2 }, { od: 3 }],
    [
      "rounds up to steps, and asks nobody for less than nothing then",
      { pools: [inTwos, spot], want: 3 },
      { twos: 4, spot: 0 },
    ],
    [
      "rounds down to steps where there is no room",
      { pools: [inTwos, spot], caps: { twos: 3 }, want: 4 },
      { twos: 2, spot: 2 },
    ],
    ["fills a cap of whole steps", { pools: [inTwos, spot], caps: { twos: 4 }, want: 4 }, { twos: 4, spot: 0 }],
    [
      "keeps to the ceiling in sum",
      { pools: [spot, od, second], caps: { spot: 3, od: 3 }, want: 9, ceiling: 4 },
      { spot: 3, od: 1, second: 0 },
    ],
    [
      "counts what cannot be seen first",
      { pools: [spot, unseen], caps: { unseen: 2 }, want: 3 },
      { spot: 1, unseen: 2 },
    ],
    [
      "leaves what cannot be seen as it is, whatever its step",
      { pools: [{ ...unseen, desired: 3, step: 2 }, spot], caps: { unseen: 3 }, want: 4 },
      { unseen: 3, spot: 1 },
    ],
    [
      "takes nothing from the others where what cannot be seen is beyond the ceiling",
      { pools: [spot, { ...unseen, desired: 5 }], caps: { unseen: 5 }, want: 8, ceiling: 3 },
      { spot: 0, unseen: 5 },
    ],
  ])("%s", (_what, { pools, caps = {}, want, ceiling = 20, base = 0 }, split) => {
    const most = new Map(pools.map(({ pool }) => [pool.name, caps[pool.name] ?? 10]));
    expect(idealSplit(pools, most, want, ceiling, base)).toEqual(split);
  });
});
