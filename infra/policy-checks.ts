import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CODE = fileURLToPath(new URL("../shared/policy/", import.meta.url));

/** SHA-256, in hex, of the code that reads and checks policies: what one such code has accepted, the same need not check again. */
export function policyChecks(): string {
  const files = readdirSync(CODE, { recursive: true, encoding: "utf8" });
  const code = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts")).toSorted();
  const hash = createHash("sha256");
  for (const file of code) hash.update(`${file}\0${readFileSync(join(CODE, file), "utf8")}\0`);
  return hash.digest("hex");
}
