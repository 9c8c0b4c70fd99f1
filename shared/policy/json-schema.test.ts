import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { JSON_SCHEMA_FILE, policyJsonSchema } from "./json-schema.ts";

test("the schema that is checked in is the one the code gives (else: npm run schema)", () => {
  expect(readFileSync(JSON_SCHEMA_FILE, "utf8")).toBe(policyJsonSchema());
});

test("the schema describes what an author writes", () => {
  const { properties } = JSON.parse(policyJsonSchema());
  const signal = properties.signals.additionalProperties;

  expect(signal.properties.maxAge.type).toBe("string");
  expect(signal.additionalProperties).toBe(false);
  expect(signal.oneOf).toEqual([{ required: ["query"] }, { required: ["metric"] }]);
});
