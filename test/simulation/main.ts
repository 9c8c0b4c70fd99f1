// What `npm run simulate` runs, in one process: `--seeds N` (from `--from`, 1), or `--seed N` alone with everything that
// happened. `--mutant NAME` breaks vramp first and stops at the first seed that notices. The last line is JSON.
import { parseArgs } from "node:util";
import { applyMutant } from "./mutants/apply.ts";
import { MUTANTS } from "./mutants/mutants.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    mutant: { type: "string" },
    mutants: { type: "boolean", default: false },
  },
});

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${name} takes a whole number above zero, not ${text}`);
}

if (values.mutants) {
  console.log(JSON.stringify(MUTANTS.map(({ name, breaks }) => ({ name, breaks }))));
  process.exit(0);
}
if (values.mutant !== undefined) {
  const mutant = MUTANTS.find((m) => m.name === values.mutant);
  if (mutant === undefined) throw new Error(`there is no mutant ${values.mutant}; --mutants lists them`);
  applyMutant(mutant);
}

// Only now, so that a mutant is in place before what it breaks is loaded.
const [{ simulate }, { report, total }] = await Promise.all([import("./simulate.ts"), import("./report.ts")]);
const first = wholeNumber("from", values.seed ?? values.from);
const count = values.seed === undefined ? wholeNumber("seeds", values.seeds) : 1;
const outcomes = [];
for (let seed = first; seed < first + count; seed += 1) {
  const outcome = await simulate(seed);
  outcomes.push(outcome);
  if (values.mutant === undefined) for (const line of report(outcome)) console.log(line);
  if (values.mutant !== undefined && outcome.failure !== null) break;
}
console.log(JSON.stringify(total(outcomes)));
