import { z } from "zod";
import { TRIGGERS } from "../../shared/model/observation.ts";
import { wording } from "../../shared/policy/explain/wording.ts";
import { formatPath } from "../../shared/policy/finding.ts";
import { nodeCount } from "../../shared/policy/schema/common.ts";
import { closest } from "../../shared/policy/suggest.ts";
import { BadLine, shown } from "./bad-line.ts";

const AN_OBJECT = "expected an object";

/**
 * An object whose unknown keys are let through, so that other programs may add their own and later ones their news, but
 * not one that looks like a misspelling: it would leave its default in force without a word.
 */
function open<S extends z.core.$ZodLooseShape>(shape: S) {
  const known = Object.keys(shape);
  return z.looseObject(shape, AN_OBJECT).check(({ value, issues }) => {
    for (const key of Object.keys(value)) {
      const near = Object.hasOwn(shape, key) ? undefined : closest(key, known);
      if (near === undefined) continue;
      const message = `unknown key; did you mean ${near}?`;
      issues.push({ code: "custom", message, path: [key], input: value });
    }
  });
}

const time = z.iso
  .datetime({ offset: true, error: "expected an RFC 3339 time with its offset, such as 2026-11-27T12:00:00Z" })
  .transform((text) => Date.parse(text) / 1000);

const node = open({ id: z.string().min(1), ready: z.boolean(), noticed: z.boolean().default(false) });

const nodes = z.array(node).check(({ value, issues }) => {
  const twice = value.findIndex(({ id }, i) => value.findIndex((other) => other.id === id) < i);
  if (twice === -1) return;
  issues.push({ code: "custom", message: "a node is listed twice; list each once", path: [twice], input: value });
});

const pool = open({
  desired: nodeCount,
  ready: nodeCount,
  noticed: nodeCount.default(0),
  min: nodeCount.default(0),
  /** `nodes.max` of the workload when absent. */
  max: nodeCount.optional(),
  status: z.enum(["active", "updating", "degraded"]).default("active"),
  capacityError: time.nullable().default(null),
  nodes: nodes.nullable().default(null),
});
export type PoolLine = z.output<typeof pool>;

const line = open({
  now: time,
  workload: z.string(),
  trigger: open({ kind: z.enum(TRIGGERS) }),
  signals: z.record(z.string(), z.unknown(), AN_OBJECT),
  pools: z.record(z.string(), pool.nullable(), AN_OBJECT),
});

/** One line of the input: times in epoch seconds, defaults filled in, series not yet looked at. */
export type ObservationLine = z.output<typeof line>;

function explain(issue: z.core.$ZodIssue): string {
  const path = formatPath(issue.path.map((part) => (typeof part === "number" ? part : String(part))));
  const where = path === "" ? "the line" : path;
  if (issue.code === "custom") return `${where}: ${issue.message}`;
  // A whole number of nodes that is too large is told so, not that it is no whole number.
  const beyond =
    issue.code === "too_small" || issue.code === "too_big" ? wording({ ...issue, input: issue.input }) : undefined;
  return `${where}: ${beyond ?? issue.message}, and it is ${shown(issue.input)}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const hint = /\b(NaN|Infinity)\b/.test(text) ? "; JSON has no NaN and no Infinity, write null" : "";
    throw new BadLine(`not JSON: ${why}${hint}`, { cause });
  }
}

/** Reads one line. Throws `BadLine` with the first thing that is wrong with it. */
export function parseLine(text: string): ObservationLine {
  const parsed = line.safeParse(jsonOf(text), { error: wording, reportInput: true });
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new BadLine(first === undefined ? "not an observation" : explain(first));
}
