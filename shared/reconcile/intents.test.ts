import { describe, expect, it } from "vitest";
import { poolOf } from "../../test/support/fleet.ts";
import { OPEN_INTENT } from "../../test/support/open-intent.ts";
import { EMPTY_MEMORY } from "../model/memory.ts";
import type { PoolObservation } from "../model/pool.ts";
import { resolveIntents } from "./intents.ts";

const resolved = (pools: Record<string, PoolObservation>) =>
  resolveIntents({ ...EMPTY_MEMORY, intents: [OPEN_INTENT] }, new Map(), {
    workload: "llm",
    trigger: "tick",
    signals: {},
    pools,
    others: null,
  }).map(({ kind, change }) => [kind, change]);

describe("a call whose outcome nobody heard", () => {
  it.each<[string, Record<string, PoolObservation>, readonly [string, number]]>([
    ["took effect where the pool has the size", { llm: poolOf(3) }, ["tookEffect", 2]],
    ["had none where the pool has another", { llm: poolOf(1) }, ["noEffect", 0]],
    [
      "stays open while the pool cannot be read",
      { llm: { kind: "unseen", error: { kind: "Unavailable", message: "503" } } },
      ["running", 0],
    ],
    ["is let go where the policy no longer has the pool", { other: poolOf(1) }, ["leftAlone", 0]],
  ])("%s", (_, pools, resolution) => {
    expect(resolved(pools)).toEqual([resolution]);
  });
});
