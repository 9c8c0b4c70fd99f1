import { expect, test } from "vitest";
import { awayFor } from "./hand-back.ts";

test("what goes back is away for half a minute, longer with each delivery, and for four minutes at most", () => {
  expect([1, 2, 3, 4, 5, 50].map(awayFor)).toEqual([30, 60, 120, 240, 240, 240]);
});
