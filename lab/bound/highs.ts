import type { Seconds } from "../../shared/policy/units.ts";
import type { LinearProgramme } from "./linear-programme.ts";

/** What is used of the package `highs` (HiGHS as WebAssembly). It is large, and only this file knows it. */
interface HighsModel {
  readonly options: { set(options: Readonly<Record<string, unknown>>): unknown };
  run(): unknown;
  getModelStatus(): number;
  getObjectiveValue(): number;
  getSolution(): { readonly colValue: ArrayLike<number> };
  dispose(): void;
}
export interface Highs {
  createModel(data: object): HighsModel;
  readonly constants: { readonly modelStatus: { readonly optimal: number } };
}

const isHighs = (value: unknown): value is Highs =>
  typeof value === "object" && value !== null && "createModel" in value && typeof value.createModel === "function";

/** Loads the solver, which takes a moment: it is WebAssembly of some megabytes. Throws where it is not installed. */
export async function loadHighs(): Promise<Highs> {
  // Its types are those of a CommonJS module, which it is not for `import`.
  const { default: load }: { default: unknown } = await import("highs");
  const highs: unknown = typeof load === "function" ? await load() : undefined;
  if (isHighs(highs)) return highs;
  throw new TypeError("the package highs has no createModel; install version 1.15 or later");
}

/** An optimum: its cost, and the value of each column. */
export interface Optimum {
  readonly cost: number;
  readonly values: ArrayLike<number>;
}

/** The optimum of a linear programme. Throws when the solver finds no optimum within the time. */
export function solve(highs: Highs, lp: LinearProgramme, timeLimit: Seconds): Optimum {
  const [numCols, numRows] = [lp.costs.length, lp.low.length];
  const model = highs.createModel({
    numCols,
    numRows,
    colCost: lp.costs,
    colLower: lp.costs.map(() => 0),
    colUpper: lp.upper,
    rowLower: lp.low,
    rowUpper: lp.high,
    matrix: {
      format: "csr",
      numRows,
      numCols,
      starts: [...lp.starts, lp.indices.length],
      indices: lp.indices,
      values: lp.values,
    },
  });
  try {
    model.options.set({ output_flag: false, time_limit: timeLimit });
    model.run();
    const status = model.getModelStatus();
    if (status === highs.constants.modelStatus.optimal) {
      return { cost: model.getObjectiveValue(), values: model.getSolution().colValue };
    }
    throw new Error(`the solver found no optimum within ${timeLimit} s (status ${status}); give it longer`);
  } finally {
    model.dispose();
  }
}
