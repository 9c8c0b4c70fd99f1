import { expect, it } from "vitest";
import { NOON } from "../../../test/support/fleet.ts";
import { afterPatience } from "./surplus.ts";

const asked = (thrift: number, surplusSince: number | null = null) => ({ nodes: 3, surplusSince, thrift });

it.each([
  ["as many as before", 3],
  ["more than before", 5],
])("%s are what is needed", (_, nodes) => {
  expect(afterPatience(asked(20, NOON - 600), nodes, NOON)).toEqual({ nodes, surplusSince: null });
});

it.each([0.25, 1])("with a thrift of %d, what is to spare goes at once", (thrift) => {
  expect(afterPatience(asked(thrift), 1, NOON)).toEqual({ nodes: 1, surplusSince: null });
});

it.each([
  [1.5, 29],
  [2, 59],
  [20, 19 * 60 - 1],
])("with a thrift of %d it stays for %i s, and no longer", (thrift, lasts) => {
  expect(afterPatience(asked(thrift), 1, NOON)).toEqual({ nodes: 3, surplusSince: NOON });
  const since = NOON - lasts;
  expect(afterPatience(asked(thrift, since), 2, NOON)).toEqual({ nodes: 3, surplusSince: since });
  expect(afterPatience(asked(thrift, since - 1), 2, NOON)).toEqual({ nodes: 2, surplusSince: null });
});

it("comes to the same when asked again at once", () => {
  for (const past of [asked(2), asked(2, NOON - 60), asked(2, NOON - 61)]) {
    const once = afterPatience(past, 1, NOON);
    expect(afterPatience({ ...once, thrift: 2 }, 1, NOON)).toEqual(once);
  }
});
