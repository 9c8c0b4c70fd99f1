import type { ConditionFinding, Verdict } from "../../model/decision.ts";
import type { Causes } from "../../model/memory.ts";
import type { Reason } from "../../model/reasons.ts";
import type { Rule } from "../../policy/schema/workload.ts";
import { type EpochSeconds, formatDuration, type Seconds } from "../../policy/units.ts";
import type { Context } from "../context.ts";
import type { Proposal } from "./proposal.ts";
import { unknownReason } from "./unknown.ts";

interface RuleFinding {
  readonly rule: Rule;
  readonly verdict: Verdict;
  readonly findings: readonly ConditionFinding[];
  /** The finding that settled the verdict. */
  readonly decisive: ConditionFinding | null;
}

/** Which verdict settles a rule first. `any`: one true is enough. `all`: one false is enough. */
const PRECEDENCE = {
  any: ["true", "pending", "unknown", "false", "absent"],
  all: ["false", "unknown", "pending", "true", "absent"],
} as const;

function judgeRule(rule: Rule, context: Context): RuleFinding {
  const findings = rule.conditions.map(context.judge);
  for (const verdict of PRECEDENCE[rule.match]) {
    const decisive = findings.find((f) => f.verdict === verdict);
    if (decisive !== undefined) return { rule, verdict, findings, decisive };
  }
  return { rule, verdict: "absent", findings, decisive: null };
}

/** When the size that the evidence is about came into being; null while nodes are still under way. */
function settledAt(context: Context): EpochSeconds | null {
  const { memory, now, workload } = context;
  if (memory.lastChange === null) return Number.NEGATIVE_INFINITY;
  const timeout = memory.lastChange.at + workload.provisionTimeout;
  return memory.lastChange.settledAt ?? (now >= timeout ? timeout : null);
}

const longestWindow = (rule: Rule): Seconds => Math.max(0, ...rule.conditions.map((c) => c.for));

/**
 * What the `scaleUp` and `scaleDown` rules propose. Up is looked at first; down only if nothing asks for up, now or soon,
 * and every input is known. Windows count evidence about the present size only: after a change they start afresh, and
 * nothing is added while nodes asked for earlier are under way (docs/decisions.md). Null when the workload has no rules.
 */
export function proposeByRules(context: Context): Proposal | null {
  const { scaleUp, scaleDown } = context.workload;
  if (scaleUp === undefined && scaleDown === undefined) return null;
  const up = scaleUp === undefined ? null : judgeRule(scaleUp, context);
  const down = scaleDown === undefined ? null : judgeRule(scaleDown, context);
  const conditions = [...(up?.findings ?? []), ...(down?.findings ?? [])];
  return { ...(growth(up, context) ?? shrinking(up, down, context)), causes: causesOf(up), conditions };
}

type RuleProposal = Omit<Proposal, "causes" | "conditions">;

/** What asks for more: the conditions of the up rule that hold, or are about to. */
function causesOf(up: RuleFinding | null): Causes | null {
  if (up?.verdict !== "true" && up?.verdict !== "pending") return null;
  const asking = up.findings.filter((f) => f.verdict === "true" || f.verdict === "pending");
  return Object.fromEntries(asking.flatMap((f) => (f.value === null ? [] : [[f.signal, f.value]])));
}

/** A rule that would fire, but on evidence that is partly older than the present size. */
function tooSoon(rule: Rule, context: Context): string | null {
  const settled = settledAt(context);
  const window = longestWindow(rule);
  const { now, memory } = context;
  if (settled === null || now - settled >= window || memory.lastChange === null) return null;
  const left = formatDuration(window - (now - settled));
  return `the size became ${memory.lastChange.to} ${formatDuration(now - settled)} ago; the rule looks at it for another ${left}`;
}

function growth(up: RuleFinding | null, context: Context): RuleProposal | null {
  if (up?.verdict !== "true" || up.decisive === null) return null;
  const { size, memory } = context;
  const held = { nodes: size.desired, unknown: null };
  if (settledAt(context) === null) {
    const missing = Math.max(0, (memory.lastChange?.to ?? size.desired) - size.ready);
    const what = missing > 0 ? `${missing} of the nodes asked for are` : "the last change is still";
    return { ...held, reason: "OperationInProgress", detail: `${up.decisive.detail}; ${what} under way` };
  }
  const soon = tooSoon(up.rule, context);
  if (soon !== null) return { ...held, reason: "OperationInProgress", detail: `${up.decisive.detail}; ${soon}` };
  return { nodes: size.desired + up.rule.nodes, unknown: null, reason: "RuleMatched", detail: up.decisive.detail };
}

function shrinking(up: RuleFinding | null, down: RuleFinding | null, context: Context): RuleProposal {
  const current = context.size.desired;
  const stay = (reason: Reason, detail: string, unknown: RuleProposal["unknown"] = null): RuleProposal => ({
    nodes: current,
    unknown,
    reason,
    detail,
  });
  const unknown = [...(up?.findings ?? []), ...(down?.findings ?? [])].find((f) => f.verdict === "unknown");
  if (unknown !== undefined) {
    const block = { reason: unknownReason(unknown.why), detail: unknown.detail };
    return stay(block.reason, block.detail, block);
  }
  if (down?.verdict === "true" && down.decisive !== null) {
    if (up?.verdict === "pending") {
      return stay(
        "ConflictingSignals",
        `${down.decisive.detail}; but ${up.decisive?.detail ?? "another asks for more"}`,
      );
    }
    const soon = settledAt(context) === null ? "the last change is still under way" : tooSoon(down.rule, context);
    if (soon !== null) return stay("NoRuleMatched", `${down.decisive.detail}; ${soon}`);
    const nodes = Math.max(0, current - down.rule.nodes);
    return { nodes, unknown: null, reason: "RuleMatched", detail: down.decisive.detail };
  }
  const near = [up, down].find((rule) => rule?.verdict === "pending")?.decisive;
  return stay(
    "NoRuleMatched",
    near?.detail ?? up?.decisive?.detail ?? down?.decisive?.detail ?? "no rule could be asked",
  );
}
