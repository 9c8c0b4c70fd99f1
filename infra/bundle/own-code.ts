import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

/** Files of ours that are imported for what they do, not for what they give. */
const FOR_EFFECT = /[\\/]policy[\\/]english\.ts$/;

/**
 * Tells esbuild that a file of ours does nothing by being imported, so that one from which nothing is used is left out, and with
 * it the chunks that only it would import.
 */
export const ownCode: Plugin = {
  name: "own-code",
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point") return null;
      const file = join(dirname(importer), path);
      return { path: file, sideEffects: FOR_EFFECT.test(file) };
    });
  },
};
