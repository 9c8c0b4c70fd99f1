// `npm run simulate -- --seeds N` lives through seeds 1 to N (from `--from`), on all cores (`--jobs`); `--seed N` through one,
// and tells what happened. A failed seed prints how to see it again. The last line has the number of seeds, steps and faults;
// ends 1 if a seed failed.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { z } from "zod";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
  },
});

const total = z.object({
  seeds: z.number(),
  steps: z.number(),
  faults: z.record(z.string(), z.number()),
  failures: z.array(z.object({ seed: z.number(), name: z.string(), text: z.string() })),
});
type Total = z.output<typeof total>;

/** Seeds that one process lives through before it is asked for more, so that what it remembers stays bounded. */
const PORTION = 500;

/** Runs one process; prints all it says but its last line, which it returns. */
function run(args: readonly string[]): Promise<Total> {
  const child = spawn(process.execPath, ["test/simulation/main.ts", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      const lines = Buffer.concat(chunks).toString().trimEnd().split("\n");
      if (status !== 0) return reject(new Error(`a simulation ended with ${status}; ${args.join(" ")}`));
      for (const line of lines.slice(0, -1)) console.log(line);
      resolve(total.parse(JSON.parse(lines.at(-1) ?? "")));
    });
  });
}

/** The arguments of every process that has to run. */
function portions(): readonly (readonly string[])[] {
  if (values.seed !== undefined) return [["--seed", values.seed]];
  const [from, seeds] = [Number(values.from), Number(values.seeds)];
  const each = Math.min(PORTION, Math.ceil(seeds / Number(values.jobs)));
  return Array.from({ length: Math.ceil(seeds / each) }, (_, i) => {
    const first = from + i * each;
    return ["--from", String(first), "--seeds", String(Math.min(each, from + seeds - first))];
  });
}

const waiting = [...portions()];
const totals: Total[] = [];
async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) totals.push(await run(next));
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work));

const sum = (pick: (total: Total) => number): number => totals.reduce((all, t) => all + pick(t), 0);
const kinds = [...new Set(totals.flatMap((t) => Object.keys(t.faults)))].sort();
const faults = kinds.map((kind) => `${kind} ${sum((t) => t.faults[kind] ?? 0)}`);
const failures = totals.flatMap((t) => t.failures).toSorted((a, b) => a.seed - b.seed);
for (const { seed, name, text } of failures) console.log(`failed: seed ${seed}: ${name}: ${text}`);
console.log(
  `${sum((t) => t.seeds)} seeds, ${failures.length} failed, ${sum((t) => t.steps)} steps, ${kinds.reduce((all, kind) => all + sum((t) => t.faults[kind] ?? 0), 0)} faults: ${faults.join(", ")}`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
