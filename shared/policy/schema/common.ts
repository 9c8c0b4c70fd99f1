import { z } from "zod";
import { A_DURATION, A_NODE_COUNT, IDENTIFIER, LABEL, MAX_NODE_COUNT } from "../border.ts";
import { listed } from "../suggest.ts";
import { DURATION_PATTERN, parseDuration, parseQuantity, QUANTITY_PATTERN } from "../units.ts";

const A_QUANTITY = "expected an amount of memory, such as 40Gi or 25000Mi";

/** A duration as Prometheus writes it; parsed to seconds. */
export const duration = z
  .string(A_DURATION)
  .regex(DURATION_PATTERN, A_DURATION)
  .transform(parseDuration)
  .meta({ description: "Duration, such as 90s, 2m or 1h30m" });

/** A Kubernetes memory quantity; parsed to bytes. */
export const quantity = z
  .string(A_QUANTITY)
  .regex(QUANTITY_PATTERN, A_QUANTITY)
  .transform(parseQuantity)
  .meta({ description: "Memory quantity, such as 40Gi" });

/** A DNS label: what workloads and pools are called, so that the name can stand in any key, label or URL. */
export const label = z.string().regex(...LABEL);

/** What signals and sources are called. */
export const identifier = z.string().regex(...IDENTIFIER);

/** A cloud's own name for a thing: printable, without slashes or spaces, so that it cannot change the URL it is put in. */
export const cloudName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,128}$/, "expected letters, digits, '.', '_' and '-', 128 at most");

/** A whole number of nodes. */
export const nodeCount = z.int(A_NODE_COUNT).min(0).max(MAX_NODE_COUNT);

/** US dollars. */
export const dollars = z.number().nonnegative().meta({ description: "US dollars" });

/** A secret's name in AWS Secrets Manager (or the name of a file in a mounted secrets folder); never the secret itself. */
export const secretName = z
  .string()
  .regex(/^[A-Za-z0-9/_+=.@-]{1,512}$/, "expected the name of a secret, not the secret");

/**
 * For `.check()`: exactly one of these keys is given. The message reads after the name of the object; `params.fix` says what
 * to do.
 */
export function exactlyOne<K extends string>(
  ...keys: readonly K[]
): z.core.CheckFn<Readonly<Partial<Record<K, unknown>>>> {
  return ({ value, issues }) => {
    const given = keys.filter((key) => value[key] !== undefined);
    if (given.length === 1) return;
    const message = given.length === 0 ? `has none of ${listed(keys)}` : `has ${listed(given)} at once`;
    issues.push({ code: "custom", message, params: { fix: "give exactly one of them" }, input: value });
  };
}

/** The same rule in JSON Schema, for editors. */
export const oneOfKeys = (...keys: readonly string[]) => ({ oneOf: keys.map((key) => ({ required: [key] })) });

/** One comparison of a signal with a threshold, held for a while. */
export const condition = z
  .strictObject({
    signal: identifier,
    above: z.number().optional().meta({ description: "True while the signal is greater than this" }),
    below: z.number().optional().meta({ description: "True while the signal is less than this" }),
    for: duration.optional().meta({ description: "How long every sample must satisfy it; 0s when absent" }),
  })
  .check(exactlyOne("above", "below"))
  .meta(oneOfKeys("above", "below"))
  .transform((c) => ({
    signal: c.signal,
    comparison: c.above === undefined ? ("below" as const) : ("above" as const),
    threshold: c.above ?? c.below ?? Number.NaN,
    for: c.for ?? 0,
  }));

export type Condition = Readonly<z.output<typeof condition>>;
