import type { Plugin } from "esbuild";

/** The full loader of policies, for when no checked one is there. */
export const POLICY_LOADER = "shared/policy/load.ts";

/** Where it stands in a bundle, as the entry imports it. */
export const LOADER_CHUNK = "./chunks/load.mjs";

/**
 * Leaves the full loader to a bundle of its own. It needs all of zod; in one bundle with it every start would read all of what
 * both it and the small schemas of the start use a part of, which is most of zod.
 */
export const loaderApart: Plugin = {
  name: "loader-apart",
  setup({ onResolve }) {
    onResolve({ filter: /\/policy\/load\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: LOADER_CHUNK, external: true } : null,
    );
  },
};
