import { z } from "zod";
import { policy } from "./schema/policy.ts";

/** Where the generated schema is kept, from the top of the project. */
export const JSON_SCHEMA_FILE = "shared/policy/policy.schema.json";

/** The policy as JSON Schema 2020-12, for editors and other programs: what its author writes, not what vramp makes of it. */
export function policyJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(policy, { io: "input" });
  const head = { $schema, title: "vramp policy", description: "One policy file governs one fleet of GPU node pools." };
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`;
}
