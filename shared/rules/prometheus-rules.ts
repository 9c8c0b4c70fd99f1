import type { Condition } from "../policy/schema/common.ts";
import type { Policy } from "../policy/schema/policy.ts";
import { formatDuration } from "../policy/units.ts";
import { alertNames } from "./alert-names.ts";
import { type Cause, causesOf, type Severity } from "./causes.ts";
import { RULE_INTERVAL } from "./limits.ts";
import { compare, RulesError } from "./promql.ts";
import { RECORDING_RULES, type RecordingRule } from "./recording-rules.ts";

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly vramp_workload: string; readonly vramp_signal: string; readonly severity: Severity };
  readonly annotations: { readonly summary: string; readonly description: string };
}

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

/** A condition for which there is no alert; the tick judges it all the same. */
export interface SkippedCondition {
  readonly workload: string;
  readonly signal: string;
  readonly why: string;
}

/** A Prometheus rule file as data, and what it leaves out. */
export interface PrometheusRules {
  readonly groups: readonly RuleGroup[];
  readonly skipped: readonly SkippedCondition[];
}

/**
 * The recording rules, and one alert for every condition of these workloads that should wake vramp, with the policy's own
 * queries and thresholds. Conditions on signals that Prometheus does not have are skipped.
 *
 * @throws RulesError if the policy has no such workload, or a query cannot be put into a rule
 */
export function prometheusRules(
  policy: Policy,
  workloads: readonly string[] = Object.keys(policy.workloads),
): PrometheusRules {
  const made = workloads.map((id) => groupOf(policy, id));
  const recording = { name: "vramp-recording", interval: formatDuration(RULE_INTERVAL), rules: RECORDING_RULES };
  return {
    groups: [recording, ...made.map(({ group }) => group).filter((group) => group.rules.length > 0)],
    skipped: made.flatMap(({ skipped }) => skipped),
  };
}

function groupOf(policy: Policy, id: string): { group: RuleGroup; skipped: readonly SkippedCondition[] } {
  const workload = own(policy.workloads, id);
  if (workload === undefined)
    throw new RulesError(`The policy has no workload "${id}"; it has ${Object.keys(policy.workloads).join(", ")}.`);
  const causes = causesOf(workload);
  const names = alertNames(id, workload.alerts, causes);
  const rules: AlertRule[] = [];
  const skipped: SkippedCondition[] = [];
  for (const [index, cause] of causes.entries()) {
    const { signal } = cause.condition;
    const query = queryOf(policy, signal);
    if (query.kind === "none") skipped.push({ workload: id, signal, why: query.why });
    else rules.push(alertRule(id, names[index] ?? "", cause, query.promql));
  }
  return { group: { name: `vramp-${id}`, interval: formatDuration(RULE_INTERVAL), rules }, skipped };
}

/** A name from outside may be one that every object has, such as `constructor`. */
const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

type Query = { readonly kind: "query"; readonly promql: string } | { readonly kind: "none"; readonly why: string };

function queryOf(policy: Policy, name: string): Query {
  const signal = own(policy.signals, name);
  if (signal === undefined) return { kind: "none", why: "the policy does not define the signal" };
  const source = own(policy.sources, signal.source);
  if (signal.query === undefined || source === undefined || !("prometheus" in source))
    return { kind: "none", why: "the signal does not come from Prometheus" };
  return { kind: "query", promql: signal.query };
}

function alertRule(workload: string, alert: string, cause: Cause, query: string): AlertRule {
  const { signal, comparison, threshold, for: held } = cause.condition;
  return {
    alert,
    expr: compare(signal, query, comparison, threshold),
    ...(held > 0 ? { for: formatDuration(held) } : {}),
    labels: { vramp_workload: workload, vramp_signal: signal, severity: cause.severity },
    annotations: {
      summary: `${literal(`${workload}: ${inWords(cause.condition)}`)}, now {{ $value }}`,
      description: literal(`${cause.purposes.join(" ")} vramp decides from its own readings.`),
    },
  };
}

function inWords({ signal, comparison, threshold, for: held }: Condition): string {
  return `${signal} is ${comparison} ${threshold}${held > 0 ? ` for ${formatDuration(held)}` : ""}`;
}

/** Prometheus reads annotations as Go templates; this stands for the text itself. */
const literal = (text: string) => text.replaceAll("{{", '{{ "{{" }}');
