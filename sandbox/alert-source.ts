import { createHash } from "node:crypto";
import type { Clock } from "../shared/model/clock.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";
import type { EpochSeconds } from "../shared/policy/units.ts";
import { rfc3339 } from "../shared/reconcile/rfc3339.ts";
import { alertNames } from "../shared/rules/alert-names.ts";
import { type Cause, causesOf } from "../shared/rules/causes.ts";
import type { MetricStore } from "./fleet/metrics.ts";
import { evaluateRange } from "./promql.ts";

/** What the alert source has just delivered. */
export interface Delivered {
  readonly name: string;
  readonly workload: string;
  readonly status: "firing" | "resolved";
  /** What the webhook answered; null when it did not. */
  readonly answer: number | null;
}

export interface AlertSourceOptions {
  readonly policy: Policy;
  readonly store: MetricStore;
  readonly now: Clock;
  readonly webhook: string;
  readonly token: string;
  readonly onDelivered: (delivered: Delivered) => void;
}

interface Rule {
  readonly name: string;
  readonly workload: string;
  readonly query: string;
  readonly condition: Cause["condition"];
  /** Since when the condition is true; null while it is not. */
  since: EpochSeconds | null;
  firing: boolean;
}

/** What Alertmanager gives as the end of an alert that has not ended. */
const NO_END = "0001-01-01T00:00:00Z";

function rulesOf(policy: Policy): Rule[] {
  return Object.entries(policy.workloads).flatMap(([workload, spec]) => {
    const causes = causesOf(spec);
    const names = alertNames(workload, spec.alerts, causes);
    return causes.flatMap(({ condition }, i): Rule[] => {
      const query = policy.signals[condition.signal]?.query;
      return query === undefined
        ? []
        : [{ name: names[i] ?? "unnamed", workload, query, condition, since: null, firing: false }];
    });
  });
}

/** One alert in the body that Alertmanager posts, version 4. */
function bodyOf(rule: Rule, at: EpochSeconds): string {
  const status = rule.firing ? "firing" : "resolved";
  const labels = { alertname: rule.name, severity: "warning", vramp_workload: rule.workload };
  const fingerprint = createHash("sha256").update(JSON.stringify(labels)).digest("hex").slice(0, 16);
  const startsAt = rfc3339(rule.since ?? at);
  const endsAt = rule.firing ? NO_END : rfc3339(at);
  const alert = { status, labels, annotations: {}, startsAt, endsAt, generatorURL: "", fingerprint };
  return JSON.stringify({
    receiver: "vramp",
    status,
    alerts: [alert],
    groupLabels: { vramp_workload: rule.workload },
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: "",
    version: "4",
    groupKey: `{}:{vramp_workload="${rule.workload}"}`,
    truncatedAlerts: 0,
  });
}

/** Plays Prometheus' rules and Alertmanager: watches the policy's conditions and posts when one fires or ends. */
export function createAlertSource({ policy, store, now, webhook, token, onDelivered }: AlertSourceOptions) {
  const rules = rulesOf(policy);

  function holds({ condition, query }: Rule, at: EpochSeconds): boolean {
    const [series] = evaluateRange(query, { start: at, end: at, step: 1, lookback: 60 }, store);
    const value = series?.values.at(-1)?.[1];
    if (value === undefined) return false;
    return condition.comparison === "above" ? value > condition.threshold : value < condition.threshold;
  }

  async function deliver(rule: Rule, at: EpochSeconds): Promise<void> {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const answer = await fetch(webhook, { method: "POST", headers, body: bodyOf(rule, at) }).then(
      (response) => response.status,
      () => null,
    );
    onDelivered({ name: rule.name, workload: rule.workload, status: rule.firing ? "firing" : "resolved", answer });
  }

  return {
    /** Looks once at every rule, and posts what has changed. */
    async evaluate(): Promise<void> {
      const at = now();
      for (const rule of rules) {
        if (holds(rule, at)) rule.since ??= at;
        else if (!rule.firing) rule.since = null;
        const held = rule.since !== null && at - rule.since >= rule.condition.for;
        const fires = held && holds(rule, at);
        if (fires === rule.firing) continue;
        rule.firing = fires;
        await deliver(rule, at);
        if (!fires) rule.since = null;
      }
    },
  };
}
