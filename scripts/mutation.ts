// `npm run mutation [-- PART…]`: Stryker over shared/decide, part by part, each against its own tests. Prints the score of each
// and of all, and its progress to stderr; ends 1 below 85 %. The random and the exhaustive tests are left out, and those of other
// folders: they would make hours of it, and the score is a lower bound without them. What a module works out once when it is loaded
// (`ignoreStatic`) is left out too: each such mutant takes every test anew, two thirds of the time.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";

interface Part {
  readonly mutate: readonly string[];
  readonly tests: string;
  readonly leaveOut: readonly string[];
}

// Vitest matches these below the folder of the tests, whatever that is.
const RANDOM = ["**/*.property.test.ts", "**/*.model.test.ts"];
const FOLDERS = ["demand", "stages", "capacity", "scale-in", "hpa", "calendar", "placement"];
const folder = (name: string, leaveOut: readonly string[] = []): Part => ({
  mutate: [`shared/decide/${name}/*.ts`],
  tests: `shared/decide/${name}`,
  leaveOut: [...RANDOM, ...leaveOut],
});

const PARTS: Readonly<Record<string, Part>> = {
  decide: {
    mutate: ["shared/decide/*.ts"],
    tests: "shared/decide",
    leaveOut: [...RANDOM, ...FOLDERS.map((name) => `**/${name}/**`)],
  },
  demand: folder("demand"),
  stages: folder("stages"),
  capacity: folder("capacity"),
  scaleIn: folder("scale-in"),
  hpa: folder("hpa"),
  // Every zone of the world and every minute of a year, once more for each mutant, would take a day.
  calendar: folder("calendar", ["**/zones.test.ts", "**/replay.test.ts"]),
  placement: folder("placement"),
};

const ENOUGH = 85;
const DIR = "dist/mutation";
const NOTICED = new Set(["Killed", "Timeout"]);
const MISSED = new Set(["Survived", "NoCoverage"]);

const base = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync("stryker.config.json", "utf8")));
const report = z.object({
  files: z.record(z.string(), z.object({ mutants: z.array(z.object({ status: z.string() })) })),
});

interface Score {
  readonly noticed: number;
  readonly valid: number;
}

function run(name: string, { mutate, tests, leaveOut }: Part): Score {
  const config = `${DIR}/${name}.config.json`;
  const json = `${DIR}/${name}.json`;
  const not = ["!shared/decide/**/*.test.ts", "!shared/decide/**/*.fixture.ts"];
  const own = {
    ...base,
    mutate: [...mutate, ...not],
    vitest: { configFile: "vitest.config.ts", dir: tests },
    jsonReporter: { fileName: json },
    htmlReporter: { fileName: `${DIR}/${name}.html` },
    thresholds: { high: 95, low: ENOUGH, break: null },
  };
  writeFileSync(config, JSON.stringify(own));
  const stryker = "node_modules/@stryker-mutator/core/bin/stryker.js";
  const env = { ...process.env, VITEST_LEAVE_OUT: leaveOut.join(",") };
  const { status } = spawnSync(process.execPath, [stryker, "run", config], {
    stdio: ["ignore", process.stderr.fd, "inherit"],
    env,
  });
  if (status !== 0) throw new Error(`Stryker failed on ${name}; run it alone with: npx stryker run ${config}`);
  const mutants = Object.values(report.parse(JSON.parse(readFileSync(json, "utf8"))).files).flatMap((f) => f.mutants);
  const noticed = mutants.filter((m) => NOTICED.has(m.status)).length;
  return { noticed, valid: noticed + mutants.filter((m) => MISSED.has(m.status)).length };
}

const percent = ({ noticed, valid }: Score): number => (100 * noticed) / Math.max(1, valid);
const line = (name: string, score: Score): string =>
  `${name.padEnd(10)} ${String(score.noticed).padStart(5)} of ${String(score.valid).padStart(5)} noticed  ${percent(score).toFixed(1).padStart(5)} %`;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`there is no part ${unknown.join(", ")}; there are ${Object.keys(PARTS).join(", ")}`);
  process.exit(1);
}
mkdirSync(DIR, { recursive: true });
const scores: Score[] = [];
for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const score = run(name, part);
  console.log(line(name, score));
  scores.push(score);
}
const sum = (pick: (score: Score) => number): number => scores.reduce((total, score) => total + pick(score), 0);
const all: Score = { noticed: sum((s) => s.noticed), valid: sum((s) => s.valid) };
console.log(line("together", all));
process.exit(percent(all) >= ENOUGH ? 0 : 1);
