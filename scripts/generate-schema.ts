// Writes shared/policy/policy.schema.json from the one schema in code. A test fails when the two differ.
import { writeFileSync } from "node:fs";
import { JSON_SCHEMA_FILE, policyJsonSchema } from "../shared/policy/json-schema.ts";

writeFileSync(new URL(`../${JSON_SCHEMA_FILE}`, import.meta.url), policyJsonSchema());
console.error(`wrote ${JSON_SCHEMA_FILE}`);
