// `npm test`: installs what the tests use as the real thing, then runs every test. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { ensureSystemPackages } from "./setup.mjs";

/** Real Prometheus, Alertmanager and vramp against the real clock, in windows of seconds: they need the machine to themselves. */
const REAL_TIME = "test/end-to-end";
/** TRIES: once more when a scrape came late or the machine stood still; vitest has then named the tests that failed. */
const TRIES = 2;

const vitest = (...args: readonly string[]): number => {
  const command = ["node_modules/vitest/vitest.mjs", "run", ...args];
  return spawnSync(process.execPath, command, { stdio: "inherit" }).status ?? 1;
};

/** Whether a file passes, in one of so many worlds of its own: its tests tell one story, which is whole only from its beginning. */
function passes(file: string): boolean {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (vitest(file) === 0) return true;
    console.error(`${file} failed, ${attempt} of at most ${TRIES} times`);
  }
  return false;
}

ensureSystemPackages();
const asked = process.argv.slice(2);
if (asked.length > 0) process.exit(vitest(...asked));
const quick = vitest("--exclude", `${REAL_TIME}/**`);
const files = readdirSync(REAL_TIME).filter((name) => name.endsWith(".test.ts"));
const failed = files.filter((name) => !passes(`${REAL_TIME}/${name}`));
process.exit(quick === 0 && failed.length === 0 ? 0 : 1);
