/** How the removal of named nodes is called as an operation: after the nodes, so that anyone can look whether they are gone. */
export interface RemovalTokens {
  tokenOf(ids: readonly string[]): string;
  /** The nodes that an operation removes; null if it is an operation of the cloud's own. */
  removedBy(token: string): readonly string[] | null;
}

/** The tokens of one cloud's removals. No operation of that cloud's own may be called so that it begins with `prefix`. */
export function removalTokens(prefix: string): RemovalTokens {
  return {
    tokenOf: (ids) => `${prefix}${ids.join(",")}`,
    removedBy: (token) =>
      token.startsWith(prefix)
        ? token
            .slice(prefix.length)
            .split(",")
            .filter((id) => id !== "")
        : null,
  };
}
