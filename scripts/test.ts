// `npm test`: installs what the tests use as the real thing, then runs every test. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { ensureSystemPackages } from "./setup.mjs";

/** Real Prometheus, Alertmanager and vramp against the real clock, in windows of seconds: they need the machine to themselves. */
const REAL_TIME = "test/end-to-end";

const vitest = (...args: readonly string[]): number => {
  const command = ["node_modules/vitest/vitest.mjs", "run", ...args];
  return spawnSync(process.execPath, command, { stdio: "inherit" }).status ?? 1;
};

ensureSystemPackages();
const asked = process.argv.slice(2);
if (asked.length > 0) process.exit(vitest(...asked));
const quick = vitest("--exclude", `${REAL_TIME}/**`);
// Once more when a scrape came late: vitest names the tests that needed it.
const real = vitest(REAL_TIME, "--no-file-parallelism", "--retry=1");
process.exit(quick === 0 ? real : quick);
