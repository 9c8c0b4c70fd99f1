import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPolicy } from "../../shared/policy/load.ts";
import { plain } from "../output.ts";
import { toJson, toText } from "./validate.ts";

const GOOD = readFileSync("examples/fleet/policy.yaml", "utf8");
const BAD = GOOD.replace("{ min: 1, max: 6 }", "{ min: 1, mx: 3 }").replace(
  "signal: queue, above",
  "signal: qeue, above",
);

const folder = mkdtempSync(join(tmpdir(), "vramp-validate-"));
const bad = join(folder, "bad.yaml");
beforeAll(() => writeFileSync(bad, BAD));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
/** Runs `vramp` as a user does. */
const vramp = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, ["cli/vramp.ts", ...args], (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe("vramp validate", () => {
  test("says of a good policy what it governs, and ends with 0", async () => {
    const { code, stdout, stderr } = await vramp("validate", "examples/fleet/policy.yaml");

    expect(stdout).toMatch(
      /^valid: examples\/fleet\/policy\.yaml: fleet prod-gpu, 4 workloads \(.*\), revision [0-9a-f]{7}\n$/,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("shows every problem with file, line, column and what to do, without colours in a pipe, and ends with 1 [T33]", async () => {
    const { code, stdout } = await vramp("validate", bad);

    expect(code).toBe(1);
    expect(stdout).toContain(
      `${bad}:25:22: error: unknown key \`mx\`\n  at:  workloads.worker-llm.nodes.mx\n  fix: did you mean \`max\`?\n`,
    );
    expect(stdout).toContain(`${bad}:31:34: error: signal \`qeue\` does not exist\n`);
    expect(stdout).toMatch(/\ninvalid: .*bad\.yaml: 2 errors\n$/);
    expect(stdout).not.toContain("\u001b");
  });

  test("prints one JSON object for programs", async () => {
    const { code, stdout } = await vramp("validate", bad, "--output", "json");

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: false,
      fleet: null,
      revision: null,
      workloads: [],
      issues: [{ severity: "error", file: bad, line: 25, column: 22, path: "workloads.worker-llm.nodes.mx" }, {}],
    });
  });

  test.each([
    [join(folder, "none.yaml"), "there is no such file"],
    [folder, "it is a folder"],
  ])("says why a file cannot be read (%#) and ends with 1", async (file, reason) => {
    expect(await vramp("validate", file)).toEqual({
      code: 1,
      stdout: "",
      stderr: `error: cannot read the policy ${file}: ${reason}\n`,
    });
  });

  test("checks the holiday file that the policy names, and shows what is wrong at its line", async () => {
    const file = join(folder, "holidays.yaml");
    writeFileSync(file, GOOD.replace("sources:", "holidays: { ics: de.ics }\nsources:"));
    const line = GOOD.slice(0, GOOD.indexOf("sources:")).split("\n").length;

    const { code, stdout } = await vramp("validate", file);

    expect(code).toBe(1);
    expect(stdout).toContain(
      `${file}:${line}:18: error: the holiday file ${join(folder, "de.ics")} gives no holidays\n`,
    );
    expect(stdout).toContain("why: it cannot be read (there is no such file)\n");
  });

  test("is in the help, and its options are in its own", async () => {
    const [all, own] = await Promise.all([vramp("--help"), vramp("help", "validate")]);
    expect(all).toMatchObject({ code: 0, stdout: expect.stringContaining("check a policy file") });
    expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining("--output <format>") });
  });
});

test("a warning is shown, and the policy stays valid", () => {
  const result = loadPolicy(GOOD.replace("maxAge: 3m", "maxAge: 90s"), "p.yaml");
  const text = toText(result, "p.yaml", plain);

  expect(text).toContain("p.yaml:16:179: warning: `maxAge` (1m30s) is less than two periods of the metric (1m each)\n");
  expect(text).toMatch(/\nvalid: p\.yaml: fleet prod-gpu, .*, 1 warning$/);
  expect(toJson(result)).toMatchObject({ valid: true, fleet: "prod-gpu", issues: [{ severity: "warning" }] });
});
