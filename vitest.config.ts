import { defineConfig } from "vitest/config";

// `-t` and `.only` leave tests out on purpose; only whole runs must be whole.
const filtered = process.argv.some((argument) => argument === "-t" || argument.startsWith("--testNamePattern"));

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**", "dist/**", "cdk.out/**"],
    allowOnly: false,
    reporters: filtered ? ["default"] : ["default", "./test/support/no-skips.ts"],
    // Two cores on CI; suites that start real processes must not starve one another.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
