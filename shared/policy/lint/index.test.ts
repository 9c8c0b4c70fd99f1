import { expect, test } from "vitest";
import { GOOD, issuesOf } from "./lint.fixture.ts";

test("the good policy has no issue", () => {
  expect(issuesOf(GOOD)).toEqual([]);
});
