import { dirname } from "node:path";
import type { Plugin } from "esbuild";

/**
 * Leaves zod's messages in fifty other languages out. vramp speaks English; they were 264 KB, a third of what every cold start
 * read.
 */
export const onlyEnglish: Plugin = {
  name: "only-english",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: 'export { default as en } from "./en.js";',
      resolveDir: dirname(path),
    }));
  },
};
