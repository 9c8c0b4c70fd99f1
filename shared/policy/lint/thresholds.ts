import { error, type Finding, warning } from "../finding.ts";
import { own } from "../own.ts";
import type { Condition } from "../schema/common.ts";
import type { Policy } from "../schema/policy.ts";
import type { Rule, Workload } from "../schema/workload.ts";
import { signalUses } from "../uses.ts";

/** Thresholds lie where the signal can go, and the two directions leave room between them. */
export function* thresholds(policy: Policy): Iterable<Finding> {
  for (const { signal: name, path, condition } of signalUses(policy)) {
    const unit = own(policy.signals, name)?.unit;
    if (condition === null || unit === undefined) continue;
    yield* inUnit(condition.threshold, condition.comparison, unit, {
      path: [...path.slice(0, -1), condition.comparison],
      name,
    });
  }
  for (const [name, workload] of Object.entries(policy.workloads)) {
    yield* averages(name, workload, policy);
    yield* directions(name, workload);
    for (const direction of ["scaleUp", "scaleDown"] as const)
      yield* contradictions(name, direction, workload[direction]);
  }
}

interface Where {
  readonly path: readonly (string | number)[];
  readonly name: string;
}

function* inUnit(
  threshold: number,
  comparison: Condition["comparison"] | "average",
  unit: "ratio" | "percent",
  { path, name }: Where,
): Iterable<Finding> {
  const involves = [["signals", name, "unit"]];
  const top = unit === "ratio" ? 1 : 100;
  const range = `\`${name}\` is a ${unit === "ratio" ? "ratio: it goes from 0 to 1" : "percentage: it goes from 0 to 100"}`;
  if (threshold < 0 || threshold > top) {
    const meant = unit === "ratio" && threshold > 1 && threshold <= 100 ? threshold / 100 : undefined;
    yield error(path, {
      message: `\`${comparison}: ${threshold}\` lies outside what the signal can be`,
      why: range,
      fix: meant === undefined ? `use a threshold between 0 and ${top}` : `did you mean \`${meant}\`?`,
      involves,
    });
  } else if ((comparison === "above" && threshold === top) || (comparison === "below" && threshold === 0)) {
    yield error(path, { message: `\`${comparison}: ${threshold}\` can never be true`, why: range, involves });
  } else if (unit === "percent" && threshold > 0 && threshold <= 1) {
    const meant = Number((threshold * 100).toPrecision(12));
    yield warning(path, {
      message: `\`${comparison}: ${threshold}\` is ${threshold} percent`,
      why: range,
      fix: `did you mean \`${meant}\`? (if the signal goes from 0 to 1, give it \`unit: ratio\`)`,
      involves,
    });
  }
}

function* averages(name: string, { targets }: Workload, policy: Policy): Iterable<Finding> {
  for (const [i, { signal, average }] of targets.entries()) {
    const unit = own(policy.signals, signal)?.unit;
    if (unit === undefined || average === undefined) continue;
    yield* inUnit(average, "average", unit, { path: ["workloads", name, "targets", i, "average"], name: signal });
  }
}

/** Where both conditions hold: an open interval, or null. */
function overlap(a: Condition, b: Condition): { readonly from: number; readonly to: number } | null {
  const low = (c: Condition) => (c.comparison === "above" ? c.threshold : Number.NEGATIVE_INFINITY);
  const high = (c: Condition) => (c.comparison === "below" ? c.threshold : Number.POSITIVE_INFINITY);
  const from = Math.max(low(a), low(b));
  const to = Math.min(high(a), high(b));
  return from < to ? { from, to } : null;
}

/** Whether one condition alone makes the rule fire. */
const firesAlone = (rule: Rule) => rule.match === "any" || rule.conditions.length === 1;

const span = ({ from, to }: { from: number; to: number }) =>
  from === Number.NEGATIVE_INFINITY
    ? `below ${to}`
    : to === Number.POSITIVE_INFINITY
      ? `above ${from}`
      : `between ${from} and ${to}`;

function* directions(name: string, { scaleUp, scaleDown }: Workload): Iterable<Finding> {
  if (scaleUp === undefined || scaleDown === undefined) return;
  const upAt = ["workloads", name, "scaleUp"];
  for (const up of scaleUp.conditions)
    for (const [i, down] of scaleDown.conditions.entries()) {
      if (up.signal !== down.signal) continue;
      const path = ["workloads", name, "scaleDown", scaleDown.match, i, down.comparison];
      const both = overlap(up, down);
      if (both !== null) {
        const certain = firesAlone(scaleUp) && firesAlone(scaleDown);
        yield (certain ? error : warning)(path, {
          message: `with \`${up.signal}\` ${span(both)}, \`scaleUp\` and \`scaleDown\` are both true`,
          why: "it would ask for more nodes and for fewer at the same time",
          fix: `leave a gap: \`scaleUp\` is true ${up.comparison} ${up.threshold}`,
          involves: [upAt],
        });
      } else if (up.threshold === down.threshold) {
        yield warning(path, {
          message: `\`scaleUp\` and \`scaleDown\` meet at ${up.threshold} of \`${up.signal}\``,
          why: "a signal that hovers there would add and remove nodes in turn",
          fix: "leave a gap between the two thresholds",
          involves: [upAt],
        });
      }
    }
}

function* contradictions(name: string, direction: "scaleUp" | "scaleDown", rule: Rule | undefined): Iterable<Finding> {
  if (rule?.match !== "all") return;
  for (const [i, later] of rule.conditions.entries()) {
    const first = rule.conditions.slice(0, i).findIndex((c) => c.signal === later.signal && overlap(c, later) === null);
    if (first === -1) continue;
    yield error(["workloads", name, direction, "all", i], {
      message: `this condition and \`all[${first}]\` can never hold at once`,
      why: `both look at \`${later.signal}\`, so \`${direction}\` would never fire`,
      fix: "use `any`, or change one of the thresholds",
    });
  }
}
