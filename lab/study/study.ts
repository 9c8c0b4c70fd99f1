import type { Seconds } from "../../shared/policy/units.ts";
import type { BoundKind } from "../bound/bound.ts";
import type { PolicyRef } from "../policies.ts";
import { type Figures, type Score, scoreOf } from "../world/figures.ts";
import type { Crew } from "./crew.ts";
import type { Week } from "./task.ts";

/** What a study runs: every policy in every family and variant, once for each offset and seed. */
export interface Study {
  readonly families: readonly string[];
  readonly variants: readonly string[];
  /** Whether the smallest static size that passes is looked for too. */
  readonly withStatic: boolean;
  readonly policies: readonly string[];
  readonly offsets: readonly Seconds[];
  readonly seeds: readonly number[];
  readonly bound: BoundKind;
}

/** One policy in one variant of one family. */
export interface Row {
  readonly family: string;
  readonly variant: string;
  readonly policy: string;
  readonly runs: number;
  readonly score: Score;
  /** The sum of the bounds of the same weeks, in US dollars. */
  readonly bound: number;
}

/** More nodes than any family's peak; a static size that does not pass below it does not pass. */
const MOST_STATIC = 64;

type Place = Pick<Week, "family" | "variant">;

const weeksOf = (place: Place, { offsets, seeds }: Study): readonly Week[] =>
  offsets.flatMap((offset) => seeds.map((seed) => ({ ...place, offset, seed })));

async function runAll(crew: Crew, weeks: readonly Week[], policy: PolicyRef): Promise<readonly Figures[]> {
  const results = await Promise.all(weeks.map((week) => crew.run({ kind: "run", week, policy })));
  return results.flatMap((result) => (result.kind === "run" && result.figures !== null ? [result.figures] : []));
}

/** The bound over weeks; it does not depend on the seed. */
async function boundOver(crew: Crew, place: Place, { offsets, seeds, bound }: Study): Promise<number> {
  const results = await Promise.all(
    offsets.map((offset) => crew.run({ kind: "bound", week: { ...place, offset, seed: 0 }, bound })),
  );
  return results.reduce((sum, result) => sum + (result.kind === "bound" ? result.cost : 0), 0) * seeds.length;
}

/** The smallest static size that passes the gate, by bisection: more nodes never serve later. */
async function smallestStatic(crew: Crew, weeks: readonly Week[]): Promise<number> {
  let [fails, passes] = [0, MOST_STATIC];
  while (passes - fails > 1) {
    const nodes = (fails + passes) >> 1;
    const { passes: good } = scoreOf(await runAll(crew, weeks, { kind: "static", nodes }));
    if (good) passes = nodes;
    else fails = nodes;
  }
  return passes;
}

async function runPlace(crew: Crew, study: Study, place: Place, done: (row: Row) => void): Promise<void> {
  const weeks = weeksOf(place, study);
  const bound = await boundOver(crew, place, study);
  const report = (policy: string, figures: readonly Figures[]) => {
    if (figures.length > 0) done({ ...place, policy, runs: figures.length, score: scoreOf(figures), bound });
  };
  if (study.withStatic) {
    // On-demand capacity does not depend on the offset: the weeks of one tell for all.
    const nodes = await smallestStatic(crew, weeksOf(place, { ...study, offsets: study.offsets.slice(0, 1) }));
    report(`static on-demand, N=${nodes}`, await runAll(crew, weeks, { kind: "static", nodes }));
  }
  for (const name of study.policies) report(name, await runAll(crew, weeks, { kind: "named", name }));
}

/** Runs a study, row by row; calls `done` with each row as it is finished. */
export async function runStudy(crew: Crew, study: Study, done: (row: Row) => void): Promise<void> {
  for (const family of study.families) {
    for (const variant of study.variants) await runPlace(crew, study, { family, variant }, done);
  }
}
