// `npm test`: installs what the tests use as the real thing, then runs every test. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { ensureSystemPackages } from "./setup.mjs";

/** Real Prometheus, Alertmanager and vramp against the real clock, in windows of seconds: they need the machine to themselves. */
const REAL_TIME = "test/end-to-end";
const TRIES = 3;

const vitest = (...args: readonly string[]): number => {
  const command = ["node_modules/vitest/vitest.mjs", "run", ...args];
  return spawnSync(process.execPath, command, { stdio: "inherit" }).status ?? 1;
};

/** Whether a file passes, in one of so many worlds of its own: a machine that stands still for seconds fails what is in time. */
function passes(file: string): boolean {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    // Once more at once when a scrape came late: vitest names the tests that needed it.
    if (vitest(file, "--retry=1") === 0) return true;
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
