import { createHash } from "node:crypto";
import type { Wake } from "../../shared/model/observation.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { clean } from "../../shared/telemetry/telemetry.ts";
import type { Alert, AlertNotification } from "./alertmanager.ts";
import { COALESCE } from "./limits.ts";

/** The label by which an alert names its workload outright. `vramp rules` sets it. */
const WORKLOAD_LABEL = "vramp_workload";

/** The alert by which the stack tries the way of alerts every hour (`functions/canary`). It is of no workload. */
export const CANARY = "VrampCanary";

export interface Routed {
  readonly wakes: readonly Wake[];
  /** Alerts that name no workload of the policy, but for canaries. */
  readonly ignored: number;
  readonly canaries: number;
}

const own = (labels: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(labels, name) ? labels[name] : undefined;

/** The workloads an alert wakes: the one its label names, or every one that lists its name. */
function workloadsOf(alert: Alert, policy: Policy): readonly string[] {
  const named = own(alert.labels, WORKLOAD_LABEL);
  if (named !== undefined) return Object.hasOwn(policy.workloads, named) ? [named] : [];
  const name = own(alert.labels, "alertname") ?? "";
  return Object.entries(policy.workloads).flatMap(([id, w]) => (w.alerts.includes(name) ? [id] : []));
}

const identity = (alert: Alert): string => `${alert.fingerprint}|${alert.status}|${alert.startsAt}`;

/**
 * Turns a notification into at most one wake-up for each workload. Nothing of the body but a workload's name and, for
 * people, the alerts' names goes any further. A truncated body hides alerts, so it wakes every workload.
 */
export function route(body: AlertNotification, policy: Policy, now: EpochSeconds): Routed {
  const byWorkload = new Map<string, Alert[]>();
  let ignored = 0;
  let canaries = 0;
  for (const alert of body.alerts) {
    const workloads = workloadsOf(alert, policy);
    if (own(alert.labels, "alertname") === CANARY) canaries += 1;
    else if (workloads.length === 0) ignored += 1;
    for (const id of workloads) byWorkload.set(id, [...(byWorkload.get(id) ?? []), alert]);
  }
  if (body.truncatedAlerts > 0) {
    for (const id of Object.keys(policy.workloads)) if (!byWorkload.has(id)) byWorkload.set(id, []);
  }
  const bucket = Math.floor(now / COALESCE);
  const wakes = [...byWorkload].map(([workload, alerts]): Wake => {
    const names = [...new Set(alerts.map((a) => `${own(a.labels, "alertname") ?? "unnamed"} ${a.status}`))];
    const facts = [workload, bucket, ...alerts.map(identity).sort()];
    const key = createHash("sha256").update(JSON.stringify(facts)).digest("hex");
    return { workload, trigger: "alert", cause: clean(names.join(", ") || "truncated notification"), at: now, key };
  });
  return { wakes, ignored, canaries };
}
