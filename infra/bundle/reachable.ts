import type { Metafile } from "esbuild";

export type Outputs = Metafile["outputs"];

/**
 * The files that `entry` loads, `entry` first: `at once`, before its first line runs, or `ever`. esbuild also writes chunks
 * for dynamic imports in code that it then dropped as unused; those no file refers to.
 */
export function reachable(outputs: Outputs, entry: string, when: "at once" | "ever" = "ever"): readonly string[] {
  const found = new Set([entry]);
  // A set gives out what is added to it while it is gone through.
  for (const file of found) {
    for (const { path, kind, external } of outputs[file]?.imports ?? [])
      if (external !== true && (when === "ever" || kind !== "dynamic-import")) found.add(path);
  }
  return [...found];
}

/** What a file imports, be it part of the build or not. */
export const importsOf = (outputs: Outputs, file: string): readonly string[] =>
  (outputs[file]?.imports ?? []).map(({ path }) => path);

/** The npm packages with code in these files, sorted. */
export function packagesIn(outputs: Outputs, files: readonly string[]): readonly string[] {
  const inputs = files.flatMap((file) =>
    Object.entries(outputs[file]?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [path] : [],
    ),
  );
  const names = inputs.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return [...new Set(names)].toSorted();
}
