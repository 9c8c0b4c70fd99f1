import { availableParallelism } from "node:os";
import { BOUND_KINDS, type BoundKind } from "../lab/bound/bound.ts";
import { FAMILIES, familyOf, SEEDS, SPOT_OFFSETS } from "../lab/families.ts";
import { POLICIES } from "../lab/policies.ts";
import { hireCrew } from "../lab/study/crew.ts";
import { type Row, runStudy, type Study } from "../lab/study/study.ts";
import { VARIANTS, variantOf } from "../lab/variants.ts";
import type { Bench } from "./bench.ts";

const DAY = 86_400;

/** Threads: a policy-week is all arithmetic, so more than there are cores would gain nothing. */
const MOST_WORKERS = 2;

/** A comma-separated list of the environment; `all` where it is not set. */
function listed<T>(name: string, all: readonly T[], of: (text: string) => T): readonly T[] {
  const text = process.env[name];
  return text === undefined || text === "" ? all : text.split(",").map((each) => of(each.trim()));
}

function numberOf(name: string, unit: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text !== "" && Number.isFinite(value)) return value * unit;
    throw new RangeError(`${name} has ${JSON.stringify(text)}; give numbers with commas between them`);
  };
}

function boundKind(text: string): BoundKind {
  const kind = BOUND_KINDS.find((each) => each === text);
  if (kind !== undefined) return kind;
  throw new RangeError(`VRAMP_LAB_BOUND is ${JSON.stringify(text)}; give one of ${BOUND_KINDS.join(", ")}`);
}

/** What is to be run: everything, unless the environment says less. */
function studyOf(): Study {
  const families = FAMILIES.map((family) => family.name);
  // A policy's name may have a comma in it, so any part of it will do.
  const chosen = listed("VRAMP_LAB_POLICIES", [""], (text) => text);
  const variants = VARIANTS.map((variant) => variant.name);
  const every = process.env.VRAMP_LAB_VARIANTS === "all";
  return {
    families: listed("VRAMP_LAB_FAMILIES", families, (text) => familyOf(text).name),
    variants: every ? variants : listed("VRAMP_LAB_VARIANTS", ["standard"], (text) => variantOf(text).name),
    withStatic: chosen.some((part) => "static".includes(part)),
    policies: POLICIES.map((p) => p.name).filter((name) => chosen.some((part) => name.includes(part))),
    offsets: listed("VRAMP_LAB_OFFSETS", SPOT_OFFSETS, numberOf("VRAMP_LAB_OFFSETS", DAY)),
    bound: boundKind(process.env.VRAMP_LAB_BOUND ?? "closed"),
    seeds: listed("VRAMP_LAB_SEEDS", SEEDS, numberOf("VRAMP_LAB_SEEDS", 1)),
  };
}

const COLUMNS = [
  ["policy", 30],
  ["USD/week", 9],
  ["x bound", 8],
  ["on time", 8],
  ["worst", 8],
  ["gate", 6],
  ["churn", 7],
  ["spot", 6],
  ["p95 late", 9],
  ["lost", 8],
  ["spread", 7],
] as const;

const line = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(COLUMNS[i]?.[1] ?? 0) : cell.padStart(COLUMNS[i]?.[1] ?? 0))).join("");

const percent = (share: number, digits: number): string => `${(share * 100).toFixed(digits)}%`;

function cellsOf({ policy, runs, score, bound }: Row): readonly string[] {
  return [
    policy,
    (score.cost / runs).toFixed(0),
    (score.cost / bound).toFixed(2),
    percent(score.attainment, 2),
    percent(score.worst, 2),
    score.passes ? "holds" : "FAILS",
    score.churn.toFixed(2),
    percent(score.spotShare, 0),
    `${score.breachP95} s`,
    `${(score.lost / runs).toFixed(0)} s`,
    percent(score.spread, 1),
  ];
}

function titleOf({ family, variant }: Row): string {
  return `${family} ${familyOf(family).title}${variant === "standard" ? "" : `, ${variantOf(variant).title}`}`;
}

/** Dollars at the SLO for vramp and its peers, on the traces of the folder that `VRAMP_TRACES` names. */
export const outcome: Bench = async (print) => {
  const folder = process.env.VRAMP_TRACES;
  if (folder === undefined || folder === "") {
    print("outcome: left out; set VRAMP_TRACES to a folder with demand/ and spot/ traces (docs/benchmark.md)");
    return;
  }
  const study = studyOf();
  const crew = hireCrew(Math.min(MOST_WORKERS, availableParallelism()), folder);
  try {
    let place = "";
    await runStudy(crew, study, (row) => {
      const here = `${row.family} ${row.variant}`;
      if (here !== place) {
        print("");
        print(`${titleOf(row)}: ${row.runs} weeks, bound ${(row.bound / row.runs).toFixed(0)} USD a week`);
        print(line(COLUMNS.map(([name]) => name)));
      }
      place = here;
      print(line(cellsOf(row)));
    });
  } finally {
    await crew.dismiss();
  }
};

if (import.meta.main) await outcome((text) => console.log(text));
