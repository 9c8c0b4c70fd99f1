import { z } from "zod";
import type { Path } from "../finding.ts";

/** What a schema is once its wrappers (optional, default, transform) are taken off; a union gives each of its options. */
function unwrap(schema: unknown): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap());
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap);
  return schema instanceof z.core.$ZodType ? [schema] : [];
}

function step(schema: z.core.$ZodType, part: string | number): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) return unwrap(Object.hasOwn(schema.shape, part) ? schema.shape[part] : undefined);
  if (schema instanceof z.ZodRecord) return unwrap(schema.valueType);
  if (schema instanceof z.ZodArray) return unwrap(schema.element);
  return [];
}

/** Every schema that may stand at `path`; several below a union. */
export function schemasAt(root: z.core.$ZodType, path: Path): readonly z.core.$ZodType[] {
  return path.reduce<readonly z.core.$ZodType[]>((here, part) => here.flatMap((s) => step(s, part)), unwrap(root));
}

/** The keys an object at `path` may have. */
export function knownKeys(root: z.core.$ZodType, path: Path): readonly string[] {
  const shapes = schemasAt(root, path).flatMap((s) => (s instanceof z.ZodObject ? Object.keys(s.shape) : []));
  return [...new Set(shapes)];
}

/** Values that between them satisfy most leaves of the schema. */
const STAND_INS: readonly unknown[] = [1, 0.5, "x", "1m", "1Gi", "0 0 * * *", "eu-central-1", true, {}, []];

/** A value the schema accepts at `path`, for looking at the rest of a file while this part is wrong. */
export function standIn(root: z.core.$ZodType, path: Path): { readonly value: unknown } | undefined {
  const schemas = schemasAt(root, path);
  const candidates = [...STAND_INS, ...schemas.flatMap((s) => (s instanceof z.ZodEnum ? s.options : []))];
  const value = candidates.find((candidate) => schemas.some((schema) => z.core.safeParse(schema, candidate).success));
  return value === undefined ? undefined : { value };
}
