import { expect, it } from "vitest";
import { fleetOf, MINUTE, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import type { Learned } from "../../model/learned.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../model/memory.ts";
import type { Sample } from "../../model/series.ts";
import { decide } from "../decide.ts";

const signal = { source: "prom", query: "x", maxAge: "60s" };
const POLICY = fleetOf(
  {
    nodes: { min: 0, max: 20 },
    scaleUp: undefined,
    scaleDown: undefined,
    objective: { arrivals: "arrivals", backlog: "backlog", perNode: 4, maxWait: "60s" },
  },
  { signals: { arrivals: signal, backlog: signal } },
);
const ARRIVING = 20;
/** Every 15 s: nobody waits, then for 100 s each, then nobody again before the second minute is over. */
const SPIKE: readonly Sample[] = [
  [NOON, 0],
  [NOON + 15, 2000],
  [NOON + 30, 2000],
  [NOON + 45, 2000],
  [NOON + 60, 2000],
  [NOON + 75, 2000],
  [NOON + 90, 2000],
  [NOON + 105, 2000],
  [NOON + 120, 0],
];

/** Looks at these times at the samples there are by then, and returns what was learned. */
function learnedAt(times: readonly number[], samples: readonly Sample[]): Learned {
  let memory: WorkloadMemory = EMPTY_MEMORY;
  for (const now of times) {
    const seen = samples.filter(([at]) => at <= now);
    const series = (of: readonly Sample[]) => ({ kind: "series" as const, series: { samples: of, validity: 60 } });
    const observation = {
      workload: "llm",
      trigger: "tick" as const,
      signals: { backlog: series(seen), arrivals: series(seen.map(([at]): Sample => [at, ARRIVING])) },
      pools: { llm: poolOf(5, 5, { max: 20 }) },
      others: null,
    };
    memory = decide(POLICY, workloadIn(POLICY), observation, memory, now).memory;
  }
  if (memory.learned === null) throw new Error("nothing was learned");
  return memory.learned;
}

const minutely = [NOON, NOON + MINUTE, NOON + 2 * MINUTE];

it("who was late between two looks is seen, by the samples there were in between", () => {
  const newestOnly = SPIKE.filter(([at]) => at === NOON || at === NOON + 2 * MINUTE);
  expect(learnedAt([NOON, NOON + 2 * MINUTE], newestOnly).care).toBeLessThan(2);
  expect(learnedAt([NOON, NOON + 2 * MINUTE], SPIKE).care).toBeGreaterThan(2);
});

it("a line is the same however often it was looked at", () => {
  const { line } = learnedAt([NOON, NOON + 2 * MINUTE], SPIKE);
  expect(learnedAt(minutely, SPIKE).line).toEqual(line);
  expect(learnedAt([...minutely, NOON + 2 * MINUTE], SPIKE).line).toEqual(line);
});

it("who waited when nobody looked for long is not taken to have been late", () => {
  const waits: readonly Sample[] = [
    [NOON, 0],
    [NOON + 15, 1200],
  ];
  const later = NOON + 3600;
  const { care, line } = learnedAt([NOON, NOON + 15, later], [...waits, [later, 300]]);
  expect(care).toBeLessThan(2);
  expect(line).toMatchObject({ overdue: 0 });
  // Ten minutes are no gap yet.
  const sooner = NOON + 600;
  expect(learnedAt([NOON, NOON + 15, sooner], [...waits, [sooner, 300]]).care).toBeGreaterThan(2);
});
