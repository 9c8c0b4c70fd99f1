import { registerHooks } from "node:module";
import type { Mutant } from "./mutants.ts";

/** Breaks one file as it is loaded; nothing on disk changes. To be called before anything that imports it. */
export function applyMutant({ name, file, find, replace }: Mutant): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(`/${file}`)) return loaded;
      const source = String(loaded.source);
      const places = source.split(find).length - 1;
      if (places !== 1)
        throw new Error(
          `mutant ${name}: what it replaces stands ${places} times in ${file}, and must stand there once; adapt it to the code`,
        );
      return { ...loaded, source: source.replace(find, () => replace) };
    },
  });
}
