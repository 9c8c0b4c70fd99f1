import { createHash } from "node:crypto";

/** JSON with the keys of every object in order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** SHA-256 of what the policy means: comments, the order of keys and other spellings of a duration do not change it. */
export function revisionOf(policy: object): string {
  return createHash("sha256").update(canonicalJson(policy)).digest("hex");
}
