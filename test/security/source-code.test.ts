import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { parseSync, Visitor } from "oxc-parser";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.ts"], { encoding: "utf8" })
  .trim()
  .split("\n");
/** What runs in a cloud or on an operator's machine. */
const shipped = files.filter(
  (file) => existsSync(file) && /^(shared|functions|cli|console|infra)\//.test(file) && !file.endsWith(".test.ts"),
);

describe("a regular expression is never made of text from outside [T14]", () => {
  /** Made of this project's own words, and of nothing that anybody can write into a policy or a request. */
  const OWN_WORDS = new Set(["shared/decide/placement/requirements.ts"]);

  function buildsOne(file: string): boolean {
    const called: string[] = [];
    const note = ({ callee }: { readonly callee: { readonly type: string; readonly name?: unknown } }) => {
      if (callee.type === "Identifier") called.push(String(callee.name));
    };
    new Visitor({ NewExpression: note, CallExpression: note }).visit(
      parseSync(file, readFileSync(file, "utf8")).program,
    );
    return called.includes("RegExp");
  }

  test("in anything that ships", () => {
    expect(shipped.length).toBeGreaterThan(100);
    expect(shipped.filter((file) => buildsOne(file) && !OWN_WORDS.has(file))).toEqual([]);
  });
});

test("nothing that ships runs text as code, or a shell [T14] [T36]", () => {
  const forbidden = /\beval\(|new Function\(|node:vm|\bexecSync\(|\bexec\(|shell: true/;
  const callsRegExp = /\.exec\(/g;
  expect(shipped.filter((file) => forbidden.test(readFileSync(file, "utf8").replace(callsRegExp, "")))).toEqual([]);
});

describe("packages [T31]", () => {
  const versions = z.record(z.string(), z.string());
  const manifest = z
    .object({ dependencies: versions, devDependencies: versions })
    .parse(JSON.parse(readFileSync("package.json", "utf8")));
  const lock = z
    .object({
      packages: z.record(
        z.string(),
        z.object({
          version: z.string().optional(),
          integrity: z.string().optional(),
          resolved: z.string().optional(),
          link: z.boolean().optional(),
          hasInstallScript: z.boolean().optional(),
          /** Comes within another package, whose integrity covers it. */
          inBundle: z.boolean().optional(),
        }),
      ),
    })
    .parse(JSON.parse(readFileSync("package-lock.json", "utf8")));
  const locked = Object.entries(lock.packages).filter(([path]) => path !== "");
  // The lockfile names other platforms' binaries too, by their version alone; they are not installed here.
  const installed = locked.filter(([path]) => existsSync(path));

  test("are named by one exact version each", () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test("are locked by what they contain, and come from the registry", () => {
    expect(installed.length).toBeGreaterThan(100);
    expect(
      installed.filter(([, { integrity, inBundle }]) => inBundle !== true && !integrity?.startsWith("sha512-")),
    ).toEqual([]);
    expect(
      locked.filter(([, { link, resolved }]) => link === true || /^(git|file|http:)/.test(resolved ?? "")),
    ).toEqual([]);
  });

  test("of which few may run a script of their own when they are installed", () => {
    const names = locked.flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript === true ? [path.replace(/^.*node_modules\//, "")] : [],
    );
    // esbuild, node and classic-level fetch or choose a binary; protobufjs only warns. A new one is looked at before it is listed.
    expect(names.toSorted()).toEqual(["classic-level", "esbuild", "node", "protobufjs"]);
  });
});
