import { defineConfig } from "vitest/config";

// `-t` and `.only` leave tests out on purpose; only whole runs must be whole.
const filtered = process.argv.some((argument) => argument === "-t" || argument.startsWith("--testNamePattern"));

// What a mutation run leaves out (scripts/mutation.ts).
const leftOut = (process.env.VITEST_LEAVE_OUT ?? "").split(",").filter((glob) => glob !== "");

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**", "dist/**", "cdk.out/**", ...leftOut],
    allowOnly: false,
    reporters: filtered || leftOut.length > 0 ? ["default"] : ["default", "./test/support/no-skips.ts"],
    // Two cores on CI; suites that start real processes must not starve one another.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
