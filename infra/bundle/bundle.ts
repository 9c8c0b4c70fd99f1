import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { FUNCTION_NAMES, type FunctionName } from "../limits.ts";
import { policyChecks } from "../policy-checks.ts";
import { LOADER_CHUNK, loaderApart, POLICY_LOADER } from "./loader-apart.ts";
import { onlyEnglish } from "./only-english.ts";
import { ownCode } from "./own-code.ts";
import { importsOf, type Outputs, packagesIn, reachable } from "./reachable.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Where `synth` and `deploy` look for bundles. */
export const BUNDLES = join(ROOT, "dist/functions");

/** One function's code as it goes to Lambda. */
export interface Bundle {
  readonly name: FunctionName;
  readonly dir: string;
  /** Bytes that a cold start reads before the first event: the entry and what it imports at once. */
  readonly startBytes: number;
  /** Bytes of all of its code. */
  readonly bytes: number;
  /** The npm packages in it. */
  readonly packages: readonly string[];
}

// What CommonJS modules take for granted and ES modules do not have: `require`, by which some reach Node's own modules, and the
// place of the file, which Google's client asks for.
const BANNER = [
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
  "const { dirname: __dirname, filename: __filename } = import.meta;",
].join(" ");

const COMMON = {
  absWorkingDir: ROOT,
  write: false,
  metafile: true,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  mainFields: ["module", "main"], // ES modules are a third smaller for the AWS clients
  outExtension: { ".js": ".mjs" },
  minify: true,
  legalComments: "none",
  banner: { js: BANNER },
  logLevel: "warning",
} as const satisfies BuildOptions;

/** The entry, and a chunk for whatever is imported when first needed. */
const bundleIndex = (entryPoint: string, dir: string) =>
  build({
    ...COMMON,
    entryPoints: { index: entryPoint },
    outdir: dir,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    define: { "process.env.VRAMP_POLICY_CHECKS": JSON.stringify(policyChecks()) },
    plugins: [onlyEnglish, loaderApart, ownCode],
  });

const bundleLoader = (dir: string) =>
  build({
    ...COMMON,
    entryPoints: { load: POLICY_LOADER },
    outdir: join(dir, dirname(LOADER_CHUNK)),
    plugins: [onlyEnglish],
  });

/**
 * Bundles one entry point, as every function's is. Code splitting, because what is imported when first needed must not be read before: one file with
 * everything costs some 200 ms of every cold start. A build for each function, so that none carries another's chunks.
 */
export async function bundleEntry(entryPoint: string, dir: string): Promise<Omit<Bundle, "name">> {
  const index = await bundleIndex(entryPoint, dir);
  const entry = relative(ROOT, join(dir, "index.mjs"));
  const builds = importsOf(index.metafile.outputs, entry).includes(LOADER_CHUNK)
    ? [index, await bundleLoader(dir)]
    : [index];
  const outputs: Outputs = Object.assign({}, ...builds.map(({ metafile }) => metafile.outputs));
  const files = [
    ...reachable(outputs, entry),
    ...builds.slice(1).flatMap(({ metafile }) => Object.keys(metafile.outputs)),
  ];
  const wanted = new Set(files.map((file) => resolve(ROOT, file)));
  for (const { path, contents } of builds
    .flatMap(({ outputFiles }) => outputFiles)
    .filter(({ path }) => wanted.has(path))) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, contents);
  }
  const size = (some: readonly string[]) => some.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
  return {
    dir,
    startBytes: size(reachable(outputs, entry, "at once")),
    bytes: size(files),
    packages: packagesIn(outputs, files),
  };
}

const bundleFunction = async (name: FunctionName, dir: string): Promise<Bundle> => ({
  name,
  ...(await bundleEntry(join("functions", name, "index.ts"), dir)),
});

/** Writes files, by path and text, into a folder. */
async function place(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}

/**
 * Bundles functions into a folder for each under `outdir`, with the policy's files. The same sources give the same bytes.
 * What was in `outdir` is gone. Throws esbuild's `BuildFailure`.
 */
export async function bundleFunctions(
  policyFiles: Readonly<Record<string, string>>,
  outdir: string = BUNDLES,
  names: readonly FunctionName[] = FUNCTION_NAMES,
): Promise<readonly Bundle[]> {
  await rm(outdir, { recursive: true, force: true });
  const bundles = await Promise.all(names.map((name) => bundleFunction(name, join(outdir, name))));
  await Promise.all(bundles.map(({ dir }) => place(dir, policyFiles)));
  return bundles;
}
