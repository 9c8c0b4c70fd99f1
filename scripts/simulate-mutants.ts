// `npm run simulate:mutants [-- NAME…]`: breaks vramp in one place at a time and lets the simulation look for it. Prints which
// invariant noticed and at which seed; ends 1 if one was not noticed within the seeds it may use (`--seeds`, 200).
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { z } from "zod";

const { values, positionals } = parseArgs({
  options: { seeds: { type: "string", default: "200" } },
  allowPositionals: true,
});

const mutants = z.array(z.object({ name: z.string(), breaks: z.string() }));
const found = z.object({
  failures: z.array(z.object({ seed: z.number(), name: z.string(), text: z.string() })),
});

/** The last line that a run of the simulation prints. */
function lastLine(args: readonly string[]): string {
  const { stdout, status } = spawnSync(process.execPath, ["test/simulation/main.ts", ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`the simulation ended with ${status}: ${args.join(" ")}`);
  return stdout.trimEnd().split("\n").at(-1) ?? "";
}

const failuresOf = (args: readonly string[]) =>
  found.parse(JSON.parse(lastLine([...args, "--seeds", values.seeds]))).failures;

// Where vramp fails unbroken, a mutant that fails there too proves nothing.
const [unbroken] = failuresOf([]);
if (unbroken !== undefined) {
  const { seed, name, text } = unbroken;
  console.error(
    `seed ${seed} fails without any mutant (${name}: ${text}); mend that first: npm run simulate -- --seed ${seed}`,
  );
  process.exit(1);
}
const all = mutants.parse(JSON.parse(lastLine(["--mutants"])));
const asked = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
let survived = 0;
for (const { name, breaks } of asked) {
  const [first] = failuresOf(["--mutant", name]);
  if (first === undefined) survived += 1;
  const noticed =
    first === undefined ? "SURVIVED" : `${first.name.padEnd(4)} at seed ${String(first.seed).padStart(3)}`;
  console.log(`${name.padEnd(22)} ${noticed.padEnd(17)} ${breaks}`);
}
console.log(`${asked.length} mutants, ${asked.length - survived} noticed, ${survived} survived`);
process.exitCode = survived === 0 && asked.length > 0 ? 0 : 1;
