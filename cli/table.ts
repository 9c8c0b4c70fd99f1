/** Rows as columns that line up, two spaces between, nothing after the last. Every row has as many cells as the first. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The lines of a text, each moved in. */
export function indent(text: string, by = 2): string {
  return text.replaceAll(/^/gm, " ".repeat(by));
}
