// Imports only point downwards, never in a circle: a folder may import from layers below its own and from nowhere else.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseSync } from "oxc-parser";

/** From the top down. Folders on one line are strangers to each other; the longest matching prefix decides. */
const LAYERS: readonly (readonly string[])[] = [
  ["test", "scripts"],
  ["cli", "console", "sandbox", "infra"],
  ["functions"],
  ["lab"],
  ["shared/reconcile"],
  [
    "shared/decide",
    "shared/rules",
    "shared/signals",
    "shared/pools",
    "shared/memory",
    "shared/wake",
    "shared/stop",
    "shared/notify",
  ],
  ["shared/telemetry", "shared/secrets", "shared/identity"],
  ["shared/model"],
  ["shared/policy"],
];

/** Who may look sideways or upwards, and why. */
const ALLOWED: readonly (readonly [from: string, to: string])[] = [
  ["cli", "sandbox"], // `vramp sandbox` starts it
];

/** `decide/` is pure: it may not reach anything that does I/O. */
const PURE = ["shared/decide", "shared/model"];
const PURE_MAY_IMPORT = new Set(["croner"]);

const layerOf = (file: string): { folder: string; level: number } | null => {
  let best: { folder: string; level: number } | null = null;
  LAYERS.forEach((folders, level) => {
    for (const folder of folders)
      if (file.startsWith(`${folder}/`) && folder.length > (best?.folder.length ?? 0)) best = { folder, level };
  });
  return best;
};

const isTest = (file: string) => file.endsWith(".test.ts") || file.endsWith(".fixture.ts");

function importsOf(file: string): string[] {
  const { module } = parseSync(file, readFileSync(file, "utf8"));
  const literal = (text: string) => /^["'`](.*)["'`]$/.exec(text)?.[1];
  const source = readFileSync(file, "utf8");
  return [
    ...module.staticImports.map((i) => i.moduleRequest.value),
    ...module.staticExports.flatMap((e) => e.entries.flatMap((x) => x.moduleRequest?.value ?? [])),
    ...module.dynamicImports.flatMap((d) => literal(source.slice(d.moduleRequest.start, d.moduleRequest.end)) ?? []),
  ];
}

function complaint(file: string, request: string): string | null {
  const from = layerOf(file);
  if (from === null || isTest(file)) return null;
  if (!request.startsWith(".")) {
    const impure = PURE.includes(from.folder) && !PURE_MAY_IMPORT.has(request);
    return impure ? `${from.folder} is pure and may not import the package ${request}` : null;
  }
  const target = normalize(join(dirname(file), request));
  const to = layerOf(target);
  if (to === null || to.folder === from.folder) return null;
  if (ALLOWED.some(([a, b]) => a === from.folder && b === to.folder)) return null;
  return to.level > from.level ? null : `${from.folder} may not import ${to.folder} (${target})`;
}

const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.ts"], { encoding: "utf8" })
  .trim()
  .split("\n")
  // A file that is deleted and not yet committed is still listed.
  .filter((file) => existsSync(file));
const complaints = files.flatMap((file) =>
  importsOf(file).flatMap((request) => {
    const text = complaint(file, request);
    return text === null ? [] : [`${file}: ${text}`];
  }),
);
for (const text of complaints) console.error(text);
if (complaints.length > 0) {
  console.error(`${complaints.length} imports point the wrong way; CONTRIBUTING.md has the order of the layers.`);
  process.exit(1);
}
console.log(`imports: ${files.length} files, all point downwards`);
