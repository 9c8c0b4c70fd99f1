import type { z } from "zod";
import { error, type Finding, formatPath, type Path } from "../finding.ts";
import { closest, didYouMean, listed } from "../suggest.ts";
import { knownKeys } from "./known-keys.ts";

/** A finding about the shape of the file, and how to look past it at the rest. */
export interface ShapeFinding extends Finding {
  readonly mend: "remove" | "replace" | { readonly renameTo: string };
  /** It is about something that is not there. */
  readonly isMissing?: boolean;
}

type Issue = z.core.$ZodIssue;

/** zod's issues in words, each at the value it is about. A union speaks for the branch that was meant. */
export function explainAll(issues: readonly Issue[], root: z.core.$ZodType, data: unknown): readonly ShapeFinding[] {
  return issues.flatMap((issue) => explain(issue, toPath(issue.path), root, data));
}

function explain(issue: Issue, path: Path, root: z.core.$ZodType, data: unknown): readonly ShapeFinding[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(path, key, knownKeys(root, path), valueAt(data, path)));
    case "invalid_union":
      return isAbsent(data, path)
        ? [missing(path, "")]
        : explainUnion(issue.errors, path, root, data, valueAt(data, path));
    case "invalid_key":
      return [
        {
          ...error(path, {
            message: `\`${String(path.at(-1))}\` cannot be a name here`,
            ...whyOf(issue.issues[0]?.message),
            fix: "choose another name, here and wherever it is used",
          }),
          atKey: true,
          mend: "remove",
        },
      ];
    case "custom":
      return [
        { ...error(path, { message: `${nameOf(path)} ${issue.message}`, ...fixOf(issue.params) }), mend: "remove" },
      ];
    default:
      return [isAbsent(data, path) ? missing(path, issue.message) : wrongValue(issue, path, valueAt(data, path))];
  }
}

/** The branch of a union with the fewest strange and missing keys at its top is the one that was meant. */
function explainUnion(
  branches: readonly (readonly Issue[])[],
  path: Path,
  root: z.core.$ZodType,
  data: unknown,
  value: unknown,
): readonly ShapeFinding[] {
  const fitting = branches.filter((issues) => !issues.some((i) => i.path.length === 0 && isOfAnotherKind(i, value)));
  const ranked = fitting
    .map((issues) => ({ issues, misfit: misfit(issues, value) }))
    .sort((a, b) => a.misfit - b.misfit);
  const [best, second] = ranked;
  if (best !== undefined && (second === undefined || best.misfit < second.misfit))
    return best.issues.flatMap((issue) => explain(issue, [...path, ...toPath(issue.path)], root, data));

  const known = knownKeys(root, path);
  const given = isObject(value) ? Object.keys(value) : [];
  const strange = given.filter((key) => !known.includes(key));
  if (strange.length > 0) return strange.map((key) => unknownKey(path, key, known, value));
  const message =
    best === undefined
      ? `${nameOf(path)} cannot be ${show(path, value)}`
      : given.length === 0
        ? `${nameOf(path)} is empty`
        : `${nameOf(path)} has ${listed(given)} at once`;
  return [{ ...error(path, { message, fix: `give exactly one of ${listed(known)}` }), mend: "remove" }];
}

/** Whether the branch wants something else altogether: a mapping where a word stands, or a word where a mapping does. */
const isOfAnotherKind = (issue: Issue, value: unknown): boolean =>
  issue.code === "invalid_type" || (issue.code === "invalid_value" && isObject(value));

function misfit(issues: readonly Issue[], value: unknown): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === "unrecognized_keys" && issue.path.length === 0) return sum + issue.keys.length;
    return sum + (issue.path.length === 1 && isAbsent(value, toPath(issue.path)) ? 1 : 0);
  }, 0);
}

function unknownKey(path: Path, key: string, known: readonly string[], value: unknown): ShapeFinding {
  const near = closest(key, known);
  const renameTo = near !== undefined && isObject(value) && !Object.hasOwn(value, near) ? near : undefined;
  return {
    ...error([...path, key], { message: `unknown key \`${key}\``, fix: didYouMean(key, known, "remove it") }),
    atKey: true,
    mend: renameTo === undefined ? "remove" : { renameTo },
  };
}

function missing(path: Path, expected: string): ShapeFinding {
  const owner = path.slice(0, -1);
  const subject = owner.length === 0 ? "the policy" : nameOf(owner);
  const wants = expected.startsWith("expected ") ? `, ${expected}` : "";
  return {
    ...error(path, {
      message: `${subject} has no \`${String(path.at(-1))}\``,
      fix: `add \`${String(path.at(-1))}: …\`${wants}`,
    }),
    mend: "replace",
    isMissing: true,
  };
}

function wrongValue(issue: Issue, path: Path, value: unknown): ShapeFinding {
  const message = `${nameOf(path)} ${fault(issue, path, value)}`;
  return { ...error(path, { message, ...whyOf(issue.message), ...fixFor(issue, value) }), mend: "replace" };
}

function fault(issue: Issue, path: Path, value: unknown): string {
  if (value === null) return "has no value";
  const isSize = issue.code === "too_small" || issue.code === "too_big";
  if (isSize && Array.isArray(value)) return `has ${value.length} ${value.length === 1 ? "entry" : "entries"}`;
  if (isSize && typeof value === "string") return `has ${value.length} characters`;
  return `cannot be ${show(path, value)}`;
}

function fixFor(issue: Issue, value: unknown): { fix?: string } {
  if (issue.code === "invalid_value" && typeof value === "string") {
    const near = closest(value, issue.values.map(String));
    return near === undefined ? {} : { fix: `did you mean \`${near}\`?` };
  }
  if (issue.code !== "invalid_type") return {};
  if (issue.expected === "string")
    return typeof value === "number" && issue.message.includes("duration")
      ? { fix: `write \`${value}s\` if seconds are meant` }
      : {};
  const isQuotedNumber = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  return isQuotedNumber ? { fix: "remove the quotes" } : {};
}

const whyOf = (message: string | undefined): { why?: string } => (message === undefined ? {} : { why: message });
const fixOf = (params: Readonly<Record<string, unknown>> | undefined): { fix?: string } =>
  typeof params?.fix === "string" ? { fix: params.fix } : {};

/** The last key of a path, with the indexes after it: `any[0]`. */
function nameOf(path: Path): string {
  const key = path.findLastIndex((part) => typeof part === "string");
  return path.length === 0 ? "the policy" : `\`${formatPath(path.slice(Math.max(0, key)))}\``;
}

/** Values under such keys may hold what must not be printed, if only by mistake. */
const DELICATE = /secret|token|password|url/i;
const MAX_SHOWN = 60;

function show(path: Path, value: unknown): string {
  if (path.some((part) => DELICATE.test(String(part)))) return "what it is";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (isObject(value)) return Object.keys(value).length === 0 ? "an empty mapping" : "a mapping";
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return `\`${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}\``;
}

const toPath = (path: readonly PropertyKey[]): Path => path.map((p) => (typeof p === "number" ? p : String(p)));
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return value[Number(part)];
    return isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }, data);
}
const isAbsent = (data: unknown, path: Path): boolean => path.length > 0 && valueAt(data, path) === undefined;
