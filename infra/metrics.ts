// The metrics that alarms and the dashboard look at, as the functions emit them.
import { Duration, Stack } from "aws-cdk-lib";
import { type IMetric, MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Count } from "../shared/telemetry/telemetry.ts";

/** `shared/telemetry/powertools.ts`: every count has the service and, if it has one, its reason. */
export const NAMESPACE = "vramp";

/** By what name the functions of a stack count, which no other stack in its account and region has. */
export const serviceOf = (scope: Construct): string => Stack.of(scope).stackName;

/** How often one would look. */
const PERIOD = Duration.minutes(5);

const counted = (service: string, name: Count, reason: string, period: Duration): Metric =>
  new Metric({
    namespace: NAMESPACE,
    metricName: name,
    dimensionsMap: { service, reason },
    statistic: Stats.SUM,
    period,
  });

/** Metrics together, each of which may have no data most of the time. */
export function sumOf(metrics: readonly IMetric[], label: string, period = PERIOD): MathExpression {
  const each = metrics.map((metric, i) => [`m${i}`, metric] as const);
  return new MathExpression({
    expression: `SUM([${each.map(([id]) => `FILL(${id}, 0)`).join(", ")}])`,
    usingMetrics: Object.fromEntries(each),
    label,
    period,
  });
}

/** A count, over some of its reasons. Each is a metric of its own. */
export const countOf = (
  service: string,
  name: Count,
  reasons: readonly string[],
  label: string,
  period = PERIOD,
): MathExpression =>
  sumOf(
    reasons.map((reason) => counted(service, name, reason, period)),
    label,
    period,
  );

/** Runs that ended well. Filled, because CloudWatch looks further back than asked before it calls a gap missing data. */
export function successes(lambda: IFunction, period: Duration): MathExpression {
  return new MathExpression({
    expression: "FILL(ran, 0) - FILL(failed, 0)",
    usingMetrics: { ran: lambda.metricInvocations({ period }), failed: lambda.metricErrors({ period }) },
    label: "ran well",
    period,
  });
}

/** A search for all reasons of a count, a line each: for graphs, alarms cannot search. */
export const byReason = (service: string, name: Count): IMetric =>
  new MathExpression({
    expression: `SEARCH('{${NAMESPACE},service,reason} MetricName="${name}" service="${service}"', 'Sum', ${PERIOD.toSeconds()})`,
    usingMetrics: {},
    label: "",
    period: PERIOD,
  });
