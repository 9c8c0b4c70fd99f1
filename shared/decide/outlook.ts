import type { ConditionFinding, Decision } from "../model/decision.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import type { Rule, Workload } from "../policy/schema/workload.ts";
import { formatDuration } from "../policy/units.ts";
import { describeCondition, formatValue } from "./conditions.ts";
import { resolveBehavior } from "./hpa/behavior-defaults.ts";

/** What would have to change for the size to change, in sentences. */
export interface Outlook {
  readonly grow: readonly string[];
  readonly shrink: readonly string[];
  /** What passes by itself, and when. */
  readonly waiting: readonly string[];
}

/** What a condition still lacks. */
function lacks(finding: ConditionFinding, at: number): string {
  const text = describeCondition(finding);
  switch (finding.verdict) {
    case "true":
      return `${text}: holds`;
    case "pending":
      return `${text}: for another ${formatDuration(finding.for - (at - (finding.since ?? at)))}`;
    case "false":
      return `${text}: is ${formatValue(finding.value ?? Number.NaN)}`;
    case "unknown":
      return `${text}: must be known again`;
    case "absent":
      return `${text}: not asked while there are no nodes`;
    default:
      return finding.verdict satisfies never;
  }
}

function ruleOutlook(
  rule: Rule | undefined,
  findings: readonly ConditionFinding[],
  verb: string,
  at: number,
): readonly string[] {
  if (rule === undefined) return [];
  const needed = rule.match === "any" && rule.conditions.length > 1 ? "any of" : "all of";
  const head = `${verb} ${rule.nodes} when ${rule.conditions.length > 1 ? `${needed} these hold` : "this holds"}`;
  return [head, ...findings.map((f) => `- ${lacks(f, at)}`)];
}

/** When the recommendation that holds back shrinking leaves its window; null while none does. */
function windowEnds(decision: Decision, workload: Workload, memory: WorkloadMemory): string | null {
  const bound = decision.stages.find((s) => s.stage === "behavior" && s.reason === "Stabilizing");
  if (bound === undefined) return null;
  const window = resolveBehavior(workload.behavior).scaleDown.stabilizationWindow;
  const higher = memory.recommendations.filter((r) => r.nodes >= bound.want && r.at <= decision.at);
  const last = higher.at(-1);
  if (last === undefined) return null;
  return `the stabilization window lets go in ${formatDuration(Math.max(0, last.at + window - decision.at))}, unless more is asked for`;
}

/** Works out, from a decision and what it was made of, what would have to change for another size. Pure; for people. */
export function outlook(decision: Decision, workload: Workload, memory: WorkloadMemory): Outlook {
  const demand = decision.stages.find((s) => s.stage === "demand")?.conditions ?? [];
  const upCount = workload.scaleUp?.conditions.length ?? 0;
  const { at } = decision;
  const overrides = memory.overrides.map((o) => `the ${o.kind} of ${o.actor} ends in ${formatDuration(o.until - at)}`);
  const window = windowEnds(decision, workload, memory);
  return {
    grow: ruleOutlook(workload.scaleUp, demand.slice(0, upCount), "adds", at),
    shrink: ruleOutlook(workload.scaleDown, demand.slice(upCount), "removes", at),
    waiting: window === null ? overrides : [window, ...overrides],
  };
}
