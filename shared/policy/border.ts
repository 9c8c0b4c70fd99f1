// What a policy has in common with what comes from outside while vramp runs. In zod's small form, here and wherever a start
// passes: the other one, in which policies are described, takes a cold start ten times as long to read.
import * as z from "zod/mini";
import "./english.ts";
import { DURATION_PATTERN, parseDuration } from "./units.ts";

/** For `regex`: what matches, and what is said of what does not. */
type Rule = readonly [pattern: RegExp, message: string];

export const LABEL: Rule = [
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  "expected lower-case letters, digits and '-', 63 at most, no '-' at the ends",
];

/** The letter in front keeps `__proto__` and its like out. */
export const IDENTIFIER: Rule = [
  /^[A-Za-z][A-Za-z0-9_-]{0,62}$/,
  "expected letters, digits, '_' and '-', 63 at most, starting with a letter",
];

export const A_DURATION = "expected a duration with a unit, such as 90s, 2m or 1h30m";

export const A_NODE_COUNT = "expected a whole number of nodes";
/** Above the largest node pool any of the three clouds allows. */
export const MAX_NODE_COUNT = 10_000;

/** What workloads and pools are called. */
export const label = z.string().check(z.regex(...LABEL));

/** What signals are called. */
export const identifier = z.string().check(z.regex(...IDENTIFIER));

/** A duration as Prometheus writes it; parsed to seconds. */
export const duration = z.pipe(
  z.string(A_DURATION).check(z.regex(DURATION_PATTERN, A_DURATION)),
  z.transform(parseDuration),
);

/** A whole number of nodes. */
export const nodeCount = z.int(A_NODE_COUNT).check(z.minimum(0), z.maximum(MAX_NODE_COUNT));
