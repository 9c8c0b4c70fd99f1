import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PAGE, readRun, readSections, reliabilityPage, rowsNamed, type Section } from "../scripts/reliability.ts";

const sections = readSections();
const ids = sections.flatMap(({ rows }) => rows.map(({ id }) => id));
const page = readFileSync(PAGE, "utf8");
const lines = page.split("\n").filter((line) => /^\| [FT]\d+ \|/.test(line));

/** The rows that titles name, by the file they stand in. Read, not run. */
const named = new Map(
  execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.ts"], { encoding: "utf8" })
    .trim()
    .split("\n")
    .filter((file) => file !== "test/reliability.test.ts" && (file.startsWith("test/") || file.endsWith(".test.ts")))
    .filter((file) => existsSync(file)) // git still lists what was only deleted in the working tree
    .map((file) => [file, rowsNamed(readFileSync(file, "utf8"))]),
);

describe("docs/reliability.md", () => {
  test("has 88 faults and 36 threats, each once", () => {
    const of = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
    expect(ids).toEqual([...of("F", 88), ...of("T", 36)]);
    expect(lines.map((line) => line.split(" ")[1])).toEqual(ids);
  });

  test("says what each is as the list of faults does (else: npm run reliability)", () => {
    const bare = reliabilityPage(sections, []).split("\n");
    const words = (line: string) => line.split(" | ").slice(0, 3).join(" | ");
    expect(lines.map(words)).toEqual(bare.filter((line) => /^\| [FT]\d+ \|/.test(line)).map(words));
  });

  test("has a test for a row where, and only where, a title names it (else: npm run reliability)", () => {
    const tested = new Set([...named.values()].flat());
    const untested = lines.filter((line) => line.endsWith("| no test |")).map((line) => line.split(" ")[1]);
    expect(untested).toEqual(ids.filter((id) => !tested.has(id)));
  });
});

test("every row that a title names exists", () => {
  const known = new Set(ids);
  const strange = [...named].flatMap(([file, rows]) => rows.flatMap((id) => (known.has(id) ? [] : [`${file}: ${id}`])));
  expect(strange).toEqual([]);
});

describe("a page", () => {
  const SECTIONS: readonly Section[] = [
    {
      title: "A",
      rows: [
        { id: "F1", what: "a | b", expected: "c" },
        { id: "F2", what: "d", expected: "e", note: "not built" },
      ],
    },
  ];
  const runOf = (...results: readonly (readonly [title: string, status: string])[]) =>
    readRun(
      JSON.stringify({
        testResults: [
          {
            name: `${process.cwd()}/a.test.ts`,
            status: "passed",
            assertionResults: results.map(([title, status]) => ({ ancestorTitles: ["g [F1]"], title, status })),
          },
          { name: `${process.cwd()}/b.test.ts`, status: "failed", assertionResults: [] },
        ],
      }),
    );

  test("tells of each row by which tests it is shown, and how they ended", () => {
    const { shown, broken } = runOf(["x <b>", "passed"], ["y", "failed"], ["z", "skipped"]);
    const made = reliabilityPage(SECTIONS, shown);
    expect(made).toContain("| F1 | a \\| b | c | `a.test.ts`: x &lt;b>; y | **1 of 2 failed** |");
    expect(made).toContain("| F2 | d | e | *not built* | no test |");
    expect(made).toContain("| A | 2 | 1 | 1 |");
    expect(broken).toEqual(["b.test.ts"]);
  });

  test("lists few titles of a file, without what they name", () => {
    const { shown } = runOf(...["a", "b", "c", "d", "e"].map((title) => [`${title} [F2] [F1]`, "passed"] as const));
    expect(reliabilityPage(SECTIONS, shown)).toContain("`a.test.ts`: a; b; c; and 2 more | 5 passed |");
  });
});
