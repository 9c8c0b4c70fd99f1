// `npm test`: installs what the tests use as the real thing, then runs every test. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { ensureSystemPackages } from "./setup.mjs";

ensureSystemPackages();
const vitest = "node_modules/vitest/vitest.mjs";
const { status } = spawnSync(process.execPath, [vitest, "run", ...process.argv.slice(2)], { stdio: "inherit" });
process.exit(status ?? 1);
