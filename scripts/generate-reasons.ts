// Writes docs/reasons.md from the one set of reason codes. `--check` only says whether it is up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { REASONS } from "../shared/model/reasons.ts";
import { UNKNOWN } from "../shared/model/signal.ts";

const FILE = "docs/reasons.md";

const tableOf = (head: string, codes: Readonly<Record<string, string>>): string =>
  [
    `| ${head} | means |`,
    "|---|---|",
    ...Object.entries(codes).map(([code, line]) => `| \`${code}\` | ${line} |`),
  ].join("\n");

export const reasonsPage = `# Reasons

Generated from \`shared/model/reasons.ts\` and \`signal.ts\` by \`npm run reasons\`.

Every decision, log line, metric and audit event gives one of these:

${tableOf("reason", REASONS)}

## Why a signal is unknown

${tableOf("why", UNKNOWN)}
`;

if (import.meta.main) {
  if (!process.argv.includes("--check")) writeFileSync(FILE, reasonsPage);
  else if (readFileSync(FILE, "utf8") !== reasonsPage) {
    console.error(`${FILE} is not up to date; run npm run reasons`);
    process.exit(1);
  }
}
