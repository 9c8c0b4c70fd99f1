import type { Reporter, TestCase } from "vitest/node";

/** Fails the run when a test was skipped: a skipped test called green is a defect. */
export default class NoSkips implements Reporter {
  readonly #skipped: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.result().state === "skipped") this.#skipped.push(`${test.module.relativeModuleId}: ${test.fullName}`);
  }

  onTestRunEnd(): void {
    if (this.#skipped.length === 0) return;
    console.error(`${this.#skipped.length} tests were skipped:\n${this.#skipped.join("\n")}`);
    process.exitCode = 1;
  }
}
