import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MUTANTS } from "./mutants/mutants.ts";
import { report } from "./report.ts";
import { simulate } from "./simulate.ts";
import type { Fault } from "./swarm.ts";

/** Seconds of a seed are virtual; these are for a slow machine with other work to do. */
const PATIENCE = 300_000;
const SEEDS = 200;
const PORTION = 50;

const MESSAGES: readonly Fault[] = ["dropMessage", "duplicateMessage", "delayMessage", "reorderMessage"];

describe("whatever goes wrong", () => {
  const portions = Array.from({ length: SEEDS / PORTION }, (_, i) => [i * PORTION + 1, (i + 1) * PORTION] as const);

  it.each(portions)(
    "every invariant holds, and all comes to rest where it should: seeds %i to %i",
    async (from, to) => {
      const failed: string[] = [];
      for (let seed = from; seed <= to; seed += 1) failed.push(...report(await simulate(seed)));
      expect(failed.join("\n")).toBe("");
    },
    PATIENCE,
  );

  it(
    "lost, repeated, late and disordered messages change no size in the end",
    async () => {
      for (let seed = 1; seed <= 8; seed += 1) {
        const disordered = await simulate(seed, MESSAGES);
        const quiet = await simulate(seed, []);
        expect({ seed, sizes: disordered.sizes }).toEqual({ seed, sizes: quiet.sizes });
      }
    },
    PATIENCE,
  );
});

describe("a seed", () => {
  it(
    "is the same life every time",
    async () => {
      const [first, second, other] = [await simulate(2), await simulate(2), await simulate(3)];
      expect(second).toEqual(first);
      expect(other.digest).not.toBe(first.digest);
    },
    PATIENCE,
  );
});

describe("the mutants", () => {
  it.each(MUTANTS)("$name still finds what it breaks, once", ({ file, find, replace }) => {
    const source = readFileSync(file, "utf8");
    expect(source.split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  });
});
