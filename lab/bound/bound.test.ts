import { describe, expect, test } from "vitest";
import { steps, worldWith } from "../world/world.fixture.ts";
import { closedForm } from "./closed-form.ts";
import { type Highs, loadHighs } from "./highs.ts";
import { linearProgramme } from "./linear-programme.ts";
import { type BoundProblem, boundProblem } from "./problem.ts";
import { weeklyBound } from "./weekly.ts";

const problem = (more: Partial<BoundProblem> = {}): BoundProblem => ({
  work: [1, 1, 1, 1],
  late: 0,
  within: 1,
  pools: [
    { price: 1, capacity: [0, 0, 0, 64] },
    { price: 3, capacity: [64, 64, 64, 64] },
  ],
  ...more,
});

describe("the closed form", () => {
  test("serves each minute at the cheapest price of its own or the next", () => {
    expect(closedForm(problem())).toBe(3 + 3 + 1 + 1);
  });

  test("moves what may be late, where it is dearest, to the cheapest price of all", () => {
    expect(closedForm(problem({ late: 1.5 }))).toBe(1 + 0.5 + 1.5 + 1 + 1);
  });
});

describe("a world's problem", () => {
  test("has its work in node minutes, and one in a hundred may be late", () => {
    const { work, late, within } = boundProblem(worldWith());
    expect(work).toHaveLength(120);
    expect(work.every((each) => Math.abs(each - 0.25) < 1e-12)).toBe(true);
    expect(late).toBeCloseTo(0.3, 12);
    expect(within).toBe(1);
  });

  test("lets spot last for its notice after it fell away", () => {
    const { pools } = boundProblem(worldWith({ length: 600, spot: { a: steps([0, 0], [60, 5], [120, 0]) } }));
    expect(pools[0]?.capacity).toEqual([0, 5, 5, 5, 0, 0, 0, 0, 0, 0]);
  });

  test("of jobs lets the largest be late", () => {
    const jobs = Array.from({ length: 200 }, (_, i) => ({ at: i, exec: i < 3 ? 600 : 60 }));
    const { work, late } = boundProblem(worldWith({ demand: { kind: "jobs", jobs } }));
    expect(late).toBe(20);
    expect(work.reduce((a, b) => a + b, 0)).toBeCloseTo(30 + 197, 9);
  });
});

/** Whether a point satisfies a linear programme, to rounding. */
function feasible(lp: ReturnType<typeof linearProgramme>, x: readonly number[]): boolean {
  const inside = (value: number, low: number, high: number) => value >= low - 1e-9 && value <= high + 1e-9;
  const rows = lp.low.map((low, row) => {
    let sum = 0;
    for (let i = lp.starts[row] ?? 0; i < (lp.starts[row + 1] ?? lp.indices.length); i += 1) {
      sum += (lp.values[i] ?? 0) * (x[lp.indices[i] ?? 0] ?? 0);
    }
    return inside(sum, low, lp.high[row] ?? 0);
  });
  return rows.every(Boolean) && x.every((value, i) => inside(value, 0, lp.upper[i] ?? 0));
}

describe("the linear programme", () => {
  // Columns: four for each of two minutes of work 1, what waits late, then the one pool's ready and billed nodes.
  const lp = linearProgramme(problem({ work: [1, 1], pools: [{ price: 2, capacity: [64, 64] }] }));
  const plan = (ready: readonly number[], served: readonly number[], waiting: readonly number[], billed = ready) => [
    ...[0, 1].flatMap((t) => [1, served[t] ?? 0, waiting[t] ?? 0, 0]),
    ...[0, 0],
    ...ready,
    ...billed,
  ];

  test("takes a plan that serves every minute, and prices what is billed", () => {
    const x = plan([1, 1], [1, 1], [0, 0]);
    expect(feasible(lp, x)).toBe(true);
    expect(lp.costs.reduce((sum, cost, i) => sum + cost * (x[i] ?? 0), 0)).toBe(4);
  });

  test("takes one that serves within the minutes that are on time, if its nodes were billed before they were ready", () => {
    expect(feasible(lp, plan([0, 2], [0, 2], [1, 0], [2, 2]))).toBe(true);
    expect(feasible(lp, plan([0, 2], [0, 2], [1, 0], [0, 2]))).toBe(false);
  });

  test("refuses one that leaves work undone, or serves more than its nodes can", () => {
    expect(feasible(lp, plan([1, 1], [1, 0], [0, 1]))).toBe(false);
    expect(feasible(lp, plan([0.5, 1], [1, 1], [0, 0]))).toBe(false);
  });
});

/** A stand-in for the solver: it finds the answers that are given for it, and keeps what it was asked. */
function answering(cost: number, value: number) {
  const asked: object[] = [];
  const highs: Highs = {
    constants: { modelStatus: { optimal: 7 } },
    createModel: (data) => {
      asked.push(data);
      return {
        options: { set: () => undefined },
        run: () => undefined,
        getModelStatus: () => (cost < 0 ? 13 : 7),
        getObjectiveValue: () => cost,
        getSolution: () => ({ colValue: Array.from({ length: 5000 }, () => value) }),
        dispose: () => undefined,
      };
    },
  };
  return { highs, asked };
}

describe("the bound of a week", () => {
  const week = problem({
    work: Array.from({ length: 720 }, () => 1),
    pools: [{ price: 2, capacity: Array.from({ length: 720 }, () => 64) }],
  });

  test("is solved in windows, and is never below the closed form", () => {
    const { highs, asked } = answering(0, 0);
    expect(weeklyBound(highs, { ...week, late: 720 })).toBeGreaterThanOrEqual(closedForm(week));
    expect(asked.length % 2).toBe(0);
    expect(asked[0]).toMatchObject({ numCols: 360 * 6 });
  });

  test("says so when the solver gives up", () => {
    const { highs } = answering(-1, 0);
    expect(() => weeklyBound(highs, week)).toThrow(/no optimum within 120 s \(status 13\); give it longer/);
  });
});

describe("the solver itself", () => {
  // A node at 2 and a cheaper one that is there for the first minute alone; work for one node throughout.
  const changing = problem({
    work: Array.from({ length: 30 }, () => 1),
    pools: [
      { price: 2, capacity: Array.from({ length: 30 }, () => 64) },
      { price: 1, capacity: Array.from({ length: 30 }, (_, minute) => (minute < 15 ? 64 : 0)) },
    ],
  });

  test("finds what the closed form finds, or a little more", async () => {
    const [exact, closed] = [weeklyBound(await loadHighs(), changing), closedForm(changing)];
    expect(exact).toBeGreaterThanOrEqual(closed - 1e-6);
    expect(exact).toBeLessThan(closed * 1.2);
  });
});
