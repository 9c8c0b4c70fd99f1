import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { reasonsPage } from "../../scripts/generate-reasons.ts";

it("docs/reasons.md has every reason, as the code says it", () => {
  expect(readFileSync("docs/reasons.md", "utf8")).toBe(reasonsPage);
});
