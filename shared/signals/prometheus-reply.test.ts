import { expect, test } from "vitest";
import { parseValue } from "./prometheus-reply.ts";

test.each([
  ["120", 120],
  ["0.9808850034944028", 0.9808850034944028],
  ["-1.5e-07", -1.5e-7],
  ["9.223372036854775794e+18", 2 ** 63],
  ["+Inf", Number.POSITIVE_INFINITY],
  ["-Inf", Number.NEGATIVE_INFINITY],
  ["NaN", Number.NaN],
  ["", Number.NaN],
  [" ", Number.NaN],
  ["0x10", Number.NaN],
  ["constructor", Number.NaN],
])("the sample value %j is %d", (text, value) => {
  expect(parseValue(text)).toBe(value);
});
