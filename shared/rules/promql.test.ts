import { expect, test } from "vitest";
import { compare, RulesError } from "./promql.ts";

test.each([
  ["sum(llm_queue_length)", "(\nsum(llm_queue_length)\n) > 50"],
  ["a or b # the second wins", "(\na or b # the second wins\n) > 50"],
  ['{job=")"} + x{y=~"(a|b"}[5m] offset 1m', '(\n{job=")"} + x{y=~"(a|b"}[5m] offset 1m\n) > 50'],
  ["x{y='\\')'}", "(\nx{y='\\')'}\n) > 50"],
  ["x{y=`\\`} # )", "(\nx{y=`\\`} # )\n) > 50"],
  ["sum(\r\n  a\r\n)", "(\nsum(\n  a\n)\n) > 50"],
])("the whole of %j is compared", (query, expected) => {
  expect(compare("queue", query, "above", 50)).toBe(expected);
});

test("a small or negative threshold is written as PromQL reads it", () => {
  expect(compare("s", "x", "below", 1e-7)).toBe("(\nx\n) < 1e-7");
  expect(compare("s", "x", "below", -2.5)).toBe("(\nx\n) < -2.5");
});

test.each([
  ["up) or (vector(1)", "closes a bracket that is not open"],
  ["sum(x", "leaves a bracket open"],
  ["sum(x]", "closes a bracket that is not open"],
  ['x{y="z}', "has a string that does not end"],
  ["x{y=`z}", "has a string that does not end"],
  ["x{y='z\n'}", "has a string that does not end"],
  ["x\0", "contains a control character"],
])("%j is refused, because it would not stay within its brackets [T36]", (query, why) => {
  expect(() => compare("queue", query, "above", 50)).toThrow(RulesError);
  expect(() => compare("queue", query, "above", 50)).toThrow(`The query of signal "queue" ${why}`);
});
