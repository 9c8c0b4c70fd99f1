import type { Condition } from "../policy/schema/common.ts";
import type { Objective, Workload } from "../policy/schema/workload.ts";

/** How much a person should care, as the alerts' label `severity`, from the most to the least. */
export const SEVERITIES = ["critical", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A condition of the policy on which vramp should look at once, and what it is there for. */
export interface Cause {
  readonly condition: Condition;
  readonly severity: Severity;
  /** Names in the policy that an alert about it may mention: its signal, its guard. */
  readonly names: readonly string[];
  /** What the policy does with it, a sentence each. */
  readonly purposes: readonly string[];
}

/**
 * What should wake vramp for a workload: demand that asks for nodes, guards, demand that ends an off-hours zero, and the first
 * work of an objective that has to wait, for a look half a minute sooner is half a minute less of its wait.
 *
 * Not `scaleDown`: an idle fleet would keep such alerts firing all night, and nothing is lost, since the tick looks every
 * minute and those conditions hold for many. Nor `targets`: they are no thresholds but follow the size.
 */
export function causesOf(workload: Workload): readonly Cause[] {
  const { scaleUp, guards, schedules, objective } = workload;
  const up = scaleUp?.conditions.map((condition) => ({
    condition,
    severity: "warning" as const,
    names: [condition.signal],
    purposes: [`scaleUp adds ${scaleUp.nodes} (${scaleUp.match} of ${scaleUp.conditions.length}).`],
  }));
  const guarded = guards.map(({ name, when, blocks }) => ({
    condition: when,
    severity: "critical" as const,
    names: [when.signal, name],
    purposes: [`Guard ${name} forbids ${blocks.join(", ")}.`],
  }));
  const waking = schedules.flatMap(({ name, wakeOn }) =>
    (wakeOn ?? []).map((condition) => ({
      condition,
      severity: "info" as const,
      names: [condition.signal],
      purposes: [`Ends the zero of schedule ${name}.`],
    })),
  );
  const line = objective === undefined ? [] : [beginsToWait(objective)];
  return merged([...guarded, ...(up ?? []), ...waking, ...line]);
}

const beginsToWait = ({ backlog }: Objective): Cause => ({
  condition: { signal: backlog, comparison: "above", threshold: 0, for: 0 },
  severity: "info",
  names: [backlog],
  purposes: ["Work begins to wait, and the objective says for how long it may."],
});

/** One cause for each condition; the gravest use of it comes first and gives the severity. */
function merged(causes: readonly Cause[]): readonly Cause[] {
  const byCondition = new Map<string, Cause>();
  for (const cause of causes) {
    const { signal, comparison, threshold, for: held } = cause.condition;
    const key = `${signal} ${comparison} ${threshold} ${held}`;
    const known = byCondition.get(key);
    byCondition.set(key, known === undefined ? cause : joined(known, cause));
  }
  return [...byCondition.values()];
}

const joined = (first: Cause, second: Cause): Cause => ({
  ...first,
  names: [...new Set([...first.names, ...second.names])],
  purposes: [...first.purposes, ...second.purposes],
});
