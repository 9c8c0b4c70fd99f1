import { expect, it } from "vitest";
import { NOON } from "../../../test/support/fleet.ts";
import { afterPatience } from "./surplus.ts";

const THREE = { nodes: 3, surplusSince: null };
const needed = (nodes: number, thrift: number) => ({ nodes, thrift, now: NOON });

it.each([
  ["as many as before", 3],
  ["more than before", 5],
])("%s are what is needed", (_, nodes) => {
  expect(afterPatience({ nodes: 3, surplusSince: NOON - 600 }, needed(nodes, 20))).toEqual({
    nodes,
    surplusSince: null,
  });
});

it.each([0.25, 1])("with a thrift of %d, what is to spare goes at once", (thrift) => {
  expect(afterPatience(THREE, needed(1, thrift))).toEqual({ nodes: 1, surplusSince: null });
});

it.each([
  [1.5, 29],
  [2, 59],
  [20, 19 * 60 - 1],
])("with a thrift of %d it stays for %i s, and no longer", (thrift, lasts) => {
  expect(afterPatience(THREE, needed(1, thrift))).toEqual({ nodes: 3, surplusSince: NOON });
  const since = NOON - lasts;
  expect(afterPatience({ nodes: 3, surplusSince: since }, needed(2, thrift))).toEqual({
    nodes: 3,
    surplusSince: since,
  });
  const over = { nodes: 3, surplusSince: since - 1 };
  expect(afterPatience(over, needed(2, thrift))).toEqual({ nodes: 2, surplusSince: null });
});

it("comes to the same when asked again at once", () => {
  for (const past of [THREE, { nodes: 3, surplusSince: NOON - 60 }, { nodes: 3, surplusSince: NOON - 61 }]) {
    const once = afterPatience(past, needed(1, 2));
    expect(afterPatience(once, needed(1, 2))).toEqual(once);
  }
});
